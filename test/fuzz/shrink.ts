// Making a graph that fails smaller, as long as it fails in the same way.

import type { Dim } from "../../src/graph/shape.js";
import type { Node } from "../../src/graph/node.js";
import { written } from "./canvas.js";
import { valueOf, stepValue, type Scope } from "./build.js";
import {
  isCall,
  isLambda,
  isList,
  isOptions,
  isRef,
  mapSketch,
  visitSketch,
  visitStep,
  withoutDead,
  type Arg,
  type Call,
  type Callee,
  type Pattern,
  type Ref,
  type Sketch,
  type Step,
} from "./sketch.js";

export interface ShrinkOptions {
  /** Does it build, and fail as before? */
  readonly fails: (sketch: Sketch) => boolean;
  /** The clock, in milliseconds, and the time on it when to stop. */
  readonly now: () => number;
  readonly until: number;
}

/** A smaller sketch that still fails; the same one where none is found. */
export function shrink(sketch: Sketch, { fails, now, until }: ShrinkOptions): Sketch {
  let best = withoutDead(sketch);
  if (!fails(best)) best = sketch;
  for (let improved = true; improved && now() < until;) {
    improved = false;
    for (const pass of PASSES) {
      // A pass goes on where it was: what it has refused once it need not try again.
      for (let at = 0; now() < until;) {
        const candidates = pass(best);
        if (at >= candidates.length) break;
        const candidate = withoutDead(candidates[at]!());
        if (costOf(candidate) < costOf(best) && fails(candidate)) {
          best = candidate;
          improved = true;
        } else at++;
      }
    }
  }
  return renumbered(best);
}

type Pass = (sketch: Sketch) => readonly (() => Sketch)[];

/** Fewer steps first, then fewer words, then smaller numbers. */
export function costOf(sketch: Sketch): number {
  let [steps, words, numbers] = [0, 0, 0];
  visitSketch(
    sketch,
    (arg) => {
      words++;
      if (typeof arg === "number") numbers += Math.min(Math.abs(arg), 50) + (Number.isInteger(arg) ? 0 : 0.5);
      if (isCall(arg)) steps += 0.6;
    },
    ({ call }) => (steps += call === "input" || call === "parameter" ? 0.9 : 1),
  );
  const { outputs, training, metrics, entries } = sketch;
  const own = Object.values(entries).reduce((count, shown) => count + 0.5 + Object.keys(shown).length, 0);
  const parts = Object.keys(outputs).length + Object.keys(training).length * 2 + Object.keys(metrics).length + own;
  return 100 * steps + 20 * parts + words + numbers / 10 + sketch.capacity / 10;
}

const PLAIN: Call = { $call: "sgd", args: [{ rate: 0.125 }] };

const without = <T>(record: Readonly<Record<string, T>>, key: string): Record<string, T> =>
  Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));

const parts: Pass = (sketch) => {
  const { outputs, training, metrics, entries } = sketch;
  const nothing = { outputs: {}, training: {}, metrics: {}, entries: {} };
  return [
    ...(Object.keys(training).length > 0 ? [() => ({ ...sketch, ...nothing, training })] : []),
    ...(Object.keys(outputs).length > 0 ? [() => ({ ...sketch, ...nothing, outputs })] : []),
    ...Object.keys(entries).flatMap((name) => [
      () => ({ ...sketch, ...nothing, entries: { [name]: entries[name]! } }),
      () => ({ ...sketch, entries: without(entries, name) }),
      ...Object.keys(entries[name]!).map((shown) => () => ({
        ...sketch,
        entries: { ...entries, [name]: without(entries[name]!, shown) },
      })),
    ]),
    ...Object.keys(outputs).map((name) => () => ({ ...sketch, outputs: without(outputs, name) })),
    ...Object.keys(metrics).map((name) => () => ({ ...sketch, metrics: without(metrics, name) })),
    ...Object.keys(training).map((name) => () => ({ ...sketch, training: without(training, name) })),
    ...(Object.keys(training).length === 1
      ? Object.values(training).map((only) => () => ({
          ...sketch,
          training: { step: { loss: only.loss, optimizer: only.optimizer } },
        }))
      : []),
    ...Object.entries(training).map(([name, step]) => () => ({
      ...sketch,
      training: { ...training, [name]: { ...step, optimizer: PLAIN } },
    })),
  ];
};

