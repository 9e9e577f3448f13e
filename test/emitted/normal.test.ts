// Normal numbers in float32: on WebAssembly every operation rounds, and what cancels would be lost.

import { expect, test } from "vitest";
import { interpret } from "../../compiler/interpret.js";
import { compile } from "../../compiler/compile.js";
import { network, randomNormal } from "../../src/index.js";

/** Of the number itself, however small. */
const BOUND = 1e-6;

test("normal numbers are right to 1e-6 of themselves on both targets", () => {
  const declared = network("normal", { batch: 8, outputs: { x: randomNormal([8192], { stream: "x" }) } });
  const wanted = interpret(declared, { rows: 8 }).outputs["x"]!;
  const worst = (x: ArrayLike<number>): number => Math.max(...wanted.map((w, i) => Math.abs(x[i]! / w - 1)));
  expect(Math.max(...wanted)).toBeGreaterThan(3.5);
  for (const target of ["typescript", "wasm"] as const) {
    const model = compile(declared, { target }).create();
    model.predict(8);
    const drawn = model.outputs["x"]!;
    expect(worst(drawn), target).toBeLessThan(BOUND);
    expect(worst(drawn.map((value, i) => (i === 77 ? value * (1 + 2e-6) : value))), "the control").toBeGreaterThan(
      BOUND,
    );
  }
});
