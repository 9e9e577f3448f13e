// What reaches no input and no parameter, and what does.

import { describe, expect, test } from "vitest";
import { constantsUnder } from "../../compiler/constants.js";
import type { Node } from "../../src/graph/node.js";
import { everyNode, topological } from "../../src/graph/walk.js";
import * as t from "../../src/index.js";

const ops = (nodes: Iterable<Node>): string[] => [...nodes].map(({ def }) => def.name).sort();

describe("constantsUnder", () => {
  const x = t.input("x", ["batch", 5, 8]);

  test("finds a causal mask, and nothing of the values it hides", () => {
    const attended = t.multiHeadAttention(x, 2, { causal: true });
    const found = constantsUnder([attended]);
    expect(ops(found)).toContain("lessEqual");
    expect(ops(found).filter((name) => ["contract", "softmax", "parameter", "input"].includes(name))).toEqual([]);
    // A node is constant with all that it stands on, and only then.
    for (const node of topological([attended])) {
      const under = topological([node]).filter(({ inputs }) => inputs.length === 0);
      expect(found.has(node), node.def.name).toBe(!under.some(({ def }) => ["input", "parameter"].includes(def.name)));
    }
  });

  test.each([
    ["a parameter", t.parameter([2], 1, { name: "w" })],
    ["an input", t.input("y", [2])],
    ["a random number", t.randomNormal([2])],
    ["a state", t.state("s", [2], 0)],
    ["a value that is not to be differentiated", t.stopGradient(t.constant([1, 2]))],
  ])("%s is none", (_, leaf) => {
    const sum = t.add(t.mul(leaf as t.Tensor, 2), t.constant([1, 2]));
    const found = constantsUnder([sum as Node]);
    expect(found.has(sum as Node)).toBe(false);
    expect(ops(found)).toContain("constant");
  });

  test("numbers, sizes and what is computed from them are", () => {
    const sum = t.add(t.exp(t.constant([1, 2])), t.mul(t.constant(3), 2));
    expect(constantsUnder([sum as Node]).size).toBe(topological([sum as Node]).length);
  });

  test("looks into loops, whose parameters change", () => {
    const last = t.gru(x, 3);
    const found = constantsUnder([last as Node]);
    const inner = topological([last as Node]).flatMap(({ regions }) =>
      regions.flatMap(({ results }) => everyNode(results)),
    );
    expect(inner.length).toBeGreaterThan(5);
    expect(inner.filter((node) => node.def.name === "regionParameter" && found.has(node))).toEqual([]);
  });
});

describe("parts of layers", () => {
  const partsOf = (root: unknown): Set<string> =>
    new Set(
      everyNode([root as Node]).flatMap(({ origin }) => (origin.part ? [origin.part.map(String).join(".")] : [])),
    );

  test("recurrent cells say which value is which gate and state", () => {
    const x = t.input("x", ["batch", 5, 3]);
    const ofLstm = ["gates", "inputGate", "forgetGate", "candidate", "outputGate", "c.next", "h.next"];
    expect([...partsOf(t.lstm(x, 4))]).toEqual(expect.arrayContaining(ofLstm));
    expect([...partsOf(t.gru(x, 4))]).toEqual(
      expect.arrayContaining(["resetGate", "updateGate", "candidate", "h.next"]),
    );
  });

  test("attention says which values are scores, weights and context", () => {
    const parts = ["query", "key", "value", "mask", "scores", "weights", "context", "output"];
    expect([...partsOf(t.multiHeadAttention(t.input("x", ["batch", 5, 8]), 2, { causal: true }))]).toEqual(
      expect.arrayContaining(parts),
    );
  });

  test("the pre-activation of a layer is the value of its own call", () => {
    const image = t.input("image", ["batch", 8, 8, 3]);
    for (const [call, root] of [
      ["conv2d", t.conv2d(image, 4, 3, { activation: t.relu })],
      ["dense", t.dense(t.flatten(image), 4, { activation: t.relu })],
    ] as const) {
      const [sum] = (root as Node).inputs;
      expect((root as Node).origin.site.call).toBe("relu");
      expect([sum!.def.name, sum!.origin.site.call, sum!.origin.part]).toEqual(["add", call, undefined]);
    }
  });
});
