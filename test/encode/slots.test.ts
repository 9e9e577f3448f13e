// Which locals share a slot, and which must not.

import { describe, expect, test } from "vitest";
import { assemble } from "../../compiler/5-emit/wasm/encode/assemble.js";
import { randomNumbers } from "../oracle/leaves.js";
import { listingOf, type FunctionListing } from "./listing.js";
import { expectSameValues } from "./same-values.js";

const module = (body: string, locals: string): string =>
  `(module (func $f (param $p i32) (result i32) ${locals}\n${body}))`;

const locals = (names: string, type = "i32"): string =>
  names
    .split(" ")
    .map((name) => `(local $${name} ${type})`)
    .join(" ");

const listed = (text: string, asWritten = false): FunctionListing => listingOf(assemble(text, { asWritten }))[0]!;

const slotsIn = ({ instructions }: FunctionListing): number =>
  new Set(instructions.flatMap(({ local = 0 }) => (local > 0 ? [local] : []))).size;

/** The number of slots that locals a, b and c have. */
function slots(body: string, declared = locals("a b c")): number {
  const text = module(body, declared);
  const own = listed(text);
  expect(WebAssembly.validate(assemble(text))).toBe(true);
  expectSameValues(listed(text, true), own);
  return slotsIn(own);
}

const A = "(local.get $a)";
const B = "(local.get $b)";
const P = "(local.get $p)";
const drop = (value: string): string => `(drop ${value})`;

test("lives that are apart share a slot", () => {
  expect(slots(`(local.set $a ${P}) ${drop(A)} (local.set $b ${P}) ${B}`)).toBe(1);
  expect(slots(`(local.set $a ${P}) (local.set $b ${P}) (i32.add ${A} ${B})`)).toBe(2);
});

test("but not with those of another type", () => {
  const body = `(local.set $a ${P}) ${drop(A)} (local.set $x (f32.const 1)) (drop (local.get $x)) ${P}`;
  expect(slots(body, `${locals("a")} ${locals("x", "f32")}`)).toBe(2);
});

test("a copy of another local's last use vanishes", () => {
  const text = module(`(local.set $a ${P}) (local.set $b ${A}) ${B}`, locals("a b"));
  expect(listed(text).instructions.map((one) => one.text)).toEqual(["local.get", "local.set", "local.get"]);
});

test("what a loop reads lives to its end, where it is written before", () => {
  const loop = `(loop $l ${drop(A)} (local.set $b ${P}) ${drop(B)} (br_if $l ${P}))`;
  expect(slots(`(local.set $a ${P}) ${loop} (i32.const 0)`)).toBe(2);
  // Written in each turn, it is apart from what comes behind.
  expect(slots(`(loop $l (local.set $a ${P}) ${drop(A)} (local.set $b ${P}) ${drop(B)} (br_if $l ${P})) ${P}`)).toBe(1);
});

test("what is read before it is written has a slot of its own, which is zero", () => {
  const own = `(local.set $a ${P}) ${drop(A)} ${B}`;
  expect(slots(own)).toBe(2);
  // In the first turn it is zero, in others what the turn before has left.
  expect(slots(`(loop $l ${drop(B)} (local.set $b ${P}) (local.set $a ${P}) ${drop(A)} (br_if $l ${P})) ${P}`)).toBe(2);
});

test("what is written in a branch and read behind it has one too", () => {
  expect(slots(`(local.set $a ${P}) ${drop(A)} (if ${P} (then (local.set $b ${P}))) ${B}`)).toBe(2);
  const turn = `(if ${P} (then (local.set $b ${P}))) ${drop(B)} (local.set $a ${P}) ${drop(A)}`;
  expect(slots(`(loop $l ${turn} (br_if $l ${P})) ${P}`)).toBe(2);
  // Behind a block that may be left before it is written.
  const block = `(block $out (br_if $out ${P}) (local.set $b ${P}))`;
  expect(slots(`(local.set $a ${P}) ${drop(A)} ${block} ${B}`)).toBe(2);
});

test("two branches share", () => {
  const arm = (name: string): string => `(local.set $${name} ${P}) (drop (local.get $${name}))`;
  expect(slots(`(if ${P} (then ${arm("a")}) (else ${arm("b")})) ${P}`)).toBe(1);
});

