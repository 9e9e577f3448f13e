// The verifier of memory: planted faults of each class that it was written for, each beside the sound kernel.

import { describe, expect, test } from "vitest";
import { withOrder } from "../../compiler/ir/parallel.js";
import {
  PARALLEL,
  SERIAL,
  type Kernel,
  type KernelExpr,
  type Loop,
  type Position,
  type Statement,
} from "../../compiler/ir/kernel.js";
import { memoryProblem, takeOverProblem } from "../../compiler/ir/verify/memory.js";
import { loopsOf } from "../../compiler/ir/walk.js";
import { addAffine, axis, offset, type Affine } from "../../src/graph/affine.js";
import { BATCH, dim, timesDim, type Dim } from "../../src/graph/shape.js";
import { applyScalar, constant } from "../../src/scalar/expression.js";

const at = (...terms: Affine[]): Position => ({ affine: addAffine(...terms), loaded: [] });
const load = (slot: number, position: Position, fresh = false): KernelExpr => ({
  kind: "load",
  slot,
  at: position,
  ...(fresh && { fresh }),
});
const index = (...terms: Affine[]): KernelExpr => ({ kind: "index", affine: addAffine(...terms) });
const store = (slot: number, position: Position, value: KernelExpr, mode: "set" | "add" = "set"): Statement => ({
  kind: "store",
  slot,
  at: position,
  value,
  mode,
});
const loop = (variable: number, size: Dim, ...body: Statement[]): Loop => ({
  kind: "loop",
  variable,
  size,
  run: SERIAL,
  body,
});
const sum = (accumulator: number, variable: number, size: Dim, value: KernelExpr): Statement => ({
  kind: "reduction",
  loops: [{ variable, size }],
  lets: [],
  accumulators: [{ accumulator, combiner: "sum", value }],
});
const bound = (local: number, value: KernelExpr): Statement => ({ kind: "let", local, value });
const tanh = (value: KernelExpr): KernelExpr => applyScalar("tanh", value);

/** x is read, y and z are written. */
const slots = (["x", "y", "z"] as const).map((name) => ({
  name,
  dtype: "float32" as const,
  access: name === "x" ? ("read" as const) : ("write" as const),
}));
const problem = (sizes: readonly Dim[], ...body: Statement[]): string | undefined =>
  memoryProblem({ slots, body } satisfies Pick<Kernel, "slots" | "body">, sizes);

const rows = (n: number): Dim => timesDim(dim(n), BATCH);

