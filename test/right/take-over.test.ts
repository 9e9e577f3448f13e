// Memory that one value takes over from another: recurrences whose carries are numbers of a row, and whose steps read what the
// step outside computed once.

import { describe, test } from "vitest";
import type { Network } from "../../src/graph/network.js";
import { expectEverywhere, expectNeighbours } from "./everywhere.js";
import { networkOf, scan, square, t as loose, type T } from "./loose.js";

const { add, input, matmul, mean, mul, parameter, sigmoid, sub, sum, tanh } = loose;

const sequence = (): T => input!("e", ["batch", 5]);
const learnt = (name: string): T => parameter!([], 0.3, { name });

const cases: Readonly<Record<string, () => Network>> = {
  "a moving average with a rate that is learnt": () => {
    const [e, s] = [sequence(), learnt("s")];
    const { outputs } = scan(
      ([h], [x]) => {
        const next = add!(mul!(h, sub!(1, s)), mul!(x, s));
        return { carries: [next], outputs: [next] };
      },
      [mul!(sum!(e, { axis: 1 }), 0.1)],
      [e],
      { axis: 1 },
    );
    return networkOf({ y: outputs[0]! }, square(outputs[0]!));
  },
};

describe("memory is taken over from what is read no more", () => {
  test.each(Object.entries(cases))("%s", (_, build) => {
    expectEverywhere(build());
  });
});

test("neighbours (seed 1301)", () => {
  expectNeighbours(1301, (choose, pick) => {
    const width = choose(3);
    const e = width === 0 ? sequence() : (input!("e", ["batch", 4, width]) as T);
    const scalars = [learnt("s"), sigmoid!(learnt("r")), mul!(learnt("q"), 2)];
    const weight = width === 0 ? undefined : parameter!([width, width], 0.4, { name: "w" });
    const first = mul!(sum!(e, { axis: 1 }), 0.1);
    const initial = Array.from({ length: 1 + choose(2) }, (_, i) => mul!(first, 1 + i));
    const axis = 1;
    const { carries, outputs } = scan(
      (held, [x]) => {
        const h = held[0]!;
        const s = pick(scalars);
        const mixed = (a: T, b: T): T =>
          pick([
            (): T => tanh!(add!(mul!(a, sub!(1, s)), mul!(b, s))),
            (): T => tanh!(add!(a, mul!(b, pick(scalars)))),
            (): T => sub!(mul!(a, tanh!(s)), b),
          ])();
        let next = mixed(h, x!);
        if (weight && choose(2)) next = tanh!(matmul!(next, weight));
        const others = held.slice(1).map((other) => mixed(other, choose(2) ? next : h));
        return { carries: [next, ...others], outputs: choose(2) ? [next] : [mixed(next, h), x!] };
      },
      initial,
      [e],
      { axis, reverse: choose(2) === 1 },
    );
    const loss = add!(square(outputs[0]!), mean!(carries.at(-1)!));
    return networkOf({ y: outputs.at(-1)!, last: carries[0]! }, loss);
  });
});
