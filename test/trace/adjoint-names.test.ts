// Right after differentiation a node is called δ exactly where it is an adjoint, or a summand of one: the ledger of the sweeps
// says which those are.

import { expect, test } from "vitest";
import { rootsOf } from "../../compiler/0-declare/entry-names.js";
import { derive } from "../../compiler/pipeline.js";
import type { GraphTrace } from "../../compiler/trace.js";
import type { Network } from "../../src/graph/network.js";
import type { Node } from "../../src/graph/node.js";
import { everyNode } from "../../src/graph/walk.js";
import { EXAMPLES } from "./examples.js";

/** The entries after differentiation, with their ledger. */
function differentiated(network: Network): GraphTrace {
  let told: GraphTrace | undefined;
  derive(network, {
    constNames: "ordinals",
    trace: (event) => {
      if (event.kind === "graph" && event.phase === "differentiate") told = event;
    },
  });
  return told!;
}

const pair = (value: Node, guard: Node): readonly Node[] => [value, guard];

/** What the sweeps sent and added up: values, values where a guard holds, and sums of some of what came to one node. */
function isAdjoint(events: GraphTrace["events"], nodes: readonly Node[]): (node: Node) => boolean {
  const values = new Set<Node>();
  // A recurrence backwards is the adjoint of a tuple: it carries adjoints, and for what every step reads sums of them.
  for (const node of nodes) {
    if (node.regions.length === 0 || node.origin.derived?.by !== node.def.rule) continue;
    for (const { parameters, results } of node.regions)
      [node, ...parameters, ...results].forEach((one) => values.add(one));
  }
  const guarded = new Map<Node, Set<Node>>();
  const see = ({ value, guard }: { readonly value: Node; readonly guard: Node | null }): void => {
    values.add(value);
    if (guard) guarded.set(value, (guarded.get(value) ?? new Set()).add(guard));
  };
  for (const event of events) {
    if (event.kind === "seed") values.add(event.value);
    if (event.kind === "edge" || event.kind === "sum") see(event);
    if (event.kind === "sum") event.parts.forEach(see);
  }
  /** `where(guard, value, 0)`, with the guard as a node or as the formula that it is. */
  const isSelection = ({ inputs }: Node): boolean =>
    inputs.some((value) =>
      [...(guarded.get(value) ?? [])].some(
        (guard) =>
          pair(value, guard).every((one) => inputs.includes(one)) || guard.inputs.every((one) => inputs.includes(one)),
      ),
    );
  const known = (node: Node): boolean => values.has(node) || isSelection(node);
  return (node) =>
    known(node) || (node.def.name === "add" && node.inputs.every((input) => known(input) || isPartialSum(input)));

  function isPartialSum(node: Node): boolean {
    return node.def.name === "add" && node.inputs.every((input) => known(input) || isPartialSum(input));
  }
}

/** What is called δ, and what of that is no adjoint. */
function called({ after, names, events }: Pick<GraphTrace, "after" | "names" | "events">) {
  const nameOf = names.among(after.map(rootsOf));
  const nodes = [...new Set(everyNode(after.flatMap(rootsOf)))];
  const named = nodes.filter((node) => nameOf(node).startsWith("δ"));
  const adjoint = isAdjoint(events, nodes);
  const strange = named.filter((node) => !adjoint(node));
  return { named, strange: strange.map((node) => `${nameOf(node)}: ${node.def.name}, ${node.origin.derived?.by.id}`) };
}

test.each(EXAMPLES)("%s: only adjoints are called δ", async (_, load) => {
  const { named, strange } = called(differentiated(await load()));
  expect(named.length).toBeGreaterThan(0);
  expect(strange).toEqual([]);
});

test("negative control: an adjoint that the ledger does not know is found", async () => {
  const told = differentiated(await EXAMPLES.find(([name]) => name.startsWith("digits/"))![1]());
  const last = told.events.findLast((event) => event.kind === "edge")!;
  expect(called({ ...told, events: told.events.filter((event) => event !== last) }).strange).toHaveLength(1);
});