describe("positions lie in their buffers", () => {
  const inside = (value: KernelExpr): KernelExpr => {
    const shifted = index(axis(1), offset(-1));
    return applyScalar(
      "select",
      applyScalar("and", applyScalar("ge", shifted, constant(0)), applyScalar("lt", shifted, constant(2))),
      value,
      constant(0),
    );
  };
  const padded = load(0, at(axis(0, 2), axis(1), offset(-1)));
  const write = (value: KernelExpr): Statement => store(1, at(axis(0, 4), axis(1)), value);
  const nest = (...body: Statement[]): Statement => loop(0, BATCH, loop(1, dim(4), ...body));

  test("a guarded load is sound", () => {
    expect(problem([rows(2), rows(4), dim(1)], nest(write(inside(padded))))).toBeUndefined();
    expect(
      problem(
        [rows(2), rows(4), dim(1)],
        nest(bound(0, inside(padded)), write(inside(tanh({ kind: "local", local: 0 })))),
      ),
    ).toBeUndefined();
  });
  test("a load that was bound to a local outside of its guard", () => {
    const body = nest(bound(0, padded), write(inside(tanh({ kind: "local", local: 0 }))));
    expect(problem([rows(2), rows(4), dim(1)], body)).toMatch("a load lies in its buffer wherever its guards hold: x");
  });
  test("a sum whose position counts another loop than its own", () => {
    const captured = (position: Affine): Statement[] => [
      loop(
        0,
        BATCH,
        sum(0, 1, dim(2), applyScalar("mul", load(0, at(axis(0, 2), axis(1))), load(2, at(position)))),
        store(1, at(axis(0)), { kind: "accumulator", accumulator: 0 }),
      ),
    ];
    expect(problem([rows(2), BATCH, dim(2)], ...captured(axis(1)))).toBeUndefined();
    const stray = addAffine(axis(1, 2), offset(-2));
    expect(problem([rows(2), BATCH, dim(2)], ...captured(stray))).toMatch("a load lies in its buffer");
  });
  test.each([
    ["one row too many", rows(3), "a load lies in its buffer"],
    ["as many as there are", rows(4), undefined],
    ["more for every number of rows but one", dim(4, 2), undefined],
  ])("a load of a buffer that has %s", (_, size, sentence) => {
    const found = problem([size, rows(4), dim(1)], nest(write(load(0, at(axis(0, 4), axis(1))))));
    if (sentence) expect(found).toMatch(sentence);
    else expect(found).toBeUndefined();
  });
  test("a store that is a row too far", () => {
    const body = nest(store(1, at(axis(0, 4), axis(1), offset(4)), constant(1)));
    expect(problem([dim(1), rows(4), dim(1)], body)).toMatch("a store lies in its buffer");
  });
  test("a gathered entry counts as many as the axis has", () => {
    const gathered = (below: Dim): Statement => {
      const value: KernelExpr = { kind: "load", slot: 0, at: at(axis(0)) };
      const position: Position = { affine: axis(1), loaded: [{ stride: dim(4), value, below }] };
      return nest(write(load(2, position)));
    };
    expect(problem([BATCH, rows(4), dim(12)], gathered(dim(3)))).toBeUndefined();
    expect(problem([BATCH, rows(4), dim(12)], gathered(dim(4)))).toMatch("a load lies in its buffer");
  });
});

describe("loads see the stores that they must see", () => {
  const own = at(axis(0, 2), axis(1));
  const value = tanh(load(0, own));
  const second = load(1, at(axis(0, 2), offset(1)), true);

  test("what is read where it was stored, or after the loop that stored it", () => {
    const sizes = [rows(2), rows(2), BATCH];
    const here = loop(1, dim(2), store(1, own, value), store(1, own, load(1, own, true)));
    expect(problem(sizes, loop(0, BATCH, here))).toBeUndefined();
    const after = [loop(1, dim(2), store(1, own, value)), store(2, at(axis(0)), tanh(second))];
    expect(problem(sizes, loop(0, BATCH, ...after))).toBeUndefined();
  });
  test.each([
    [
      "an element that a later iteration stores",
      loop(0, BATCH, loop(1, dim(2), bound(0, tanh(second)), store(1, own, value))),
    ],
    [
      "an element that a later statement stores",
      loop(0, BATCH, store(2, at(axis(0)), second), loop(1, dim(2), store(1, own, value))),
    ],
    [
      "another row",
      loop(0, BATCH, loop(1, dim(2), store(1, own, value)), store(2, at(axis(0)), load(1, at(axis(0, 0)), true))),
    ],
    ["more than was stored", loop(0, BATCH, store(1, at(axis(0, 2)), value), store(2, at(axis(0)), second))],
  ])("%s", (_, body) => {
    expect(problem([rows(2), rows(2), BATCH], body as Statement)).toMatch(
      /no load comes before the stores that it must see|lies in its buffer/,
    );
  });
});

describe("what is stored at computed places is read when it is done", () => {
  const own = at(axis(0));
  const named = (from: number): Position => ({
    affine: [],
    loaded: [{ stride: dim(1), value: load(0, at(axis(from))), below: dim(3) }],
  });
  const base = loop(0, dim(3), store(1, own, constant(1)));
  const updates = (mode: "set" | "add"): Loop => loop(0, dim(2), store(1, named(0), constant(2), mode));
  const reads = loop(0, dim(3), store(2, own, load(1, own, true)));
  const sizes = [dim(2), dim(3), dim(3)];

  test.each(["set", "add"] as const)("%s", (mode) => {
    expect(problem(sizes, base, updates(mode), reads)).toBeUndefined();
    expect(problem(sizes, base, reads, updates(mode))).toMatch("what is added to is read when it is done");
    const beside = loop(0, dim(2), store(2, own, load(1, own, true)), store(1, named(0), constant(2), mode));
    expect(problem(sizes, base, beside)).toMatch("what is added to is read when it is done");
  });

  test("a loop whose stores may meet runs in order", () => {
    const [
      {
        run: { order },
      },
    ] = loopsOf(withOrder([updates("set")])) as [Loop];
    expect(order).toBe("serial");
    // Each row stores among its own.
    const inRow: Position = { affine: axis(0, 3), loaded: named(1).loaded };
    const rowsApart = withOrder([loop(0, dim(3), loop(1, dim(2), store(1, inRow, constant(2))))]);
    expect(loopsOf(rowsApart).map((one) => one.run.order)).toEqual(["parallel", "serial"]);
  });
});

