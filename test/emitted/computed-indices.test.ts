// Indices that are computed: in range they are what the interpreter makes of them; out of range the entry throws, nothing outside
// of the tensor is read or written, and parameters and states are what they were.

import { describe, expect, test } from "vitest";
import { createInterpreter } from "../../compiler/interpret.js";
import { hasComputed } from "../../compiler/ir/computed.js";
import { callsOf } from "../../compiler/ir/walk.js";
import { compile, type Model, type TargetName } from "../../compiler/compile.js";
import { planned } from "../../compiler/pipeline.js";
import type { Network } from "../../src/graph/network.js";
import * as tapeless from "../../src/index.js";
import type { Tensor } from "../../src/index.js";
import { faultOf } from "./checked.js";
import { expectEntry, expectState, pairOf, type Float, type Pair } from "./harness.js";
import { once } from "./once.js";

const { add, addAt, adam, cast, clip, concat, constant, dense, embedding, input, mean, mul, network } = tapeless;
const {
  pad,
  parameter,
  pick,
  reshape,
  scan,
  scatterAdd,
  segmentMax,
  segmentSoftmax,
  sgd,
  sort,
  square,
  sub,
  sum,
  take,
  takeAlong,
  tanh,
} = tapeless;

type Any = never;

const CAPACITY = 4;
const table = (rows = 5): Tensor => parameter([rows, 3], 0.3, { name: "table" }) as Tensor;
/** Whole numbers that come as floats. */
const given = (): Tensor => input("g", ["batch"]) as Tensor;
const whole = (x: Tensor): Tensor => cast(x as Any, "int32") as Tensor;

const trained = (y: Tensor, optimizer = sgd({ rate: 0.1 })): Network =>
  network("computed", { batch: CAPACITY, outputs: { y }, loss: mean(square(y)) as Tensor<[]>, optimizer });

/** Networks of one input `g`, of which 0 to 4 are in range and -32 and 100 are not. */
const networks = once<() => Network>({
  take: () => trained(take(table(), whole(given())) as Tensor),
  "take along a second axis": () => {
    const w = parameter([3, 5], 0.2, { name: "w" });
    const along = take(w, whole(given()), { axis: 1 }) as Tensor;
    return network("computed", { batch: CAPACITY, outputs: { y: sum(along, { axis: 0 }), along } as Any });
  },
  "take of a shifted id": () => {
    const id = sub(add(whole(given()), 100) as Any, 100) as Tensor;
    return trained(take(table(), whole(id) as Any) as Tensor);
  },
  scatterAdd: () => trained(scatterAdd(dense(fill1(), 3, { name: "layer" }) as Any, whole(given()), 5) as Tensor),
  pick: () => trained(pick(dense(fill1(), 5, { name: "layer" }) as Any, whole(given())) as Tensor),
  takeAlong: () => {
    const layer = dense(fill1(), 5, { name: "layer" });
    return trained(takeAlong(layer as Any, reshape(whole(given()) as Any, ["batch", 1] as Any) as Any) as Tensor);
  },
  segmentMax: () =>
    trained(segmentMax(dense(fill1(), 3, { name: "layer" }), whole(given()), 5, { empty: 0 }) as Tensor),
  segmentSoftmax: () => {
    const layer = dense(fill1(), 3, { name: "layer" });
    return trained(mul(segmentSoftmax(layer, whole(given()), 5), layer) as Tensor);
  },
  addAt: () => {
    const added = dense(fill1(), 3, { name: "layer" }) as Tensor;
    return trained(addAt(table() as Any, whole(given()) as Any, added as Any) as Tensor);
  },
  "an embedding under a guard": () => {
    const seen = tanh(take(table(), whole(given())) as Tensor) as Tensor;
    return trained(
      pad(
        seen as Any,
        [
          [0, 0],
          [1, 1],
        ] as Any,
      ) as Tensor,
    );
  },
  "inside a recurrence": () => {
    const layer = dense(fill1(), 3, { name: "layer" }) as Tensor;
    const ids = reshape(given() as Any, ["batch", 1] as Any) as Tensor;
    const step = ([h]: readonly Tensor[], [id]: readonly Tensor[]) => {
      const next = tanh(add(h as Any, take(table1, whole(id!)) as Any) as Tensor) as Tensor;
      return { carries: [next], outputs: [next] };
    };
    const table1 = table();
    const { carries } = scan(step as Any, [layer], [ids], { axis: 1 });
    return trained(carries[0] as Tensor, adam({ rate: 0.1 }) as Any);
  },
  "a single number": () => {
    const w = parameter([5], 0.3, { name: "w" });
    const one = take(w as Any, whole(given()) as Any) as Tensor;
    return trained(mul(one, parameter([], 0.5, { name: "scale" }) as Any) as Tensor, adam({ rate: 0.1 }) as Any);
  },
  "two tables, one id, momentum": () => {
    const id = whole(given());
    const other = parameter([5, 2], 0.1, { name: "other" });
    const layer = dense(fill1(), 2, { name: "layer" }) as Tensor;
    const y = concat([take(table(), id), take(other, id), layer] as Any, { axis: 1 }) as Tensor;
    return trained(y, adam({ rate: 0.1 }) as Any);
  },
});

