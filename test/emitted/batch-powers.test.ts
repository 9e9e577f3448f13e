// Arrays over the batch to a power from 0 to 3: similarities within a batch, and the triplets of a batch.

import { describe, expect, test } from "vitest";
import type { TargetName } from "../../compiler/ir/choices.js";
import { planned } from "../../compiler/pipeline.js";
import { FunctionText } from "../../compiler/5-emit/wasm/text.js";
import { dimValue, type Scope } from "../../compiler/5-emit/wasm/scope.js";
import { verifySize } from "../../compiler/5-emit/wasm/sizes.js";
import { writeWasm } from "../../compiler/5-emit/wasm/target.js";
import { dim } from "../../src/graph/shape.js";
import * as tapeless from "../../src/index.js";
import type { Tensor } from "../../src/index.js";
import { count } from "../extent.js";
import { expectEntry, expectState, fill, pairOf, type Float } from "./harness.js";
import { compiledOf } from "./once.js";
import { powersOf } from "./neighbours.js";

const { add, cast, dense, equal, input, labels, matmul, mean, mul, network, relu, reshape, sgd } = tapeless;
const { square, sub, sum, transpose } = tapeless;

type Any = never;

/** The mean hinge over all triplets of a batch whose first two are of one class, and whose third is of another. */
function triplets(batch: number, features: number) {
  const x = input("x", ["batch", 3]);
  const e = dense(x, features, { name: "code" }) as Tensor;
  const kind = labels("kind", ["batch"], 3);
  const lengths = sum(square(e) as Tensor, { axis: 1 }) as Tensor;
  const seen = (t: unknown, ...shape: readonly (number | "batch")[]): Tensor =>
    reshape(t as Any, shape as Any) as Tensor;
  const distances = add(
    sub(seen(lengths, "batch", 1), mul(matmul(e as Any, transpose(e) as Any), 2) as Any) as Tensor,
    seen(lengths, 1, "batch") as Any,
  ) as Tensor;
  const same = cast(equal(seen(kind, "batch", 1) as Any, seen(kind, 1, "batch") as Any) as Any, "float32") as Tensor;
  const mask = mul(seen(same, "batch", "batch", 1), sub(1, seen(same, "batch", 1, "batch") as Any) as Any) as Tensor;
  const hinge = relu(
    add(sub(seen(distances, "batch", "batch", 1), seen(distances, "batch", 1, "batch") as Any) as Any, 0.2) as Tensor,
  );
  const loss = mean(mul(hinge, mask as Any) as Tensor) as Tensor<[]>;
  return network("triplets", { batch, outputs: { e, distances }, loss, optimizer: sgd({ rate: 0.05 }) });
}

/** What the loss is by hand. */
function byHand(e: ArrayLike<number>, kinds: ArrayLike<number>, rows: number, features: number): number {
  const distance = (a: number, b: number): number =>
    Array.from({ length: features }, (_, k) => (e[a * features + k]! - e[b * features + k]!) ** 2).reduce(
      (x, y) => x + y,
    );
  let total = 0;
  for (let a = 0; a < rows; a++) {
    for (let p = 0; p < rows; p++) {
      for (let n = 0; n < rows; n++) {
        if (kinds[a] === kinds[p] && kinds[a] !== kinds[n]) total += Math.max(0, distance(a, p) - distance(a, n) + 0.2);
      }
    }
  }
  return total / rows ** 3;
}

interface Kind {
  readonly dtype: Float;
  readonly target: TargetName;
}

const KINDS: readonly Kind[] = (["typescript", "wasm"] as const).flatMap((target) =>
  (["float32", "float64"] as const).map((dtype) => ({ dtype, target })),
);

function expectRows(pair: ReturnType<typeof pairOf>, rows: number): void {
  fill(pair, 10 * rows, { parameters: true });
  for (const entry of ["predict", "loss", "gradients", "step"]) expectEntry(pair, entry, rows);
  expectState(pair);
}

describe.each(KINDS)("$target, $dtype", ({ dtype, target }) => {
  test("all triplets of a batch", () => {
    const declared = triplets(9, 4);
    const pair = pairOf(declared, { dtype, compiled: compiledOf(declared, dtype, target) });
    for (const rows of [9, 1, 2, 5]) {
      expectRows(pair, rows);
      const { model } = pair;
      const loss = model.loss(rows);
      model.predict(rows);
      const kinds = model.inputs["kind"] ?? model.targets["kind"]!;
      expect(loss).toBeCloseTo(byHand(model.outputs["e"]!, kinds, rows, 4), 5);
    }
  });
});

const SEED = 7300;

describe.each(["typescript", "wasm"] as const)("random neighbours, %s", (target) => {
  test(`seeds from ${SEED}`, () => {
    for (let seed = SEED; seed < SEED + count(8, 100); seed++) {
      try {
        const dtype = seed % 2 === 0 ? "float64" : "float32";
        const declared = powersOf(seed, dtype === "float32");
        const pair = pairOf(declared, { dtype, compiled: compiledOf(declared, dtype, target) });
        const { capacity } = declared;
        for (const rows of new Set([capacity, 1, Math.ceil(capacity / 2)])) expectRows(pair, rows);
      } catch (error) {
        throw new Error(`seed ${seed}: ${String(error)}`, { cause: error });
      }
    }
  });
});

test("two threads give the bits of one", () => {
  for (const declared of [triplets(40, 16), powersOf(SEED), powersOf(SEED + 1), powersOf(SEED + 2)]) {
    const compiled = compiledOf(declared, "float32", "wasm");
    const results = [1, 2].map((threads) => {
      const model = compiled.create({ threads });
      for (const group of [model.inputs, model.targets]) {
        for (const view of Object.values(group)) for (let i = 0; i < view.length; i++) view[i] = (i * 7) % 3;
      }
      const losses = [declared.capacity, 1].map((rows) => model.step(rows));
      const parameters = Object.values(model.parameters).map((view) => Array.from(view));
      model.dispose();
      return { losses, parameters };
    });
    expect(results[1]).toEqual(results[0]);
  }
});

describe("a size in WebAssembly", () => {
  const scope = (writer: FunctionText): Scope => ({ writer, compute: "float32" }) as Scope;

  test("has a factor for each power of the rows", () => {
    for (const power of [1, 2, 3]) {
      const writer = new FunctionText();
      writer.line(`(drop ${dimValue(dim(5, power), scope(writer))})`);
      expect(writer.print("$f").match(/local\.get \$rows/g)).toHaveLength(power);
    }
  });

  test("control: a text with a power less is refused by name", () => {
    const text = "(i32.mul (i32.mul (local.get $rows) (local.get $rows)) (i32.const 5))";
    expect(() => verifySize(dim(5, 2), text)).not.toThrow();
    expect(() => verifySize(dim(5, 3), text)).toThrow("in WebAssembly, the size 5*batch^3 is what its text says");
    expect(() => verifySize(dim(4, 2), text)).toThrow("4*batch^2");
    expect(() => verifySize(dim(-7, 1), "(i32.mul (local.get $rows) (i32.const -7))")).not.toThrow();
  });

  test("is written so in a module", () => {
    const { spec, layout } = planned(triplets(9, 4), { target: "wasm" });
    const { text } = writeWasm(spec, layout, undefined).code;
    expect(text).toMatch(/\(i32\.mul \(i32\.mul \(local\.get \$rows\) \(local\.get \$rows\)\) \(local\.get \$rows\)\)/);
  });
});
