// A graph as equations: what is used once is written into the line that uses it, broadcasting goes without saying, and
// sums of products of two matrices are matrix products.

import { isAxis } from "../affine.js";
import type { Load } from "../lowering.js";
import type { Node, Region } from "../node.js";
import type { Origin } from "../origin.js";
import { topological } from "../walk.js";
import { constant, isApply, mapLeaves, type Argument, type Expr } from "../../scalar/expression.js";
import { everywhere, readableScalar, unstretched } from "./readable.js";

/** A piece of an equation that is not arithmetic. */
export type PrintedPart =
  | { readonly kind: "name"; readonly node: Node }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "product"; readonly left: Factor; readonly right: Factor }
  | { readonly kind: "call"; readonly node: Node; readonly operands: readonly PrintedTerm[] };

export type PrintedTerm = Expr<PrintedPart>;

export interface Factor {
  readonly term: PrintedTerm;
  readonly transposed: boolean;
}

export interface Equation {
  readonly node: Node;
  readonly term: PrintedTerm;
  readonly regions: readonly { readonly region: Region; readonly equations: readonly Equation[] }[];
}

export interface TermOptions {
  /** Known values: they are named, not explained. */
  readonly isGiven: (node: Node) => boolean;
}

/** Longer expressions get a line of their own. */
const LONGEST = 12;

/** The equations of everything the roots need and that is not given, each after those it uses. */
export function equationsOf(roots: readonly Node[], options: TermOptions): Equation[] {
  const terms = new Map<Node, { readonly term: PrintedTerm; readonly weight: number }>();
  const equations: Equation[] = [];
  const order = shownNodes(roots, options);
  const uses = countUses(order, options);
  const isRoot = new Set(roots);
  const isPart = partsOf(order);

  for (const node of order) {
    if (isAtom(node, options) && !(isRoot.has(node) && !options.isGiven(node) && node.inputs.length > 0)) continue;
    const term = termOf(node, (input) => termFor(input));
    const weight = weightOf(term);
    const isShort = !isPart(node) && (weight <= 1 || (weight <= LONGEST && uses.get(node) === 1));
    if (isShort && !isRoot.has(node) && node.regions.length === 0 && !holdsTuple(node))
      terms.set(node, { term, weight });
    else {
      const regions = node.regions.map((region) => ({
        region,
        equations: equationsOf(region.results, { isGiven: (inner) => region.parameters.includes(inner) }),
      }));
      equations.push({ node, term, regions });
    }
  }

  function termFor(node: Node): PrintedTerm {
    const literal = everywhere(node);
    if (literal) return literal.value === undefined ? { kind: "text", text: literal.text } : constant(literal.value);
    if (isRoot.has(node) || options.isGiven(node)) return { kind: "name", node };
    const inner = options.isGiven(node) ? node : unstretched(node);
    return terms.get(inner)?.term ?? { kind: "name", node: inner };
  }

  return equations;
}

/** The parts of calls, such as an LSTM's gates, and their adjoints: each has a line. */
function partsOf(order: readonly Node[]): (node: Node) => boolean {
  const parts = new Map<Origin, Node>();
  const adjoints = new Map<Origin, Node[]>();
  for (const node of order) {
    const { origin } = declaredAs(node);
    if (node.def.family === "leaf") continue;
    if (origin.derived === undefined && origin.part !== undefined) parts.set(origin, node);
    else if (origin.derived?.kind === "adjoint" && origin.part === undefined) {
      const { of } = origin.derived;
      adjoints.set(of.origin, [...(adjoints.get(of.origin) ?? []), node]);
    }
  }
  const shown = new Set(parts.values());
  for (const [origin, part] of parts) {
    const ofPart = adjoints.get(origin)?.findLast((node) => declaredAs(node).origin.derived!.of.def === part.def);
    if (ofPart) shown.add(ofPart);
  }
  return (node) => shown.has(node);
}