function fill1(): Tensor {
  return input("x", ["batch", 2]) as Tensor;
}

const BUILDS: readonly { target: TargetName; dtype: Float; threads: number }[] = [
  { target: "typescript", dtype: "float32", threads: 1 },
  { target: "typescript", dtype: "float64", threads: 1 },
  { target: "wasm", dtype: "float32", threads: 1 },
  { target: "wasm", dtype: "float64", threads: 1 },
  { target: "wasm", dtype: "float32", threads: 2 },
];

const ENTRIES = ["predict", "loss", "gradients", "step"];

function put(pair: Pick<Pair, "model" | "reference">, ids: readonly number[]): void {
  for (const side of [pair.model, pair.reference]) {
    for (let i = 0; i < CAPACITY; i++) {
      side.inputs["g"]![i] = ids[i % ids.length]!;
      for (const k of [0, 1]) if (side.inputs["x"]) side.inputs["x"]![2 * i + k] = 0.25 * i - 0.5 * k;
    }
  }
}

const bytesOf = (model: Model): number[][] =>
  [model.parameters, model.states, model.inputs].flatMap((group) =>
    Object.values(group).map((view) => Array.from(view)),
  );

describe.each(BUILDS)("$target, $dtype, $threads", ({ target, dtype, threads }) => {
  test.each(Object.entries(networks))("%s", (_, build) => {
    const declared = build();
    const compiled = compile(declared, { target, dtype });
    const model = compiled.create({ seed: 2, ...(target === "wasm" && { threads }) });
    const reference = createInterpreter(declared, { seed: 2, parameters: model.parameters });
    const pair: Pair = { dtype, compiled, model, reference };
    const entries = ENTRIES.filter((entry) => entry in model);
    for (const rows of [CAPACITY, 1, 3]) {
      put(pair, [4, 0, 2, 2]);
      for (const entry of entries) expectEntry(pair, entry, rows);
      expectState(pair);
      for (const bad of [-32, 100, 5, -1]) {
        // The last row of the call is at fault; rows beyond it are not looked at.
        const ids = Array.from({ length: CAPACITY }, (_, i) => (i < rows - 1 ? 1 : bad));
        put(pair, ids);
        const before = bytesOf(model);
        for (const entry of entries) {
          const says = new RegExp(`: a computed index must be an integer from 0 to 4, but it is ${bad}$`);
          expect(() => (model[entry] as (rows: number) => unknown)(rows), entry).toThrow(says);
          expect(() => reference.run(entry, rows), entry).toThrow(/INDEX_OUT_OF_RANGE/);
          expect(bytesOf(model), entry).toEqual(before);
        }
      }
      put(pair, [3, 1, 0, 4]);
      for (const entry of entries) expectEntry(pair, entry, rows);
      expectState(pair);
    }
    model.dispose();
  });

  test("the error has a code", () => {
    const model = compile(networks["take"]!(), { target, dtype }).create();
    model.inputs["g"]!.fill(7);
    let code: unknown;
    try {
      model.predict(1);
    } catch (error) {
      code = (error as { code?: unknown }).code;
    }
    expect(code).toBe("INDEX_OUT_OF_RANGE");
  });
});

