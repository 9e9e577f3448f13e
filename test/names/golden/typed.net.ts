import { dense, input, network, relu, type Tensor } from "tapeless";

interface Sizes<out N extends number = number> {
  readonly units: readonly N[];
  wide?<const K extends number>(units: K): K;
}

enum Kind {
  Plain = 1,
  Deep,
}

type Rows = Tensor<readonly ["batch", number]>;

abstract class Part<T extends Rows> {
  constructor(
    protected readonly units: number,
    readonly made: T = dense(input("v", ["batch", 8]), units) as Rows as T,
  ) {}
  abstract get(): T;
}

class Whole extends Part<Rows> {
  declare readonly nothing: undefined;
  get(): Rows {
    return this.made!;
  }
}

function assertRows(v: unknown): asserts v is Rows {
  if (v === undefined) throw new Error("no rows");
}

const sizes = { units: [4, 4] as const, kind: Kind.Deep } satisfies Sizes<4> & { kind: Kind };
const whole = new Whole(8);
const first = (relu(dense(whole.get(), 8)) as Rows)!;
assertRows(first);
const apply = <V extends Rows>(v: V, f: (v: V) => Rows): Rows => f(v);
const deep = apply(first, (v) => dense(v, sizes.units[0]) satisfies Rows as Rows);
const listed = ([dense(deep, 4) as Rows, deep] as const)[0];

export default network("typed", { batch: 4, outputs: { y: dense<readonly ["batch", number], 2>(listed, 2) } });
