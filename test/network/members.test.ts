// A model's members are one list: what it names, no network may name, whatever the target; what a network may name, works.

import { describe, expect, test } from "vitest";
import { compile, type Model } from "tapeless/compiler";
import {
  accuracy,
  add,
  carry,
  hyper,
  input,
  labels,
  mean,
  mul,
  network,
  parameter,
  sgd,
  TapelessError,
  updating,
  type Tensor,
} from "tapeless";
import { ENTRY_NAMES, MEMBERS, RESERVED_MEMBERS, VIEW_GROUPS } from "../../src/graph/members.js";
import type { Model as TrainedModel } from "../../src/train/model.js";
import { typeErrors } from "../type-errors.js";

const targets = ["typescript", "wasm"] as const;

const x = input("x", ["batch"]);
const w = parameter([], 1, { name: "w" });
const loss = mean(mul(x, w)) as Tensor<[]>;
const optimizer = sgd({ rate: 0.5 });

const asStep = (name: string) => network("n", { batch: 1, steps: { [name]: { loss, optimizer } } });
const asEntry = (name: string) => network("n", { batch: 1, entries: { [name]: { outputs: { x } } } });
const asHyper = (name: string) => network("n", { batch: 1, loss: mul(loss, hyper(name, 2)) as Tensor<[]>, optimizer });

describe.each(RESERVED_MEMBERS)("%s", (name) => {
  test("is no step, no entry and no hyper-parameter", () => {
    for (const declare of [asStep, asEntry, asHyper]) {
      expect(() => declare(name)).toThrow(TapelessError);
      expect(() => declare(name)).toThrow(/BAD_NAME/);
    }
  });

  test("nor is a step whose functions would be called so, but a longer name is", () => {
    expect(() => asStep(`${name.replace(/^_+|_+$/g, "")}2`)).not.toThrow();
    expect(() => asEntry(`${name.replace(/^_+|_+$/g, "")}2`)).not.toThrow();
    expect(() => asHyper(`of.${name}`)).not.toThrow();
  });
});

describe.each(targets)("the model on %s", (target) => {
  const digit = labels("digit", ["batch"], 2);
  const logits = mul(input("rows", ["batch", 2]), parameter([2], 1, { name: "v" }));
  /** Everything that a network has, each called like a member where it may be. */
  const whole = network("whole", {
    batch: 2,
    outputs: Object.fromEntries(RESERVED_MEMBERS.filter(mayName).map((name) => [name, logits])),
    steps: { train: { loss, optimizer } },
    metrics: Object.fromEntries(
      RESERVED_MEMBERS.filter((name) => mayName(name) && name !== "loss").map((name) => [
        name,
        accuracy(logits as never, digit as never),
      ]),
    ),
  });
  const compiled = compile(whole, { target });
  const model: Model = compiled.create();

  const declared = ["predict", "evaluate", "loss", "gradients", "train", "rate"];
  const own = Object.keys(MEMBERS).filter((name) => target === "wasm" || name !== "threads");

  test("has what the list says, and what the network declares", () => {
    const plain = own.filter((name) => name !== "resetCarries");
    expect(Object.keys(model).sort()).toEqual([...plain, ...declared].sort());
  });

  test("has resetCarries where something is carried, by an entry or by a step alone", () => {
    const kept = carry("kept", ["batch"]);
    const next = updating(add(x, kept), [[kept, add(x, kept)]]);
    const membersOf = (parts: object): string[] => {
      const carrying = compile(network("carrying", { batch: 2, ...parts }), { target });
      expect(typeErrors([carrying.source])).toEqual([]);
      return Object.keys(carrying.create()).sort();
    };
    const outputs = { outputs: { next } };
    const options = { outputs: whole.outputs, steps: { train: { loss, optimizer } }, metrics: whole.metrics };
    expect(membersOf({ ...options, entries: { next: outputs } })).toEqual([...own, ...declared, "next"].sort());
    const carried = { loss: mean(mul(next, w)), optimizer };
    expect(membersOf({ ...options, steps: { train: carried } })).toEqual([...own, ...declared].sort());
    // An entry that carries nothing has nothing to set back.
    const plain = own.filter((name) => name !== "resetCarries");
    const look = { look: { outputs: { x } } };
    expect(membersOf({ ...options, entries: look })).toEqual([...plain, ...declared, "look"].sort());
  }, 60_000);

  test("outputs and metrics may be called like members", () => {
    model.inputs["rows"]!.fill(1);
    model.inputs["x"]!.fill(1);
    model.predict(2);
    expect([...model.outputs["threads"]!]).toEqual([1, 1, 1, 1]);
    expect(model.spec["metrics" as never]).toHaveProperty("threads");
  });

  test("and the module passes a strict type check", { timeout: 60_000 }, () => {
    expect(typeErrors([compiled.source])).toEqual([]);
    // Control: a second member of one of these names is seen.
    const own = compiled.source.replace(
      "  readonly seed: number;\n  /** Back",
      "  seed(rows: number): number;\n  /** Back",
    );
    expect(
      typeErrors([own.replace("readonly spec: typeof spec;", "readonly spec: typeof spec; readonly seed: number;")]),
    ).not.toEqual([]);
  });
});

const mayName = (name: string): boolean => !["constructor", "prototype", "__proto__"].includes(name);

describe("the list", () => {
  test("has no name twice", () => {
    expect(new Set(RESERVED_MEMBERS).size).toBe(RESERVED_MEMBERS.length);
    expect(VIEW_GROUPS.every((group) => group in MEMBERS)).toBe(true);
    expect(ENTRY_NAMES.some((name) => name in MEMBERS)).toBe(false);
  });

  test("has what training asks of a model", () => {
    type Named = keyof typeof MEMBERS | (typeof ENTRY_NAMES)[number];
    const trained: Record<keyof TrainedModel, true> = {
      spec: true,
      inputs: true,
      targets: true,
      outputs: true,
      statistics: true,
      parameters: true,
      states: true,
      predict: true,
      seed: true,
      reset: true,
    };
    const named: Partial<Record<Named, true>> = trained;
    expect(Object.keys(named).every((name) => RESERVED_MEMBERS.includes(name))).toBe(true);
  });
});
