// The reverse sweep: from one scalar back to the nodes whose gradients are wanted. Only nodes on a path between them are
// visited, so frozen parameters cost nothing.

import { createNode, type Node } from "../../src/graph/node.js";
import { derivedOrigin } from "../../src/graph/origin.js";
import { ruleOf, seedRule } from "../../src/graph/rules.js";
import type { Reason } from "../../src/scalar/reason.js";
import { makeFilled } from "../../src/ops/leaf/leaves.js";
import { invariant } from "../../src/messages.js";
import type { Listener } from "./events.js";
import { combine, materialise, unguarded, type Flow } from "./flow.js";
import { orderOf } from "./order.js";
import { pointwiseFlows } from "./pointwise.js";

/** The gradient of `y` with respect to each wanted node that a derivative reaches. `listener` is told how they came about. */
export function sweep(y: Node, wanted: readonly Node[], listener?: Listener): ReadonlyMap<Node, Node> {
  const record = listener?.record;
  invariant(y.shape.length === 0, "only a scalar is differentiated");
  const expansions = new Map<Node, Node>();
  const order = orderOf(
    [y],
    (node) => behind(node, expansions),
    () => false,
  );
  const active = activeNodes(order, new Set(wanted), expansions);
  const flows = new Map<Node, Flow[]>();
  const tuples = new Map<Node, (Flow[] | undefined)[]>();
  const found = new Map<Node, Node>();
  const isWanted = new Set(wanted);

  const send = (to: Node, flow: Flow): void => {
    if (!active.has(to)) return;
    const before = flows.get(to);
    if (before) before.push(flow);
    else flows.set(to, [flow]);
  };
  const sendAll = (node: Node, adjoints: readonly (Node | null)[], guards: readonly (Node | null)[]): void => {
    adjoints.forEach((adjoint, i) => {
      const to = node.inputs[i]!;
      if (adjoint === null || !active.has(to)) return;
      const rule = ruleOf(node.def, i);
      const flow: Flow = { of: to, value: attributed(adjoint, node, to, rule), by: rule, guard: guards[i] ?? null };
      send(to, flow);
      record?.({ kind: "edge", from: node, to, operand: i, rule, ...of(flow) });
    });
  };

  const seed = makeFilled(derivedOrigin(y, seedRule, "adjoint"), 1, [], "float32");
  send(y, unguarded(y, seed, seedRule));
  record?.({ kind: "seed", node: y, value: seed, wanted });
  for (let i = order.length - 1; i >= 0; i--) {
    const node = order[i]!;
    if (!active.has(node)) continue;
    if (node.def.results !== undefined) {
      const slots = tuples.get(node);
      if (slots) sendAll(node, adjointsOfTuple(node, slots), []);
      continue;
    }
    const incoming = flows.get(node);
    if (incoming === undefined) continue;
    flows.delete(node);
    const flow = combine(node, incoming);
    if (incoming.length > 1) record?.({ kind: "sum", node, parts: incoming.map(of), ...of(flow) });
    if (isWanted.has(node)) found.set(node, materialise(flow));
    if (!passes(node)) continue;

    const expansion = expansions.get(node);
    const [source] = node.inputs;
    if (expansion !== undefined) {
      send(expansion, flow);
      record?.({ kind: "expand", node, expansion });
    } else if (source?.def.results !== undefined) {
      collect(tuples, source, node, flow);
      record?.({ kind: "edge", from: node, to: source, operand: 0, rule: ruleOf(node.def, 0), ...of(flow) });
    } else if (node.def.vjp) {
      const moved = flow.guard ? movedGuards(node, flow.guard) : undefined;
      const adjoints = adjointsOf(node, moved ? flow.value : materialise(flow));
      sendAll(node, adjoints, moved ?? []);
    } else {
      invariant(node.def.family === "pointwise", `${node.def.name} states its derivative or has none`);
      const isActive = (i: number): boolean => active.has(node.inputs[i]!);
      for (const { to, operand, rule, contribution } of pointwiseFlows(node, flow, isActive, listener)) {
        send(to, contribution);
        record?.({ kind: "edge", from: node, to, operand, rule, ...of(contribution) });
      }
    }
  }
  return found;
}

/** What a node's derivative leads to: its inputs, or the expansion of a composite that states no derivative. */
function behind(node: Node, expansions: Map<Node, Node>): readonly Node[] {
  const { def, inputs, attrs, regions, origin } = node;
  if (def.vjp || !def.differentiable || !def.expand) return inputs;
  const expansion = def.expand({ inputs, attrs, regions, origin });
  if (expansion === node) return inputs;
  expansions.set(node, expansion);
  return [expansion];
}

const of = ({ value, guard }: Flow): Pick<Flow, "value" | "guard"> => ({ value, guard });

const passes = (node: Node): boolean => node.def.differentiable && node.dtype === "float32";

/** The nodes through which a gradient flows to a wanted one, and those themselves. */
function activeNodes(
  order: readonly Node[],
  wanted: ReadonlySet<Node>,
  expansions: ReadonlyMap<Node, Node>,
): ReadonlySet<Node> {
  const active = new Set<Node>();
  for (const node of order) {
    const expansion = expansions.get(node);
    const reaches = expansion ? active.has(expansion) : node.inputs.some((input) => active.has(input));
    if (wanted.has(node) || (reaches && passes(node))) active.add(node);
  }
  return active;
}

function adjointsOf(node: Node, gradient: Node): readonly (Node | null)[] {
  const { inputs, attrs, regions, origin } = node;
  return node.def.vjp!({ inputs, attrs, regions, origin, output: node, gradient });
}

/**
 * The guard as each input of a view sees it, when pointwise ops may follow: a rule that only moves elements moves those of
 * the guard as well. Undefined where the rule adds elements up.
 */
function movedGuards(node: Node, guard: Node): readonly (Node | null)[] | undefined {
  const goesOn = node.inputs.some(({ def }) => def.family === "pointwise" || def.family === "view");
  if (node.def.family !== "view" || !goesOn) return undefined;
  const guards = adjointsOf(node, guard);
  return guards.every((moved) => moved?.dtype === "bool") ? guards : undefined;
}

/** Keeps the adjoint of one result of a node with several until all have come. */
function collect(tuples: Map<Node, (Flow[] | undefined)[]>, tuple: Node, projection: Node, flow: Flow): void {
  const { index } = projection.attrs as { readonly index: number };
  let slots = tuples.get(tuple);
  if (slots === undefined) tuples.set(tuple, (slots = []));
  (slots[index] ??= []).push(unguarded(tuple, materialise(flow), flow.by));
}

function adjointsOfTuple(tuple: Node, slots: readonly (Flow[] | undefined)[]): readonly (Node | null)[] {
  const { def, inputs, attrs, regions, origin } = tuple;
  invariant(def.results && def.vjpMany, `${def.name} states the derivative of its results`);
  const gradients = def.results({ inputs, attrs, regions, origin }).map((_, i) => {
    const slot = slots[i];
    return slot ? combine(tuple, slot).value : null;
  });
  return def.vjpMany({ inputs, attrs, regions, origin, output: tuple, gradients });
}

/** Says of what a rule made that it is the adjoint of `to`, so that it can be named after it. */
function attributed(adjoint: Node, output: Node, to: Node, by: Reason): Node {
  const { def, inputs, attrs, regions, origin } = adjoint;
  if (origin.derived?.of !== output || def.family === "leaf") return adjoint;
  return createNode(def, inputs, attrs, derivedOrigin(to, by, "adjoint"), regions);
}
