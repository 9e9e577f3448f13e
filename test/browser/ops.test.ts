// Every op of the registry in a page, on both targets, against the interpreter in Node: the calls and bounds of
// test/emitted/registry.test.ts.

import { afterAll, beforeAll, expect, test } from "vitest";
import type { Called } from "../emitted/called.js";
import { CAPACITY, expectCalls } from "../emitted/called.js";
import { calls } from "../emitted/calls.js";
import { compiledOf } from "../emitted/once.js";
import { unsampled } from "../emitted/unsampled.js";
import { record, type Recorded } from "./record.js";
import { modulesOf, openStage, replayed, type Stage } from "./stage.js";

let stage: Stage;
beforeAll(async () => void (stage = await openStage()));
afterAll(() => (stage as Stage | undefined)?.close());

const recorded = ({ network, ranges }: Called): Recorded =>
  record(network, "float32", 5, (pair) => expectCalls(pair, ranges));

const all: readonly (readonly [string, () => Called])[] = [
  ...calls.map(([name, called]) => [name, () => called] as const),
  ...Object.entries(unsampled).map(
    ([name, build]) => [name, () => ({ network: build(CAPACITY), ranges: {} })] as const,
  ),
];

test.each(all)("%s", async (_, build) => {
  const called = build();
  await replayed(stage, recorded(called), modulesOf(called.network));
});

test.each(["typescript", "wasm"] as const)(
  "negative control: %s, a wanted number that is off is seen",
  async (target) => {
    const called = calls.find(([name]) => name === "contract")![1];
    const modules = { [target]: compiledOf(called.network, "float32", target) };
    const { script, numbers } = recorded(called);
    await replayed(stage, { script, numbers }, modules);
    const check = script.acts.findLast((act) => act.kind === "check" && act.check.group === "parameters")!;
    if (check.kind !== "check") throw new Error("there is one");
    numbers[Object.values(check.wanted)[0]![0]]! += 1e-4;
    await expect(replayed(stage, { script, numbers }, modules)).rejects.toThrow(/parameters .*apart/);
  },
);