/** Where every entry in range is the same number, the entry is asked for all the same. */
const alike: Readonly<Record<string, () => Tensor>> = {
  "one row": () => take(table(1), whole(given())) as Tensor,
  "one row that is computed": () => take(tanh(table(1) as Any) as Any, whole(given())) as Tensor,
  "one row of another shape": () =>
    take(reshape(tanh(parameter([3], 0.3, { name: "w" })) as Any, [1, 3] as Any) as Any, whole(given())) as Tensor,
  "one column": () => pick(mul(dense(fill1(), 1, { name: "layer" }) as Any, 2) as Any, whole(given())) as Tensor,
  copies: () =>
    take(tapeless.broadcast(parameter([3], 0.3, { name: "w" }) as Any, [1, 3] as Any) as Any, whole(given())) as Tensor,
};

describe.each(BUILDS)("$target, $dtype, $threads: an axis of one entry", ({ target, dtype, threads }) => {
  test.each(Object.entries(alike))("%s", (_, build) => {
    const model = compile(trained(build()), { target, dtype }).create(target === "wasm" ? { threads } : {});
    model.inputs["g"]!.fill(0);
    expect(() => model.predict(CAPACITY)).not.toThrow();
    for (const bad of [1, -1, 100]) {
      model.inputs["g"]![CAPACITY - 1] = bad;
      for (const entry of ENTRIES)
        expect(() => (model[entry] as (rows: number) => unknown)(CAPACITY), entry).toThrow(`, but it is ${bad}`);
    }
    model.dispose();
  });
});

test.each(["typescript", "wasm"] as const)("%s: no access is at fault", (target) => {
  for (const build of Object.values(networks)) {
    expect(faultOf(build(), { target, dtype: "float32" }, { g: [0, 4.99] })).toBeUndefined();
  }
});

describe("what is looked at", () => {
  const looks = (y: unknown): boolean => {
    const { spec } = planned(network("asked", { batch: CAPACITY, outputs: { y: y as Any } }), {});
    return spec.entries.some(({ program }) => callsOf(program.items).some(({ kernel }) => hasComputed(kernel)));
  };
  const ids = (below: number): Tensor => input("ids", ["batch"], { dtype: "int32", below }) as Tensor;

  test("not what is known to be in range", () => {
    expect(looks(take(table(), ids(5)))).toBe(false);
    expect(looks(embedding(ids(5), 5, 2, { name: "e" }))).toBe(false);
    expect(looks(take(table(), constant([0, 4], { dtype: "int32" })))).toBe(false);
    expect(looks(take(table(), whole(add(ids(3), 2) as Tensor)))).toBe(false);
    expect(looks(take(table(), whole(clip(ids(50) as Any, 0, 4) as Tensor)))).toBe(false);
    expect(looks(take(table(), whole(sub(4, ids(5)) as Tensor)))).toBe(false);
  });

  test("what may be out of range", () => {
    expect(looks(take(table(), whole(add(ids(3), 3) as Tensor)))).toBe(true);
    expect(looks(take(table(), whole(sub(ids(5), 1) as Tensor)))).toBe(true);
    expect(looks(take(table(), whole(mul(ids(3), 3) as Tensor)))).toBe(true);
    expect(looks(take(table(), whole(given())))).toBe(true);
  });

  test("not what is sorted by: positions are counted", () => {
    expect(looks(sort(dense(fill1(), 4, { name: "layer" }) as Any))).toBe(false);
  });
});

test("negative control: a pair of another id is seen", () => {
  const pair = pairOf(networks["take"]!(), { dtype: "float64" });
  put(pair, [1]);
  pair.reference.inputs["g"]![0] = 2;
  for (const side of [pair.model, pair.reference]) side.parameters["table"]![6] = 9;
  expect(() => expectEntry(pair, "predict", 1)).toThrow(/outputs/);
});
