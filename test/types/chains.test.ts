// Types of shapes against shapes of the run, over drawn chains: a literal in a type is the size that the run has. A type may say
// less, but it must not say so of everything.

import { beforeAll, expect, test } from "vitest";
import type { Dim } from "../../src/graph/shape.js";
import { count } from "../extent.js";
import { axisType, drawChains, type Step } from "./chains.js";
import { complaints } from "./check-source.js";

const SEED = Number(process.env["TYPE_SEED"] ?? 12);
const CHAINS = count(200, 800);
const LENGTH = 6;

const HEAD = `
type Dims = readonly (number | "batch")[];
type DimsOf<X> = X extends api.Tensor<infer S> ? S : never;
type Holds<X, S extends Dims> = S extends DimsOf<X> ? true : false;
type Exact<X, S extends Dims> = DimsOf<X> extends Readonly<S> ? true : false;
declare function holds<X, S extends Dims>(held: Holds<X, S>): void;
declare function exact<X, S extends Dims>(exact: Holds<X, S> extends true ? Exact<X, S> : false): void;
declare const sometimes: boolean;`;

type ShapeOf = (step: Step) => readonly Dim[];

/** Lines that make the values, and one for each that asks what its type says. */
const made = (chain: readonly Step[]): string[] => chain.map(({ name, text }) => `const ${name} = api.${text};`);
const asked = (ask: "holds" | "exact", steps: readonly Step[], shapeOf: ShapeOf): string[] =>
  steps.map((step) => `${ask}<typeof ${step.name}, [${shapeOf(step).map(axisType).join(", ")}]>(true);`);

const longer: ShapeOf = ({ shape }) => [
  ...shape.slice(0, -1),
  { times: shape.at(-1)!.times + 1, power: shape.at(-1)!.power },
];

const chains = drawChains(SEED, CHAINS, LENGTH);
const steps = chains.flat();
const shaped = steps.filter(({ shape }) => shape.length > 0);
const title = `(seed ${SEED}, ${steps.length} calls)`;

// One run of the type checker for all questions.
const sections = {
  made: chains.flatMap(made),
  right: asked("holds", steps, ({ shape }) => shape),
  wrong: asked("holds", shaped, longer),
  exact: asked("exact", steps, ({ shape }) => shape),
};
type Section = keyof typeof sections;
const red = new Map<Section, string[]>();

beforeAll(() => {
  const text = Object.values(sections).flat();
  const sectionOf = Object.entries(sections).flatMap(([name, lines]) => lines.map(() => name as Section));
  for (const { line, message } of complaints([...text, 'import * as api from "tapeless";', HEAD].join("\n"))) {
    const section = sectionOf[line - 1]!;
    red.set(section, [...(red.get(section) ?? []), `${text[line - 1]!}\n${message}`]);
  }
}, 600_000);

test(`what a type says of an axis is what the run has there ${title}`, () => {
  expect(steps.length).toBeGreaterThan(CHAINS * 5);
  expect(red.get("made") ?? []).toEqual([]);
  expect(red.get("right") ?? []).toEqual([]);
});

test(`a shape that the run does not have is red, unless the axis is not known ${title}`, () => {
  expect(red.get("wrong")!.length / shaped.length).toBeGreaterThan(0.7);
});

test(`most types say all ${title}`, () => {
  const loose = red.get("exact") ?? [];
  expect(loose.length / steps.length, loose.slice(0, 5).join("\n\n")).toBeLessThan(0.35);
});
