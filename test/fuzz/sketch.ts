// A network as data: a list of calls of the language's exports. It is drawn, built, printed as a definition, and made smaller.

/** The value of a step, or a part of it: `{ $ref: 3, path: ["carries", 0] }`. */
export interface Ref {
  readonly $ref: number;
  readonly path?: readonly (string | number)[];
}

/** An export itself, such as `relu` for an activation. */
export interface Named {
  readonly $fn: string;
}

/** What is called: an export, what a call gives, or a function that a step has made. */
export type Callee = string | Call | Ref;

/** A call in place: `normal(0, 0.5)`. */
export interface Call {
  readonly $call: Callee;
  readonly args: readonly Arg[];
}

/** Names of parameters, as they are taken apart: `([h], [x]) =>` is [[1], [2]]. */
export type Pattern = number | readonly Pattern[];

/** A function that the definition gives to a call. */
export interface Lambda {
  readonly $lambda: readonly Pattern[];
  readonly body: readonly Step[];
  readonly result: Arg;
}

/** What stands as an argument; numbers, strings and the like for themselves. */
export type Arg =
  number | string | boolean | null | Ref | Named | Call | Lambda | readonly Arg[] | { readonly [key: string]: Arg };

/** `const v3 = matmul(v1, v2);` */
export interface Step {
  readonly id: number;
  readonly call: Callee;
  readonly args: readonly Arg[];
}

export interface TrainingStep {
  readonly loss: Arg;
  readonly optimizer: Arg;
  readonly parameters?: Arg;
}

export interface Sketch {
  readonly capacity: number;
  readonly steps: readonly Step[];
  readonly outputs: Readonly<Record<string, Arg>>;
  /** One of the name `step` is written in the short form. */
  readonly training: Readonly<Record<string, TrainingStep>>;
  readonly metrics: Readonly<Record<string, Arg>>;
  /** Entries of the network's own: the outputs of each. */
  readonly entries: Readonly<Record<string, Readonly<Record<string, Arg>>>>;
}

export const isList = (arg: Arg): arg is readonly Arg[] => Array.isArray(arg);
const isObject = (arg: Arg): arg is { readonly [key: string]: Arg } => typeof arg === "object" && arg !== null;
export const isRef = (arg: Arg): arg is Ref => isObject(arg) && "$ref" in arg;
export const isNamed = (arg: Arg): arg is Named => isObject(arg) && "$fn" in arg;
export const isCall = (arg: Arg): arg is Call => isObject(arg) && "$call" in arg;
export const isLambda = (arg: Arg): arg is Lambda => isObject(arg) && "$lambda" in arg;
/** A list or an object of options, and nothing of the above. */
export const isOptions = (arg: Arg): arg is { readonly [key: string]: Arg } =>
  isObject(arg) && !isList(arg) && !isRef(arg) && !isNamed(arg) && !isCall(arg) && !isLambda(arg);

/** Calls back for an argument and everything within it, outermost first. */
export function visit(arg: Arg, see: (arg: Arg) => void, seeStep: (step: Step) => void = () => {}): void {
  see(arg);
  const each = (list: readonly Arg[]): void => list.forEach((item) => visit(item, see, seeStep));
  if (isList(arg)) each(arg);
  else if (isCall(arg)) {
    if (typeof arg.$call !== "string") visit(arg.$call, see, seeStep);
    each(arg.args);
  } else if (isLambda(arg)) {
    for (const step of arg.body) visitStep(step, see, seeStep);
    visit(arg.result, see, seeStep);
  } else if (isOptions(arg)) each(Object.values(arg));
}

export function visitStep(step: Step, see: (arg: Arg) => void, seeStep: (step: Step) => void = () => {}): void {
  seeStep(step);
  if (typeof step.call !== "string") visit(step.call, see, seeStep);
  for (const arg of step.args) visit(arg, see, seeStep);
}

/** What stands outside of the steps. */
const rootsOf = ({ outputs, training, metrics, entries }: Sketch): Arg[] => [
  ...Object.values(outputs),
  ...Object.values(entries).flatMap((own) => Object.values(own)),
  ...Object.values(training).flatMap(({ loss, optimizer, parameters }) =>
    parameters === undefined ? [loss, optimizer] : [loss, optimizer, parameters],
  ),
  ...Object.values(metrics),
];