test("a local without a use has no slot", () => {
  expect(slots(P)).toBe(0);
  expect(assemble(module(P, locals("a b c")))).toEqual(assemble(module(P, "")));
});

const NAMES = ["$a", "$b", "$c", "$d", "$e", "$f", "$g", "$h"];

/** Random statements over locals. `written`: those that were, to which it adds; most of what is read is one of them. */
function randomBody(draw: () => number, depth: number, labels: readonly string[], written: string[]): string {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(draw() * list.length)]!;
  const get = (): string => `(local.get ${draw() < 0.02 || written.length === 0 ? pick(NAMES) : pick(written)})`;
  const set = (how: string, value: string): string => {
    const name = pick(NAMES);
    written.push(name);
    return `(local.${how} ${name} ${value})`;
  };
  const inner = (names = labels): string => randomBody(draw, depth - 1, names, written);
  const statement = (): string => {
    const kind = draw();
    if (kind < 0.15) return set("set", get());
    if (kind < 0.3) return set("set", `(i32.const ${Math.floor(draw() * 100)})`);
    if (kind < 0.4) return set("set", `(i32.add ${get()} ${set("tee", get())})`);
    if (kind < 0.55) return drop(get());
    if (kind < 0.6 && labels.length > 0) return `(br_if ${pick(labels)} ${get()})`;
    if (kind < 0.61 && labels.length > 0) return `(br ${pick(labels)})`;
    if (kind < 0.62) return `(return ${get()})`;
    if (depth === 0) return drop(get());
    const label = `$l${depth}.${Math.floor(draw() * 1e6)}`;
    if (kind < 0.7) return `(if ${get()} (then ${inner()}) (else ${inner()}))`;
    if (kind < 0.76) return `(if ${get()} (then ${inner()}))`;
    if (kind < 0.84) return `(block ${label} ${inner([...labels, label])})`;
    return `(loop ${label} ${inner([...labels, label])} (br_if ${label} ${get()}))`;
  };
  return Array.from({ length: 2 + Math.floor(draw() * 6) }, statement).join("\n");
}

const SEED = 20;

test(`random functions with seed ${SEED}: every value is read from a slot that holds it`, () => {
  const draw = randomNumbers(SEED);
  let shared = 0;
  for (let n = 0; n < 400; n++) {
    const text = module(`${randomBody(draw, 3, [], [])}\n${A}`, NAMES.map((name) => `(local ${name} i32)`).join(" "));
    const [written, own] = [listed(text, true), listed(text)];
    expect(WebAssembly.validate(assemble(text)), text).toBe(true);
    expect(() => expectSameValues(written, own), text).not.toThrow();
    if (slotsIn(own) < slotsIn(written)) shared++;
  }
  expect(shared).toBeGreaterThan(40);
});

describe("negative controls: the check sees locals that share and must not", () => {
  /** `$a` in place of `$b`. */
  const wrong = (body: string): void => {
    const text = module(body, locals("a b c"));
    const merged = listed(module(body.replaceAll("$b", "$a"), locals("a b c")), true);
    expect(() => expectSameValues(listed(text, true), listed(text, true))).not.toThrow();
    expect(() => expectSameValues(listed(text, true), merged)).toThrow(/a slot is read that holds/);
  };

  test.each([
    ["lives that overlap", `(local.set $a ${P}) (local.set $b (i32.const 5)) (i32.add ${A} ${B})`],
    [
      "a loop's next turn",
      `(local.set $a ${P}) (loop $l ${drop(A)} (local.set $b (i32.const 5)) ${drop(B)} (br_if $l ${P})) (i32.const 0)`,
    ],
    ["a branch", `(local.set $a ${P}) ${drop(A)} (if ${P} (then (local.set $b ${P}))) ${B}`],
    ["zero at first", `(local.set $a ${P}) ${drop(A)} ${B}`],
    [
      "a turn that leaves early",
      `(loop $l (block $out (br_if $out ${P}) (local.set $b ${P})) ${drop(B)} (local.set $a ${P}) ${drop(A)} (br_if $l ${P})) ${P}`,
    ],
  ])("%s", (_, body) => wrong(body));
});
