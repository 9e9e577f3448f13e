// What a page of the development server does with models, without a page: `import.meta.hot` is played.

import { expect, test } from "vitest";
import { keeping, type Hot, type HotModel } from "../../compiler/tools/plugin/hot.js";

type Listener = Parameters<Hot["on"]>[1];

/** A module's place in Vite's client: its data stay, its listeners go when it runs once more. */
function client() {
  const data: Hot["data"] = {};
  let listeners = new Map<string, Listener>();
  return {
    evaluated(): Hot {
      listeners = new Map();
      return { data, on: (event, listener) => void listeners.set(event, listener) };
    },
    async changed(...names: string[]): Promise<void> {
      await listeners.get("tapeless:changed")?.(names);
      await listeners.get("vite:beforeUpdate")?.([]);
    },
  };
}

interface Making {
  readonly seed?: number;
  readonly parameters?: object;
}

/** A model of one number and one counter. */
const maker =
  ({ naming = "source", name = "w", dtype = "float32", size = 1 } = {}) =>
  ({ seed = 0 }: Making = {}): HotModel => ({
    spec: {
      naming,
      parameters: { [name]: { shape: [size], dtype } },
      states: { count: { shape: [], dtype: "int32" } },
    },
    parameters: { [name]: dtype === "float64" ? new Float64Array(size).fill(seed) : new Float32Array(size).fill(seed) },
    states: { count: Int32Array.of(seed) },
    dispose() {},
  });

const numbers = (model: HotModel): number[] => [...Object.values(model.parameters)[0]!, model.states.count![0]!];

test("what fits by name, shape and type is taken over, and only that", async () => {
  for (const [next, taken] of [
    [maker(), [7, 7]],
    [maker({ size: 2 }), [1, 1, 7]],
    [maker({ dtype: "float64" }), [1, 7]],
    [maker({ name: "v" }), [1, 7]],
    [maker({ naming: "ordinals" }), [1, 1]],
  ] as const) {
    const { evaluated, changed } = client();
    const create = (await keeping(evaluated(), "a"))(maker());
    create({ seed: 7 });
    await changed("a");
    expect(numbers((await keeping(evaluated(), "a"))(next)({ seed: 1 }))).toEqual(taken);
  }
});

test("the change of another definition changes nothing", async () => {
  const { evaluated, changed } = client();
  (await keeping(evaluated(), "a"))(maker())({ seed: 7 });
  await changed("b");
  expect(numbers((await keeping(evaluated(), "a"))(maker())({ seed: 1 }))).toEqual([1, 1]);
});

test("models that are waited for keep their place in the order of the calls", async () => {
  const { evaluated, changed } = client();
  const keep = await keeping(evaluated(), "a");
  const create = keep(maker());
  const createLater = keep(async (options?: Making) => maker()(options));
  const late = createLater({ seed: 1 });
  create({ seed: 2 });
  await late;
  // One that has not come yet has learned nothing.
  void keep(() => new Promise<HotModel>(() => {}))();
  await changed("a");
  const next = (await keeping(evaluated(), "a"))(maker());
  expect([next(), next(), next({ seed: 9 })].map((model) => numbers(model)[0])).toEqual([1, 2, 9]);
});

test("models that were disposed of do not count, those that nobody asked for yet do, and parameters that are given stay", async () => {
  const { evaluated, changed } = client();
  const create = (await keeping(evaluated(), "a"))(maker());
  const [, second] = [1, 2, 3].map((seed) => create({ seed }));
  second!.dispose();
  second!.dispose();
  await changed("a");
  const next = (await keeping(evaluated(), "a"))(maker());
  expect(numbers(next())).toEqual([1, 1]);
  await changed("a");
  const last = (await keeping(evaluated(), "a"))(maker());
  expect([last(), last({ seed: 5, parameters: {} }), last()].map((model) => numbers(model)[0])).toEqual([1, 5, 0]);
});

test("of more than sixteen models the last sixteen are followed", async () => {
  const { evaluated, changed } = client();
  const create = (await keeping(evaluated(), "a"))(maker());
  const all = Array.from({ length: 20 }, (_, i) => create({ seed: i + 1 }));
  // It is not followed any more, and takes none of the others along.
  all[0]!.dispose();
  await changed("a");
  const next = (await keeping(evaluated(), "a"))(maker());
  expect(Array.from({ length: 17 }, () => numbers(next())[0])).toEqual([
    ...Array.from({ length: 16 }, (_, i) => i + 5),
    0,
  ]);
});

test("a model that lets go of what another lives in was copied before", async () => {
  const { evaluated, changed } = client();
  const memory = new Float32Array(1);
  const inMemory = (options?: Making): HotModel => {
    memory[0] = options?.seed ?? 0;
    return { ...maker()(), parameters: { w: memory } };
  };
  (await keeping(evaluated(), "a"))(inMemory)({ seed: 7 });
  await changed("a");
  expect(numbers((await keeping(evaluated(), "a"))(inMemory)({ seed: 1 }))[0]).toBe(7);
});