export function visitSketch(sketch: Sketch, see: (arg: Arg) => void, seeStep: (step: Step) => void = () => {}): void {
  for (const step of sketch.steps) visitStep(step, see, seeStep);
  for (const root of rootsOf(sketch)) visit(root, see, seeStep);
}

/** The same argument with parts replaced: `change` gives another one, or undefined to go on inside. */
function mapArg(arg: Arg, change: (arg: Arg) => Arg | undefined): Arg {
  const changed = change(arg);
  if (changed !== undefined) return changed;
  if (isList(arg)) return arg.map((item) => mapArg(item, change));
  if (isCall(arg)) {
    return { $call: mapCallee(arg.$call, change), args: arg.args.map((item) => mapArg(item, change)) };
  }
  if (isLambda(arg)) {
    return {
      $lambda: arg.$lambda,
      body: arg.body.map((step) => mapStep(step, change)),
      result: mapArg(arg.result, change),
    };
  }
  if (isOptions(arg)) {
    return Object.fromEntries(Object.entries(arg).map(([key, value]) => [key, mapArg(value, change)]));
  }
  return arg;
}

function mapCallee(call: Callee, change: (arg: Arg) => Arg | undefined): Callee {
  if (typeof call === "string") return call;
  const mapped = mapArg(call, change);
  // What takes a value's place need not be a function.
  return isRef(mapped) || isCall(mapped) ? mapped : call;
}

const mapStep = ({ id, call, args }: Step, change: (arg: Arg) => Arg | undefined): Step => ({
  id,
  call: mapCallee(call, change),
  args: args.map((arg) => mapArg(arg, change)),
});

export function mapSketch(sketch: Sketch, change: (arg: Arg) => Arg | undefined): Sketch {
  const map = (arg: Arg): Arg => mapArg(arg, change);
  const each = (record: Readonly<Record<string, Arg>>): Record<string, Arg> =>
    Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
  return {
    capacity: sketch.capacity,
    steps: sketch.steps.map((step) => mapStep(step, change)),
    outputs: each(sketch.outputs),
    metrics: each(sketch.metrics),
    entries: Object.fromEntries(Object.entries(sketch.entries).map(([name, own]) => [name, each(own)])),
    training: Object.fromEntries(
      Object.entries(sketch.training).map(([name, { loss, optimizer, parameters }]) => [
        name,
        {
          loss: map(loss),
          optimizer: map(optimizer),
          ...(parameters !== undefined && { parameters: map(parameters) }),
        },
      ]),
    ),
  };
}

/** Without the steps that nothing reads. */
export function withoutDead(sketch: Sketch): Sketch {
  const live = new Set<number>();
  const see = (arg: Arg): void => {
    if (isRef(arg)) live.add(arg.$ref);
  };
  for (const root of rootsOf(sketch)) visit(root, see);
  for (const step of [...sketch.steps].reverse()) if (live.has(step.id)) visitStep(step, see);
  const trim = (arg: Arg): Arg | undefined => {
    if (!isLambda(arg)) return undefined;
    const used = new Set<number>();
    const seeUsed = (inner: Arg): void => {
      if (isRef(inner)) used.add(inner.$ref);
    };
    visit(arg.result, seeUsed);
    const body: Step[] = [];
    for (const step of [...arg.body].reverse()) {
      if (!used.has(step.id)) continue;
      visitStep(step, seeUsed);
      body.unshift(mapStep(step, trim));
    }
    return { ...arg, body };
  };
  return mapSketch({ ...sketch, steps: sketch.steps.filter(({ id }) => live.has(id)) }, trim);
}

/** How often each export is called or named, in steps, options and functions. */
export function exportsOf(sketch: Sketch): Map<string, number> {
  const counts = new Map<string, number>();
  const count = (name: Callee): void => {
    if (typeof name === "string") counts.set(name, (counts.get(name) ?? 0) + 1);
  };
  visitSketch(
    sketch,
    (arg) => {
      if (isNamed(arg)) count(arg.$fn);
      if (isCall(arg)) count(arg.$call);
    },
    (step) => count(step.call),
  );
  return counts;
}
