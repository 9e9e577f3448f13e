// What is wrong with a network that only its whole graph shows.

import { labelOf, nameErrors } from "./check-parts.js";
import { declaredRoots, entriesOf } from "./entries.js";
import { RESERVED_MEMBERS } from "./graph/members.js";
import type { Network } from "./graph/network.js";
import { isA, type Node, type NodeOf } from "./graph/node.js";
import { userFrames } from "./graph/origin.js";
import { evaluateDim, sizeOf } from "./graph/shape.js";
import { everyNode, topological } from "./graph/walk.js";
import { initialValues } from "./initial-values.js";
import * as messages from "./messages.js";
import type { TapelessError } from "./messages.js";
import { hyperDef, inputDef, isCarry, stateDef, type HyperAttrs } from "./ops/leaf/leaf-records.js";
import { updatingDef } from "./ops/marker/markers.js";
import { CLOCK } from "./ops/leaf/seed-and-clock.js";
import { conflictingUpdates } from "./state-updates.js";

/** A tensor of more bytes than this cannot be indexed with 32-bit integers. */
const MOST_BYTES = 2 ** 31;

/** Its outputs and steps are sound by themselves. */
export function graphErrors(network: Network): TapelessError[] {
  const losses = Object.entries(network.steps).map(([name, step]) => [name, step.loss] as const);
  const own = Object.entries(network.entries).map(([name, outputs]) => [name, Object.values(outputs)] as const);
  const nodes = everyNode(declaredRoots(network));
  const early = [
    ...nodes.flatMap(inputErrors),
    ...duplicates(
      "inputs or targets",
      nodes.filter((n) => n.def === inputDef),
      undefined,
    ),
    ...sizeErrors(nodes, network.capacity),
    ...losses.flatMap(([name, loss]) => updateErrors(`the loss of ${name}`, [loss])),
    ...own.flatMap(([name, roots]) => updateErrors(`the entry ${name}`, roots)),
    ...initialErrors(nodes),
  ];
  return early.length > 0 ? early : memberErrors(network);
}

const inputErrors = (node: Node): TapelessError[] =>
  isA(node, inputDef) ? nameErrors("input", node.attrs.name, node.origin.site) : [];

/** Of leaves that carry their names. */
function duplicates(what: string, leaves: readonly Node[], hint: string | undefined): TapelessError[] {
  const first = new Map<string, Node>();
  return leaves.flatMap((leaf) => {
    const name = leaf.origin.name!;
    const other = first.get(name)?.origin.site;
    if (!other) first.set(name, leaf);
    if (!other) return [];
    const { site } = leaf.origin;
    return [messages.duplicateName({ what, name, other: userFrames(other)[0], otherCall: other.call, site, hint })];
  });
}

/** The calls at which the graph grows too large, not all that follow. */
function sizeErrors(nodes: readonly Node[], rows: number): TapelessError[] {
  const bytesOf = (node: Node): number => 4 * evaluateDim(sizeOf(node.shape), rows);
  const tooLarge = (node: Node): boolean => bytesOf(node) > MOST_BYTES;
  const first = nodes.filter((node) => tooLarge(node) && !node.inputs.some(tooLarge));
  // A number stretched to a large tensor's shape is not the cause.
  const causes = first.filter((node) => node.def.family !== "view");
  const reported = causes.length > 0 ? causes : first;
  return [...new Map(reported.map((node) => [node.origin.site, node])).values()].map((node) => {
    const { shape, origin } = node;
    return messages.tooLargeTensor({ shape, bytes: bytesOf(node), budget: MOST_BYTES, site: origin.site });
  });
}

function updateErrors(what: string, roots: readonly Node[]): TapelessError[] {
  const outer = new Set(topological(roots));
  const inLoops = everyNode(roots)
    .filter((node) => isA(node, updatingDef))
    .filter((node) => !outer.has(node));
  return [
    ...conflictingUpdates(roots).map(({ leaf, value }) =>
      messages.updatedTwice({ what, state: labelOf(leaf), site: value.origin.site }),
    ),
    ...inLoops.map((node) => {
      const state = node.attrs.states.map(labelOf).join(", ");
      return messages.updateInLoop({ state, site: node.origin.site });
    }),
  ];
}

/** A first value is computed before any input is there. */
function initialErrors(nodes: readonly Node[]): TapelessError[] {
  // What is carried starts as a number, for all rows that there may be.
  const first = initialValues(nodes).filter(({ leaf }) => !isCarry(leaf));
  return first.flatMap(({ leaf, value }) => {
    const why = everyNode([value]).map(unknownAtFirst).find(Boolean);
    return why === undefined ? [] : [messages.badInitial({ what: labelOf(leaf), why, site: leaf.origin.site })];
  });
}

function unknownAtFirst(node: Node): string | undefined {
  if (isA(node, inputDef)) return `the ${node.attrs.role} ${node.attrs.name}`;
  if (isA(node, hyperDef)) return `the hyper-parameter ${node.attrs.name}`;
  return node.shape.some((d) => d.power > 0) ? "the batch" : undefined;
}

/** Entries and hyper-parameters are members of one object, states of another. */
function memberErrors(network: Network): TapelessError[] {
  const entries = entriesOf(network);
  const changed = entries.flatMap(({ updates }) => updates.flatMap(({ leaf, value }) => [leaf, value]));
  const nodes = everyNode([...changed, ...entries.flatMap(({ results }) => results.map(({ value }) => value))]);
  const own = entries.map((entry) => entry.name);
  const taken = own.filter((name, i) => own.indexOf(name) !== i);
  const { site } = network;
  return [
    ...taken.map((name) => {
      const isEntry = Object.hasOwn(network.entries, name);
      const why = isEntry ? "a step has a function of that name" : "another step has a function of that name";
      return messages.badName({ what: isEntry ? "entry" : "step", name, why, site });
    }),
    ...hyperErrors(
      nodes.filter((node) => isA(node, hyperDef)),
      [...RESERVED_MEMBERS, ...own],
    ),
    ...stateErrors(
      nodes.filter((node) => node.def === stateDef),
      nodes.includes(CLOCK),
    ),
  ];
}

function hyperErrors(hypers: readonly NodeOf<HyperAttrs>[], members: readonly string[]): TapelessError[] {
  const names = hypers.flatMap((node) => {
    const { name } = node.attrs;
    const { site } = node.origin;
    if (!members.includes(name)) return nameErrors("hyper-parameter", name, site);
    return [messages.badName({ what: "hyper-parameter", name, why: "the model has a member of that name", site })];
  });
  return [...names, ...duplicates("hyper-parameters", hypers, "an optimizer has its own, such as rate and momentum")];
}

/** Of states that carry their whole name; the compiler names the others and refuses what is equal then. */
function stateErrors(states: readonly Node[], clock: boolean): TapelessError[] {
  const named = states.filter(({ origin }) => origin.name !== undefined && !origin.role && !origin.derived);
  const clocks = named.filter(({ origin }) => clock && origin.name === "clock");
  return [
    ...duplicates("states", named, "Adam counts its steps in a state called count"),
    ...clocks.map(({ origin: { site } }) =>
      messages.badName({
        what: "state",
        name: "clock",
        why: "random numbers count the steps in one of that name",
        site,
      }),
    ),
  ];
}