/** Every step, those of functions included. */
function allSteps(sketch: Sketch): Step[] {
  const steps: Step[] = [];
  visitSketch(
    sketch,
    () => {},
    (step) => steps.push(step),
  );
  return steps;
}

const keyOf = ({ $ref, path = [] }: Ref): string => [$ref, ...path].join(".");

/** Each reference that is read somewhere, late ones first. */
function refsOf(sketch: Sketch): Ref[] {
  const refs = new Map<string, Ref>();
  visitSketch(sketch, (arg) => void (isRef(arg) && refs.set(keyOf(arg), arg)));
  return [...refs.values()].sort((a, b) => b.$ref - a.$ref);
}

const replacing = (sketch: Sketch, ref: Ref, by: Arg): Sketch =>
  mapSketch(sketch, (arg) => (isRef(arg) && keyOf(arg) === keyOf(ref) ? by : undefined));

/** Values in place of scalars that training makes smaller. */
const losses: Pass = (sketch) =>
  Object.entries(sketch.training).flatMap(([name, step]) =>
    refsOf(sketch)
      .reverse()
      .flatMap((ref) =>
        [ref, { $call: "sum", args: [ref] }, { $call: "mean", args: [{ $call: "square", args: [ref] }] }].map(
          (loss: Arg) => () => ({
            ...sketch,
            training: { ...sketch.training, [name]: { ...step, loss } },
          }),
        ),
      ),
  );

const outputs: Pass = (sketch) => {
  const refs = refsOf(sketch).reverse();
  const { entries } = sketch;
  return [
    ...Object.keys(sketch.outputs).flatMap((name) =>
      refs.map((ref) => () => ({ ...sketch, outputs: { ...sketch.outputs, [name]: ref } })),
    ),
    ...Object.entries(entries).flatMap(([name, own]) =>
      Object.keys(own).flatMap((shown) =>
        refs.map((ref) => () => ({ ...sketch, entries: { ...entries, [name]: { ...own, [shown]: ref } } })),
      ),
    ),
  ];
};

/** A value by one of those that it is made of. */
const operands: Pass = (sketch) => {
  const steps = new Map(allSteps(sketch).map((step) => [step.id, step]));
  return refsOf(sketch).flatMap((ref) => {
    const step = steps.get(ref.$ref);
    if (!step) return [];
    const inner: Ref[] = [];
    visitStep(step, (arg) => void (isRef(arg) && inner.push(arg)));
    return inner.map((operand) => () => replacing(sketch, ref, operand));
  });
};

/** A value by another one that is there. */
const others: Pass = (sketch) => {
  const refs = refsOf(sketch);
  return refs.flatMap((ref) =>
    refs.filter((other) => other.$ref < ref.$ref).map((other) => () => replacing(sketch, ref, other)),
  );
};

/** A value by a leaf of its shape. */
const leaves: Pass = (sketch) => {
  const scope: Scope = new Map();
  try {
    for (const step of sketch.steps) scope.set(step.id, stepValue(step, scope));
  } catch {
    return [];
  }
  return sketch.steps.flatMap((step, position) => {
    if (step.call === "input" || step.call === "parameter") return [];
    return refsOf(sketch)
      .filter(({ $ref }) => $ref === step.id)
      .flatMap((ref) => {
        const node = valueOf(ref, scope) as Node | undefined;
        const shape = node?.shape?.map((d: Dim) => written(d));
        if (!node || !shape || shape.includes(undefined) || node.dtype !== "float32") return [];
        const id = 1 + Math.max(...allSteps(sketch).map((each) => each.id), 10_000);
        const declared: Step[] = [
          { id, call: "input", args: [`x${id}`, shape as Arg] },
          ...(shape.includes("batch") ? [] : [{ id, call: "parameter", args: [shape as Arg, 0.5] }]),
        ];
        return declared.map((leaf) => () => {
          const replaced = replacing(sketch, ref, { $ref: id });
          return { ...replaced, steps: replaced.steps.toSpliced(position, 0, leaf) };
        });
      });
  });
};

