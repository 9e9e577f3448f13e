// Runs in a page of Vite's development server: when a definition changes, models made of the new module take over what those
// of the old one have learned, whether the page's own module is replaced or the page is loaded anew. Imports nothing.

type View = Float32Array | Float64Array | Int32Array;
type Views = Readonly<Record<string, View>>;
type Described = Readonly<Record<string, { readonly shape: readonly unknown[]; readonly dtype: string }>>;

/** What is used of a model. */
export interface HotModel {
  readonly spec: { readonly naming: string; readonly parameters: Described; readonly states: Described };
  readonly parameters: Views;
  readonly states: Views;
  dispose(): void;
}

/** What is used of `import.meta.hot`. */
export interface Hot {
  readonly data: { handed?: readonly Kept[] };
  on(event: string, listener: (payload: readonly string[]) => unknown): void;
}

type Group = "parameters" | "states";
type Values = Readonly<Record<string, { readonly shape: string; readonly dtype: string; readonly values: View }>>;

/** What a model has learned. */
interface Kept {
  readonly naming: string;
  readonly parameters: Values;
  readonly states: Values;
}

type Options = { readonly parameters?: unknown } | undefined;
type Create<M> = (options?: Options) => M;

/** More models than these are not followed: those made last count. */
const FOLLOWED = 16;

/**
 * Gives functions that make models what they need to take over weights. `name` is the definition, as messages and the server call it.
 * What is to be taken over is what the models of the module's version before have learned, in the order in which they were made, or
 * those of the page that was left for this one.
 */
export async function keeping(hot: Hot, name: string): Promise<<F>(create: F) => F> {
  // In the order of the calls, some of which may still be waited for.
  const made: { model?: HotModel }[] = [];
  const { handed } = hot.data;
  delete hot.data.handed;
  const before = [...(handed ?? (await restored(name).catch(() => [])))];
  if (handed) forget(name);
  let isChanging = false;
  const all = (): readonly Kept[] => [...made.flatMap(({ model }) => (model ? [keptOf(model)] : [])), ...before];
  hot.on("tapeless:changed", (names) => void (isChanging ||= names.includes(name)));
  hot.on("vite:beforeUpdate", async () => {
    if (!isChanging) return;
    hot.data.handed = all();
    // Behind an error's overlay the first update loads the page anew.
    if (globalThis.document?.querySelector("vite-error-overlay")) await store(name, all());
  });
  hot.on("vite:beforeFullReload", async () => {
    if (isChanging) await store(name, all());
  });

  return (create) =>
    ((options: Options) => {
      const place: { model?: HotModel } = {};
      made.push(place);
      if (made.length > FOLLOWED) made.shift();
      const kept = before.shift();
      const follow = (model: HotModel): HotModel => {
        if (kept && options?.parameters === undefined) take(name, model, kept);
        const leave = (): void => {
          const at = made.indexOf(place);
          if (at >= 0) made.splice(at, 1);
        };
        return (place.model = letGo(model, leave));
      };
      const model = (create as Create<HotModel | Promise<HotModel>>)(options);
      return model instanceof Promise ? model.then(follow) : follow(model);
    }) as typeof create;
}

/** The model, which says when it is let go of. */
function letGo(model: HotModel, disposed: () => void): HotModel {
  const dispose = (): void => {
    disposed();
    model.dispose();
  };
  const own = { ...Object.getOwnPropertyDescriptors(model), dispose: { enumerable: true, value: dispose } };
  return Object.freeze(Object.defineProperties({} as HotModel, own));
}

const GROUPS: readonly Group[] = ["parameters", "states"];

/** A copy: the memory of a model may be given to the next one. */
function keptOf({ spec, parameters, states }: HotModel): Kept {
  const copy = (views: Views, described: Described): Values =>
    Object.fromEntries(
      Object.entries(views).map(([name, view]) => {
        const { shape, dtype } = described[name]!;
        return [name, { shape: JSON.stringify(shape), dtype, values: view.slice() }];
      }),
    );
  return {
    naming: spec.naming,
    parameters: copy(parameters, spec.parameters),
    states: copy(states, spec.states),
  };
}