describe("nothing is overwritten that is still read as it was", () => {
  const own = at(axis(0));
  const old = load(1, own);
  const twice = applyScalar<never>("add", old as never, constant(1)) as KernelExpr;

  test("an update of each element", () => {
    expect(problem([BATCH, BATCH, BATCH], loop(0, BATCH, store(1, own, twice)))).toBeUndefined();
  });
  test.each([
    ["a later statement", loop(0, BATCH, store(1, own, twice), store(2, own, tanh(old)))],
    ["a later loop", [loop(0, BATCH, store(1, own, twice)), loop(0, BATCH, store(2, own, tanh(old)))]],
    ["a neighbour", loop(0, BATCH, store(1, own, load(1, at(axis(0, 0)))))],
  ])("%s reads the old value", (_, body) => {
    expect(problem([BATCH, BATCH, BATCH], ...[body].flat())).toMatch("still reads as it was");
  });
  test("memory is taken over only from what is read before", () => {
    const sound = [loop(0, BATCH, bound(0, tanh(load(0, own))), store(1, own, { kind: "local", local: 0 }))];
    expect(takeOverProblem({ body: sound }, 0, 1)).toBeUndefined();
    const late = [loop(0, BATCH, store(1, own, constant(2)), store(2, own, tanh(load(0, own))))];
    expect(takeOverProblem({ body: late }, 0, 1)).toMatch("still reads as it was");
    expect(takeOverProblem({ body: late }, 0, 2)).toBeUndefined();
  });
});

describe("a parallel loop's iterations touch elements of their own", () => {
  const marked = (body: Statement): string[] => loopsOf(withOrder([body])).map((one) => one.run.order);
  const gathered: Position = {
    affine: axis(1),
    loaded: [{ stride: dim(4), value: load(0, at(axis(0))), below: dim(3) }],
  };

  test.each<[string, Statement, string[]]>([
    ["element for element", loop(0, BATCH, store(1, at(axis(0)), constant(1))), ["parallel"]],
    ["a sum into one element", loop(0, BATCH, store(1, at(), constant(1), "add")), ["serial"]],
    [
      "rows that are looked up",
      loop(0, BATCH, loop(1, dim(4), store(1, gathered, constant(1), "add"))),
      ["serial", "serial"],
    ],
    [
      "a band that each turn fills again",
      loop(0, BATCH, loop(1, dim(3), loop(2, dim(2), store(1, at(axis(0, 2), axis(2)), constant(1))))),
      ["parallel", "serial", "parallel"],
    ],
    [
      "what the turn before has stored",
      loop(0, dim(4), store(1, at(axis(0)), load(1, at(axis(0), offset(-1)), true))),
      ["serial"],
    ],
    [
      "windows that overlap",
      loop(0, dim(4), loop(1, dim(3), store(1, at(axis(0, 2), axis(1)), constant(1)))),
      ["serial", "parallel"],
    ],
  ])("%s", (_, body, axes) => {
    expect(marked(body)).toEqual(axes);
  });
  test("a false claim is refused", () => {
    const claimed: Loop = { ...loop(0, BATCH, store(1, at(), constant(1), "add")), run: PARALLEL };
    expect(problem([dim(1), dim(1), dim(1)], claimed)).toMatch(
      "the iterations of a parallel loop touch elements of their own: i0",
    );
  });
});
