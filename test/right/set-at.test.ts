// Writing at indices, everywhere: onto what is computed, given or kept, several writes on one another, places that are named
// again, axes of one entry, indices that are rows, tables that entries carry.

import { describe, test } from "vitest";
import type { Network } from "../../src/graph/network.js";
import * as tapeless from "../../src/index.js";
import { expectEverywhere, expectNeighbours, type Choose } from "./everywhere.js";
import { networkOf, scan, square, t as loose, withLoss, type T } from "./loose.js";

const { add, addAt, argMax, carry, cast, concat, constant, dense, gradient, greater, input, matmul, mul } = loose;
const { parameter, randomUniform, range, reshape, setAt, sigmoid, slice, state, sub, sum, take, tanh, where } = loose;
const updating = tapeless.updating as unknown as (value: T, updates: readonly (readonly [T, T])[]) => T;

const ids = (values: readonly number[]): T => constant!(values, { shape: [values.length], dtype: "int32" });
const given = (shape: readonly unknown[], below: number, name = "id"): T =>
  input!(name, shape, { dtype: "int32", below });
const learnt = (shape: readonly number[], name = "w"): T => parameter!(shape, tapeless.normal(0, 0.5), { name });

type Entries = Readonly<Record<string, Readonly<Record<string, T>>>>;

const make = tapeless.network as unknown as (name: string, options: object) => Network;

/** A network of entries alone, or of entries beside a loss. */
const entriesOf = (entries: Entries, loss?: T): Network =>
  make("net", {
    batch: 3,
    entries: Object.fromEntries(Object.entries(entries).map(([name, outputs]) => [name, { outputs }])),
    ...(loss && { loss, optimizer: tapeless.sgd({ rate: 0.1 }) }),
  });

const x = (...shape: readonly unknown[]): T => input!("x", shape);

