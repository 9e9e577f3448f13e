// LaTeX says every attribute: what differs in one is not printed the same.

import { expect, test } from "vitest";
import { createNode, type Node } from "../../src/graph/node.js";
import type { OpDef } from "../../src/graph/op.js";
import { originOf } from "../../src/graph/origin.js";
import { texEquations } from "../../src/graph/tex.js";
import { topological } from "../../src/graph/walk.js";
import { makeRegionParameter } from "../../src/ops/leaf/leaves.js";
import { registry } from "../../src/ops/registry.js";

const ORIGIN = originOf({ call: "test" });
const leavesOf = (types: readonly { shape: Node["shape"]; dtype: Node["dtype"] }[]): Node[] =>
  types.map((type, i) => makeRegionParameter(ORIGIN, i, type));

/** Numbers, so that a sample is the same each time. */
const draws = () => {
  let state = 7;
  return (below: number): number => (state = (state * 48271) % 2147483647) % below;
};

/** Attributes as data; graphs that are held as attributes have lines of their own. */
const dataOf = (attrs: object): string =>
  JSON.stringify(attrs, (_, value: unknown) =>
    typeof value === "object" && value !== null && "def" in value ? null : value,
  );

const isTuple = (node: Node): boolean => node.def.results !== undefined;

/** The nodes of an op among its samples, on leaves of the same names. */
function nodesOf(def: OpDef): Node[] {
  return def.samples(draws()).flatMap(({ inputs, build }) =>
    topological([build(leavesOf(inputs))])
      .filter((node) => node.def === def && node.regions.length === 0 && !node.inputs.some(isTuple))
      .map((node) => createNode(def, leavesOf(node.inputs), node.attrs, ORIGIN)),
  );
}

const texOf = (node: Node): string =>
  texEquations({ y: node }, { name: (one) => (one === node ? "y" : `x${(one.attrs as { index?: number }).index}`) });

/** Pairs of nodes that differ in attributes and print the same. */
function confused(nodes: readonly Node[], print: (node: Node) => string): string[] {
  const texts = new Map<string, string>();
  const found: string[] = [];
  for (const node of nodes) {
    const [tex, data] = [print(node), dataOf(node.attrs)];
    const known = texts.get(tex);
    if (known === undefined) texts.set(tex, data);
    else if (known !== data) found.push(`${tex} is ${known} and ${data}`);
  }
  return found;
}

const shown = registry.filter((def) => nodesOf(def).some(({ attrs }) => Object.keys(attrs).length > 0));

test.each(shown.map((def) => [def.name, def] as const))("%s", (_, def) => {
  expect(confused(nodesOf(def), texOf)).toEqual([]);
});

test("negative control: a print without attributes is found", () => {
  const plain = (node: Node): string => `${node.def.name}(${node.inputs.length})`;
  const wrong = shown.filter((def) => confused(nodesOf(def), plain).length > 0);
  expect(wrong.length).toBeGreaterThan(20);
});
