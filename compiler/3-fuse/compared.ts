// Two floats are compared for equality only where both were rounded alike. A value that is computed twice, once to be stored and
// once from what was stored, is not the same number twice: what comparisons look at is stored, and read from there.

import type { Body, Load } from "../../src/graph/lowering.js";
import type { Node } from "../../src/graph/node.js";
import { invariant } from "../../src/messages.js";
import { isApply, isConstant, type ScalarOp } from "../../src/scalar/expression.js";
import type { Footprint } from "./build/tree.js";
import { isCopy, type Root } from "./roots.js";
import { lowered } from "./lowered.js";

const EQUALITIES: ReadonlySet<ScalarOp> = new Set(["eq", "ne"]);
const ORDERS: ReadonlySet<ScalarOp> = new Set(["lt", "le", "gt", "ge"]);
/** These give back one of their operands as it is. */
const CHOICES: ReadonlySet<ScalarOp> = new Set(["select", "min", "max", "neg", "abs"]);

const known = new WeakMap<Node, readonly Node[]>();

/**
 * The nodes that must be stored because of what this one compares: those that two sides of an equality show, and those of an
 * order if both sides show some, as in sorting: they may be the same value, computed in two ways. A node is shown through
 * views, choices, maxima and minima.
 */
export function comparedBy(node: Node): readonly Node[] {
  const before = known.get(node);
  if (before) return before;
  const compared = new Set<Node>();
  const seen = new Set<Body>();
  const visit = (body: Body): void => {
    if (isConstant(body) || seen.has(body) || !isApply(body)) return;
    seen.add(body);
    const args = body.args as readonly Body[];
    args.forEach(visit);
    const [left, right] = args.map((arg) => shownIn(node, arg));
    if (args.some(isConstant)) return;
    const isOrder = ORDERS.has(body.op) && left!.size > 0 && right!.size > 0;
    if (isOrder || EQUALITIES.has(body.op)) for (const shown of [...left!, ...right!]) compared.add(shown);
  };
  const lowering = lowered(node);
  if (lowering.kind === "map" || lowering.kind === "reduce" || lowering.kind === "scatter") visit(lowering.body);
  const result = [...compared];
  known.set(node, result);
  return result;
}

/** Two kernels that compare a value must not each compute it. `stored`: what is stored, and what each of it computes. */
export function verifyComparisons(stored: ReadonlyMap<Root, Pick<Footprint, "computes">>): void {
  for (const [root, { computes }] of stored) {
    for (const node of isCopy(root) ? computes : [root, ...computes]) {
      for (const compared of comparedBy(node))
        invariant(
          stored.has(compared),
          `${compared.def.name}, which ${node.def.name} compares for equality, is stored`,
        );
    }
  }
}

/** The computed floats whose very values an expression of a node's body may be; more than one where it chooses. */
function shownIn(node: Node, body: Body): ReadonlySet<Node> {
  const shown = new Set<Node>();
  for (const { operand } of loadsShown(body)) for (const base of basesOf(node.inputs[operand]!)) shown.add(base);
  return shown;
}

function loadsShown(body: Body): Load[] {
  if (isConstant(body)) return [];
  if (isApply(body)) {
    if (!CHOICES.has(body.op)) return [];
    const args = body.op === "select" ? body.args.slice(1) : body.args;
    return args.flatMap((arg) => loadsShown(arg as Body));
  }
  return body.kind === "load" ? [body] : [];
}

const bases = new WeakMap<Node, ReadonlySet<Node>>();

/** The nodes that compute what a node shows. Leaves, and what loops of the program make, are stored in any case. */
function basesOf(root: Node): ReadonlySet<Node> {
  const before = bases.get(root);
  if (before) return before;
  const found = new Set<Node>();
  const seen = new Set<Node>();
  const stack = [root];
  while (stack.length > 0) {
    const node = stack.pop()!;
    if (seen.has(node) || node.dtype !== "float32") continue;
    seen.add(node);
    const lowering = lowered(node);
    if (lowering.kind === "alias") stack.push(node.inputs[0]!);
    else if (lowering.kind === "map" || (lowering.kind === "reduce" && isExtreme(lowering.combiner))) {
      const loads = showsWholly(lowering.body) ? loadsShown(lowering.body) : [];
      if (loads.length > 0) for (const { operand } of loads) stack.push(node.inputs[operand]!);
      else if (!isExact(lowering.body)) found.add(node);
    } else if (lowering.kind === "reduce" || lowering.kind === "scatter") found.add(node);
  }
  bases.set(root, found);
  return found;
}

/** A small integer, as indices and sizes are, or a constant that needs no rounding. */
const isExact = (body: Body): boolean =>
  isConstant(body)
    ? Object.is(Math.fround(body.value), body.value)
    : !isApply(body) && (body.kind === "index" || body.kind === "size");

const isExtreme = (combiner: string): boolean => combiner === "max" || combiner === "min";

/** Is whatever the expression gives one of its loads or constants, as it is? */
function showsWholly(body: Body): boolean {
  if (isConstant(body)) return true;
  if (!isApply(body)) return body.kind === "load";
  if (!CHOICES.has(body.op)) return false;
  return (body.op === "select" ? body.args.slice(1) : body.args).every((arg) => showsWholly(arg as Body));
}