/** The declared node whose value a law has written otherwise. */
function declaredAs(node: Node): Node {
  let at = node;
  while (at.origin.derived?.kind === "law") at = at.origin.derived.of;
  return at;
}

const holdsTuple = (node: Node): boolean => node.inputs.some((input) => input.def.results !== undefined);

/** Nodes that stand for themselves wherever they are used. */
const isAtom = (node: Node, { isGiven }: TermOptions): boolean =>
  isGiven(node) || everywhere(node) !== undefined || unstretched(node) !== node;

/** What is reached without passing through a given node; of a large graph no more than that is looked at. */
function shownNodes(roots: readonly Node[], { isGiven }: TermOptions): Node[] {
  const given = new Set<Node>();
  const order = topological(roots, (node) => isGiven(node) && given.add(node).has(node));
  return [...given, ...order];
}

/** How often each node is written, broadcasts counted through. */
function countUses(order: readonly Node[], options: TermOptions): Map<Node, number> {
  const uses = new Map<Node, number>();
  for (const node of order) {
    if (options.isGiven(node) || unstretched(node) !== node) continue;
    for (const input of node.inputs) {
      const source = options.isGiven(input) ? input : unstretched(input);
      uses.set(source, (uses.get(source) ?? 0) + 1);
    }
  }
  return uses;
}

function termOf(node: Node, of: (input: Node) => PrintedTerm): PrintedTerm {
  const scalar = readableScalar(node.def);
  if (scalar) return mapLeaves<Argument, PrintedPart>(scalar, ({ index }) => of(node.inputs[index]!));
  const factors = matrixProduct(node);
  if (factors) {
    const [left, right] = factors.map(({ operand, transposed }) => ({ term: of(node.inputs[operand]!), transposed }));
    return { kind: "product", left: left!, right: right! };
  }
  return { kind: "call", node, operands: node.inputs.map(of) };
}

function weightOf(term: PrintedTerm): number {
  if (isApply(term)) return term.args.reduce((sum, arg) => sum + weightOf(arg), 1);
  if (term.kind === "product") return 1 + weightOf(term.left.term) + weightOf(term.right.term);
  if (term.kind === "call") return term.operands.reduce((sum, operand) => sum + weightOf(operand), 1);
  return term.kind === "name" ? 1 : 0;
}

interface MatrixFactor {
  readonly operand: number;
  readonly transposed: boolean;
}

/** The two factors when the node is the product of two matrices, read from its lowering. */
function matrixProduct(node: Node): readonly [MatrixFactor, MatrixFactor] | undefined {
  if (node.def.family !== "contract" || node.shape.length !== 2) return undefined;
  const lowering = node.def.lower?.({ ...node, output: node });
  if (lowering?.kind !== "reduce" || lowering.axes.length !== 1 || !isApply(lowering.body)) return undefined;
  const [a, b] = [lowering.body.args[0]!, lowering.body.args[1]!];
  if (lowering.body.op !== "mul" || a.kind !== "load" || b.kind !== "load") return undefined;
  for (const [left, right] of [[a, b] as const, [b, a] as const]) {
    const rows = orientation(left, 0, 2);
    const columns = orientation(right, 2, 1);
    if (rows === undefined || columns === undefined) continue;
    return [
      { operand: left.operand, transposed: rows },
      { operand: right.operand, transposed: columns },
    ];
  }
  return undefined;
}

/** False where a load reads [i, j], true where it reads [j, i]; undefined for anything else. */
function orientation(read: Load, i: number, j: number): boolean | undefined {
  if (read.at.length !== 2 || read.guards.length > 0 || read.at.some(({ loaded }) => loaded !== undefined))
    return undefined;
  const [first, second] = [read.at[0]!.affine, read.at[1]!.affine];
  if (isAxis(first, i) && isAxis(second, j)) return false;
  return isAxis(first, j) && isAxis(second, i) ? true : undefined;
}