/** Writes into the model what fits by name, shape and type; the rest of it stays new. */
function take(name: string, model: HotModel, kept: Kept): void {
  const anew: string[] = [];
  if (model.spec.naming === kept.naming)
    for (const group of GROUPS)
      for (const [key, view] of Object.entries(model[group])) {
        const { shape, dtype } = model.spec[group][key]!;
        const found = Object.hasOwn(kept[group], key) ? kept[group][key] : undefined;
        if (found?.shape === JSON.stringify(shape) && found.dtype === dtype) view.set(found.values);
        else if (group === "parameters") anew.push(key);
      }
  const what =
    model.spec.naming === kept.naming ? anew.join(", ") || "nothing" : "everything: names are of another kind";
  // eslint-disable-next-line no-console -- for who develops the page
  console.debug(`[tapeless] ${name}: weights kept; anew: ${what}`);
}

/** What is probably not meant, as the plugin tells it. */
export interface Warnings {
  readonly name: string;
  /** May they be shown over the page? */
  readonly overlay: boolean;
  readonly warnings: readonly {
    readonly message: string;
    readonly frame?: string;
    readonly loc?: object;
    /** In one line, for the console. */
    readonly line: string;
  }[];
}

const TOLD = "tapeless:told:";

/** Tells of warnings in the console, and once in a tab over the page, which goes on below, as Vite does of errors. */
export function warn({ name, overlay, warnings }: Warnings): void {
  // eslint-disable-next-line no-console -- for who develops the page
  for (const { line } of warnings) console.warn(`[tapeless] ${line}`);
  const session = sessionOf();
  const all = warnings.map(({ message }) => message).join("\n\n");
  if (!session || session.getItem(TOLD + name) === all) return;
  const Overlay = globalThis.customElements?.get("vite-error-overlay") as
    (new (error: object) => HTMLElement) | undefined;
  if (warnings.length > 0 && overlay && Overlay && !document.querySelector("vite-error-overlay")) {
    const [first] = warnings;
    const shown = warnings.length === 1 ? first : { ...first, frame: undefined };
    document.body.append(new Overlay({ ...shown, message: `warning  ${all}`, plugin: "tapeless", stack: "" }));
  }
  session.setItem(TOLD + name, all);
}

const FLAG = "tapeless:kept:";
const DATABASE = "tapeless-development";
const STORE = "kept";
const HOUR = 3_600_000;

/** Lays down what models have learned for the page that comes next in this tab. */
async function store(name: string, kept: readonly Kept[]): Promise<void> {
  const session = sessionOf();
  if (kept.length === 0 || !session) return;
  const key = Date.now() + Math.random();
  await inStore((records) => {
    // What other tabs have left and never fetched.
    records.delete(IDBKeyRange.upperBound(key - HOUR));
    return records.put(kept, key);
  });
  session.setItem(FLAG + name, String(key));
}

async function restored(name: string): Promise<readonly Kept[]> {
  const key = Number(sessionOf()?.getItem(FLAG + name) ?? NaN);
  if (Number.isNaN(key)) return [];
  forget(name);
  const kept = await inStore((records) => records.get(key) as IDBRequest<readonly Kept[] | undefined>);
  await inStore((records) => records.delete(key));
  return kept ?? [];
}

const forget = (name: string): void => sessionOf()?.removeItem(FLAG + name);

/** What this tab keeps; undefined in a worker, and in a frame that may keep nothing. */
function sessionOf(): Storage | undefined {
  try {
    return globalThis.sessionStorage;
  } catch {
    return undefined;
  }
}

/** undefined where the browser keeps nothing, as in a private window: then weights begin anew. */
function inStore<T>(act: (records: IDBObjectStore) => IDBRequest<T>): Promise<T | undefined> {
  return new Promise((resolve) => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    opening.onerror = () => resolve(undefined);
    opening.onsuccess = () => {
      const database = opening.result;
      const transaction = database.transaction(STORE, "readwrite");
      const request = act(transaction.objectStore(STORE));
      const end = (result: T | undefined) => (): void => {
        database.close();
        resolve(result);
      };
      transaction.oncomplete = () => end(request.result)();
      transaction.onerror = end(undefined);
      transaction.onabort = end(undefined);
    };
  });
}