const cases: Readonly<Record<string, () => Network>> = {
  "onto what is computed": () => withLoss(setAt!(tanh!(learnt([4, 2])), ids([3, 1]), learnt([2, 2], "u"))),
  "onto an input": () => withLoss(setAt!(x(4, 2), ids([3, 1]), learnt([2, 2]))),
  "onto a parameter that others read": () => {
    const w = learnt([4, 2]);
    const z = setAt!(w, ids([2]), learnt([1, 2], "u"));
    return withLoss(add!(mul!(z, w), z));
  },
  "one place again and again": () => withLoss(setAt!(learnt([3, 2]), ids([1, 1, 0, 1]), learnt([4, 2], "u"))),
  "places that are given, named again in each call": () =>
    withLoss(setAt!(learnt([3, 2]), given([7], 3), learnt([7, 2], "u"))),
  "a table of indices": () => withLoss(setAt!(learnt([3, 2]), given([3, 2], 3), learnt([3, 2, 2], "u"))),
  "a table of indices along the last axis": () =>
    withLoss(setAt!(dense!(x("batch", 2), 3), given([2, 2], 3), squares(), { axis: 1 })),
  "each row's place": () => withLoss(setAt!(learnt([2, 2]), given(["batch"], 2), dense!(x("batch", 3), 2))),
  "each row's place, which it chooses": () => {
    const h = dense!(x("batch", 3), 3);
    return withLoss(setAt!(learnt([3, 3]), argMax!(h, { axis: 1 }), tanh!(h)));
  },
  "each row's place, by an index that is looked at": () => {
    const h = dense!(x("batch", 3), 1);
    return withLoss(setAt!(learnt([4, 1]), cast!(mul!(sigmoid!(reshape!(h, ["batch"])), 4), "int32"), h));
  },
  "places that follow from a loop's variable": () => withLoss(setAt!(learnt([4, 2]), range!(2), learnt([2, 2], "u"))),
  "places that follow from a loop's variable, of a state": () => {
    const kept = state!("kept", [4, 2], 0.5);
    const next = setAt!(kept, range!(2), dense!(reshape!(learnt([2, 2]), [2, 2]), 2));
    return networkOf({ y: kept }, square(updating(next, [[kept, next]])));
  },
  "one position of all rows": () =>
    withLoss(setAt!(dense!(x("batch", 4, 3), 2), given([], 4), dense!(input!("u", ["batch", 2]), 2), { axis: 1 })),
  "the whole of an axis of one": () => withLoss(setAt!(learnt([1, 3]), given([2], 1), learnt([2, 3], "u"))),
  "the whole of an axis of one, by each row": () =>
    withLoss(setAt!(learnt([1, 2]), given(["batch"], 1), dense!(x("batch", 2), 2))),
  "one column of one": () => withLoss(setAt!(learnt([3, 1]), ids([2, 2]), learnt([2, 1], "u"))),
  "one number of a vector": () => withLoss(setAt!(learnt([4]), given([], 4), sum!(x("batch", 2)))),
  "what is set and then added to": () =>
    withLoss(addAt!(setAt!(learnt([3, 2]), ids([0, 2]), learnt([2, 2], "u")), ids([2, 2, 1]), learnt([3, 2], "v"))),
  "what is added to and then set": () =>
    withLoss(setAt!(addAt!(learnt([3, 2]), ids([2, 2, 1]), learnt([3, 2], "v")), ids([0, 2]), learnt([2, 2], "u"))),
  "set twice": () =>
    withLoss(setAt!(setAt!(learnt([3, 2]), ids([0, 2]), learnt([2, 2], "u")), ids([2, 1]), learnt([2, 2], "v"))),
  "set twice by what is given, along two axes": () => {
    const first = setAt!(tanh!(learnt([3, 3])), given([2], 3), learnt([2, 3], "u"));
    return withLoss(setAt!(first, given([4], 3, "other"), learnt([3, 4], "v"), { axis: 1 }));
  },
  "added to twice, along two axes": () => {
    const first = addAt!(tanh!(learnt([3, 3])), given([2], 3), learnt([2, 3], "u"));
    return withLoss(addAt!(first, given([4], 3, "other"), learnt([3, 4], "v"), { axis: 1 }));
  },
  "a state set twice in place, along two axes": () => {
    const kept = state!("kept", [3, 3], 0.5);
    const first = setAt!(kept, given([2], 3), learnt([2, 3], "u"));
    const next = setAt!(first, given([4], 3, "other"), learnt([3, 4], "v"), { axis: 1 });
    return networkOf({ y: kept }, square(updating(next, [[kept, next]])));
  },
  "by itself in another order": () => {
    const z = setAt!(learnt([3, 2]), ids([0]), learnt([1, 2], "u"));
    return withLoss(setAt!(z, ids([2, 0, 1]), z));
  },
  "added to itself in another order": () => {
    const z = setAt!(learnt([3, 2]), ids([0]), learnt([1, 2], "u"));
    return withLoss(addAt!(z, ids([2, 0, 1]), z));
  },
  "what it was, read beside it": () => {
    const z = tanh!(dense!(x("batch", 2), 3));
    const set = setAt!(z, ids([1]), mul!(slice!(z, [null, [0, 1]]), 2), { axis: 1 });
    return withLoss(mul!(add!(set, z), set));
  },
  "read back at the places": () => {
    const id = given([4], 3);
    return withLoss(take!(setAt!(learnt([3, 2]), id, learnt([4, 2], "u")), id));
  },
  "times a number, and beside a sum of scattered": () => {
    const set = setAt!(learnt([3, 2]), ids([1, 1]), learnt([2, 2], "u"));
    const other = loose["scatterAdd"]!(learnt([2, 2], "v"), ids([0, 1]), 3);
    return withLoss(sub!(add!(mul!(set, 2), other), mul!(other, set)));
  },
  "integers that name places": () => {
    const table = setAt!(ids([2, 0, 1]), given([2], 3), given([2], 3, "other"));
    return withLoss(take!(learnt([3, 2]), table));
  },
  "truths that choose": () => {
    const open = setAt!(greater!(x("batch", 3), 0), given([2], 3), greater!(input!("u", ["batch", 2]), 0), { axis: 1 });
    return withLoss(where!(open, dense!(input!("z", ["batch", 3]), 3), 0.5));
  },
  "its gradient as a value": () => {
    const [w, u] = [learnt([3, 2]), learnt([4, 2], "u")];
    const energy = sum!(loose["square"]!(setAt!(tanh!(w), ids([1, 1, 0, 1]), tanh!(u))));
    return withLoss(concat!([gradient!(energy, w), gradient!(energy, u)], { axis: 0 }));
  },
  "in each step of a recurrence, where the step says": () => {
    const { carries, outputs } = scan(
      ([h], [e, at]) => {
        const next = setAt!(tanh!(h!), at, e, { axis: 1 });
        return { carries: [next], outputs: [sum!(next, { axis: 1 })] };
      },
      [dense!(x("batch", 2), 4)],
      [input!("e", [5, "batch"]), given([5], 4)],
    );
    return networkOf({ y: carries[0]! }, add!(square(outputs[0]!), square(carries[0]!)));
  },
  "in each step, a row that the row says": () => {
    const { carries } = scan(
      ([h], [e, at]) => ({ carries: [mul!(setAt!(h!, at, dense!(e!, 2)), 0.75)], outputs: [] }),
      [learnt([3, 2])],
      [input!("e", [4, "batch", 2]), given([4, "batch"], 3)],
    );
    return withLoss(carries[0]!);
  },
  "a product into its place": () => {
    const h = matmul!(x("batch", 5), learnt([5, 4]));
    return withLoss(setAt!(learnt([9, 4], "v"), given(["batch"], 9), h));
  },
  "a state in place, read before and after": () => {
    const kept = state!("kept", [4, 2], 0.5);
    const row = dense!(x("batch", 2), 2);
    const next = setAt!(kept, given(["batch"], 4), row);
    const shown = add!(add!(sum!(kept), sum!(mul!(next, next))), sum!(take!(kept, given(["batch"], 4, "other"))));
    return networkOf({ y: kept }, add!(square(updating(shown, [[kept, next]])), square(row)));
  },
  "a state in place by what it holds": () => {
    const kept = state!("kept", [4, 2], 0.5);
    const id = given([5], 4);
    const next = setAt!(kept, id, add!(take!(kept, id), learnt([5, 2])));
    return networkOf({ y: kept }, square(updating(next, [[kept, next]])));
  },
  "a state in place, one on the other": () => {
    const kept = state!("kept", [4, 2], 0.5);
    const added = addAt!(kept, ids([1, 1, 3]), learnt([3, 2]));
    const next = setAt!(added, given([2], 4), learnt([2, 2], "u"));
    return networkOf({ y: kept }, square(updating(next, [[kept, next]])));
  },
  "a state in place by itself in another order": () => {
    const kept = state!("kept", [3, 2], 0.5);
    const next = setAt!(kept, ids([2, 0, 1]), tanh!(add!(kept, learnt([3, 2]))));
    return networkOf({ y: kept }, square(updating(next, [[kept, next]])));
  },
  "a state in place, added to by itself in another order": () => {
    const kept = state!("kept", [3, 2], 0.5);
    const next = addAt!(kept, ids([2, 0, 1]), tanh!(add!(kept, learnt([3, 2]))));
    return networkOf({ y: kept }, square(updating(next, [[kept, next]])));
  },
  "a state in place by its own single entry": () => {
    const kept = state!("kept", [1, 2], 0.5);
    const next = setAt!(setAt!(kept, ids([0]), mul!(kept, 2)), given([2], 2), tanh!(kept), { axis: 1 });
    return networkOf({ y: kept }, square(updating(mul!(next, learnt([2])), [[kept, next]])));
  },
  "a state in place by itself": () => {
    const kept = state!("kept", [3, 2], 0.5);
    const next = setAt!(kept, given([3], 3), kept);
    return networkOf({ y: kept }, square(updating(mul!(next, learnt([2])), [[kept, next]])));
  },
  "a state of one row, added to and then set": () => {
    const kept = state!("kept", [1, 3], 0.5);
    const added = addAt!(kept, ids([0, 0]), learnt([2, 3]));
    const next = setAt!(added, given([2], 3), learnt([1, 2], "u"), { axis: 1 });
    return networkOf({ y: kept }, square(updating(next, [[kept, next]])));
  },
  "two states that take each other's rows": () => {
    const [a, b] = [state!("a", [3, 2], 0.5), state!("b", [3, 2], -1)];
    const id = given([2], 3);
    const [nextA, nextB] = [setAt!(a, id, take!(b, id)), setAt!(b, id, mul!(take!(a, id), learnt([2, 2])))];
    return networkOf({ a, b }, square(updating(add!(nextA, nextB), [[a, nextA], [b, nextB]]))); // prettier-ignore
  },
  "a carried table, read before and after": () => {
    const table = carry!("table", ["batch", 4, 2]);
    const at = given([], 4);
    const next = setAt!(table, at, dense!(x("batch", 3), 2), { axis: 1 });
    const seen = updating(concat!([take!(table, at, { axis: 1 }), sum!(next, { axis: 1 })], { axis: 1 }), [
      [table, next],
    ]);
    return entriesOf({ next: { seen }, peek: { sum: sum!(table) } }, square(seen));
  },
  "a carried table by what it holds, in two entries": () => {
    const table = carry!("table", [4, 2], { initial: 0.5 });
    const [id, at] = [given([5], 4), given([3], 4, "at")];
    const first = setAt!(table, id, mul!(take!(table, id), 0.5));
    const second = setAt!(setAt!(table, at, input!("u", [3, 2])), id, add!(take!(table, id), 0.25));
    return entriesOf({
      next: { seen: updating(first, [[table, first]]) },
      other: { seen: updating(take!(second, at), [[table, second]]), was: mul!(table, 2) },
    });
  },
  "a ring of integers, truths and noise": () => {
    const [ring, marks] = [
      carry!("ring", [5], { dtype: "int32", initial: 2 }),
      carry!("marks", ["batch", 5], { dtype: "bool" }),
    ];
    const at = carry!("at", [], { dtype: "int32" });
    const after = cast!(where!(loose["less"]!(at, 4), add!(at, 1), 0), "int32");
    const written = setAt!(ring, at, given([], 5));
    const marked = setAt!(marks, at, greater!(randomUniform!(["batch"]), 0.5), { axis: 1 });
    const seen = where!(marked, dense!(x("batch", 2), 5), mul!(cast!(written, "float32"), 0.125));
    return entriesOf({ next: { seen: updating(seen, [[ring, written], [marks, marked], [at, after]]) } }); // prettier-ignore
  },
};