/** Sizes: everywhere at once, so that shapes still fit. */
const sizes: Pass = (sketch) => {
  const found = new Set<number>();
  visitSketch(sketch, (arg) => void (typeof arg === "number" && Number.isInteger(arg) && arg > 1 && found.add(arg)));
  return [...found]
    .sort((a, b) => b - a)
    .flatMap((from) =>
      [1, 2, 3, from - 1, Math.ceil(from / 2)]
        .filter((to) => to < from && to >= 1)
        .map((to) => () => resized(sketch, from, to)),
    );
};

function resized(sketch: Sketch, from: number, to: number): Sketch {
  // A constant's values are as many as its shape says.
  const shorter = mapSketch(sketch, (arg) => (arg === from ? to : undefined));
  return {
    ...shorter,
    steps: shorter.steps.map((step) => {
      const [values, given] = step.args;
      const shape = given !== undefined && isOptions(given) ? given["shape"] : undefined;
      if (step.call !== "constant" || !values || !shape || !isList(values) || !isList(shape)) return step;
      const count = shape.reduce<number>((n, d) => n * (d as number), 1);
      const original = sketch.steps.find(({ id }) => id === step.id)!.args[0] as readonly Arg[];
      return { ...step, args: [original.slice(0, count), ...step.args.slice(1)] };
    }),
  };
}

/** Options left out, lists shortened, arguments at the end left out, one place at a time. */
const options: Pass = (sketch) => {
  const changes: (() => Sketch)[] = [];
  let count = 0;
  const change = (target: number, make: (arg: Arg) => Arg | undefined): Sketch => {
    let n = 0;
    return mapSketch(sketch, (arg) => (n++ === target ? make(arg) : undefined));
  };
  mapSketch(sketch, (arg) => {
    const at = count++;
    if (isOptions(arg)) {
      for (const key of Object.keys(arg)) changes.push(() => change(at, () => without(arg, key)));
    }
    if (isList(arg) && arg.length > 1) arg.forEach((_, i) => changes.push(() => change(at, () => arg.toSpliced(i, 1))));
    if (isList(arg))
      arg.forEach(
        (item, i) => item !== null && isList(item) && changes.push(() => change(at, () => arg.with(i, null))),
      );
    if (typeof arg === "number" && Number.isInteger(arg) && arg > 1) changes.push(() => change(at, () => 1));
    return undefined;
  });
  sketch.steps.forEach((step, i) => {
    const last = step.args.at(-1);
    if (last === undefined || isRef(last) || step.args.length < 2) return;
    changes.push(() => ({ ...sketch, steps: sketch.steps.with(i, { ...step, args: step.args.slice(0, -1) }) }));
  });
  return changes;
};

const capacity: Pass = (sketch) =>
  [1, 2, 3].filter((n) => n < sketch.capacity).map((n) => () => ({ ...sketch, capacity: n }));

const PASSES: readonly Pass[] = [parts, losses, outputs, operands, leaves, sizes, options, others, capacity];

/** Steps and parameters numbered in the order in which they are read. */
export function renumbered(sketch: Sketch): Sketch {
  const numbers = new Map<number, number>();
  const number = (id: number): number => {
    const known = numbers.get(id) ?? numbers.size + 1;
    numbers.set(id, known);
    return known;
  };
  const pattern = (p: Pattern): Pattern => (typeof p === "number" ? number(p) : p.map(pattern));
  const change = (arg: Arg): Arg | undefined => {
    if (isRef(arg)) return { ...arg, $ref: number(arg.$ref) };
    if (!isLambda(arg)) return undefined;
    const $lambda = arg.$lambda.map(pattern);
    return { $lambda, body: arg.body.map(changed), result: mapOne(arg.result) };
  };
  const mapOne = (arg: Arg): Arg => mapSketch({ ...EMPTY, outputs: { value: arg } }, change).outputs["value"]!;
  const changed = (step: Step): Step => {
    const args = step.args.map(mapOne);
    // Leaves are called after their numbers.
    if (typeof args[0] === "string" && step.call !== "einsum")
      args[0] = `${args[0].replace(/\d+$/, "")}${number(step.id)}`;
    const call = typeof step.call === "string" ? step.call : (mapOne(step.call) as Callee);
    return { id: number(step.id), call, args };
  };
  const steps = sketch.steps.map(changed);
  return { ...mapSketch({ ...sketch, steps: [] }, change), steps };
}

const EMPTY: Sketch = { capacity: 1, steps: [], outputs: {}, training: {}, metrics: {}, entries: {} };