function squares(): T {
  return reshape!(dense!(input!("u", ["batch", 2]), 4), ["batch", 2, 2]);
}

describe("each entry, every way", () => {
  test.each(Object.entries(cases))("%s", (_, build) => {
    expectEverywhere(build());
  });
});

/** Places along an axis of so many entries: written, given with each call, computed, or those of the rows. */
function places(count: number, size: number | "batch" | undefined, name: string, choose: Choose): T {
  const shape = size === undefined ? [] : [size];
  const kind = choose(3);
  if (kind === 0 && typeof size === "number") return ids(Array.from({ length: size }, () => choose(count)));
  if (kind === 1 && size !== undefined) {
    const shares = sigmoid!(
      size === "batch" ? sum!(input!(`${name}x`, ["batch", 2]), { axis: 1 }) : learnt([size], name),
    );
    return cast!(mul!(shares, count), "int32");
  }
  return given(shape, count, name);
}

test("neighbours (seed 2101)", () => {
  expectNeighbours(2101, (choose, pick) => {
    const [rows, columns] = [choose(2) ? "batch" : 1 + choose(4), 1 + choose(4)] as const;
    const shape = [rows, columns];
    const dims = shape.filter((d) => d !== "batch") as number[];
    const kept = rows === "batch" ? carry!("kept", shape) : state!("kept", shape, 0.5);
    const base = pick([
      () => tanh!(mul!(input!("x", shape), learnt(dims.slice(-1)))),
      () => input!("x", shape),
      () => kept,
      () => (rows === "batch" ? dense!(input!("x", ["batch", 3]), columns) : learnt(dims)),
    ])();
    let y = base;
    for (let n = 0; n < 1 + choose(3); n++) {
      const axis = rows === "batch" ? 1 : choose(2);
      const count = shape[axis] as number;
      const size = pick([undefined, 1, 1 + choose(5), axis === 0 && choose(2) ? "batch" : 2] as const);
      const at = places(count, size, `at${n}`, choose);
      const parts =
        axis === 0 ? [...(size === undefined ? [] : [size]), columns] : [rows, ...(size === undefined ? [] : [size])];
      const fresh = input!(`u${n}`, parts);
      const updates = pick([
        () => fresh,
        () => mul!(fresh, sum!(y)),
        () => (choose(2) ? mul!(take!(y, at, { axis }), 0.5) : tanh!(take!(base, at, { axis }))),
      ])();
      y = (choose(3) ? setAt : addAt)!(y, at, updates, { axis });
    }
    const read = pick([y, add!(y, base), mul!(y, sum!(base)), tanh!(y)]);
    if (base !== kept) return networkOf({ y }, square(mul!(read, parameter!([], 0.5, { name: "s" }))));
    const seen = updating(read, [[kept, y]]);
    return choose(2)
      ? entriesOf(
          { next: { seen }, peek: { kept: mul!(kept, 1) } },
          square(mul!(seen, parameter!([], 0.5, { name: "s" }))),
        )
      : networkOf({ y: read }, square(mul!(seen, parameter!([], 0.5, { name: "s" }))));
  });
});
