// What a loop computes anew from another loop's stored values is read instead, where the other loop has computed it: the
// derivative of a scan recomputes each step from the carries that the scan kept, products and transcendental functions
// included. Those become outputs of the first loop and sequences of the second.

import { withInputs, type Node } from "../../../src/graph/node.js";
import { derivedOrigin, part } from "../../../src/graph/origin.js";
import { sameDim } from "../../../src/graph/shape.js";
import { topological } from "../../../src/graph/walk.js";
import { makeRegionParameter } from "../../../src/ops/leaf/leaves.js";
import { makeResult } from "../../../src/ops/scan/scan-record.js";
import { isApply, isConstant, type Scalar } from "../../../src/scalar/expression.js";
import { instructions } from "../../../src/scalar/instructions.js";
import { resolveScalar } from "../../formula/resolve.js";
import type { RecordRewrite } from "../events.js";
import { interner } from "../intern.js";
import { KEPT } from "./laws.js";
import { indexOf, isResult, isScan, partsOf, rebuildScan, scanAttrs, withRegions } from "./rebuild.js";

/** Instructions that cost at least this are worth a load and a store. */
const DEAR = 8;

/** The same values, with what one scan needs and another has computed stored by that one. */
export function shareResiduals(roots: readonly Node[], record?: RecordRewrite): readonly Node[] {
  const order = topological(roots);
  if (!order.some((node) => node.regions.length > 0)) return roots;
  /** For each scan the nodes of its region that later scans want as outputs. */
  const wanted = new Map<Node, Set<Node>>();
  const plans = new Map<Node, readonly Substitute[]>();
  for (const node of order) {
    if (!isScan(node)) continue;
    const plan = substitutes(node);
    if (plan.length > 0) plans.set(node, plan);
    for (const { scan, value } of plan) wanted.set(scan, (wanted.get(scan) ?? new Set()).add(value));
  }
  const within = (results: readonly Node[]): readonly Node[] => shareResiduals(results, record);
  const done = new Map<Node, Node>();
  for (const node of order) {
    const inputs = node.inputs.map((input) => done.get(input)!);
    const extended = isScan(node) ? extend(node, inputs, plans.get(node) ?? [], [...(wanted.get(node) ?? [])]) : node;
    done.set(node, extended === node ? withRegions(node, inputs, within) : extended);
  }
  return roots.map((root) => done.get(root)!);

  function extend(scan: Node, inputs: readonly Node[], plan: readonly Substitute[], values: readonly Node[]): Node {
    if (plan.length === 0 && values.length === 0) return scan;
    const moved = withInputs(scan, inputs);
    const parts = partsOf(moved);
    const added = plan.map(({ node }, i) =>
      makeRegionParameter(derivedOrigin(node, KEPT, "law"), parts.all.length + i, node),
    );
    plan.forEach(({ node }, i) => record?.({ kind: "loop", law: KEPT, place: node, result: added[i]! }));
    const replaced = new Map(plan.map(({ node }, i) => [node, added[i]!]));
    const all = [...parts.results, ...newOutputs(scan, values)];
    return rebuildScan(
      moved,
      { ...parts.inputs, sequences: [...parts.inputs.sequences, ...plan.map(outputs)] },
      { ...parts.parameters, sequences: [...parts.parameters.sequences, ...added] },
      within(replaceWithin(all, replaced)),
    );
  }

  /** A value of another scan, stacked. */
  function outputs({ scan, value }: Substitute): Node {
    const rebuilt = done.get(scan)!;
    const own = partsOf(scan).results;
    const stored = own.findIndex((result, i) => i >= scanAttrs(scan).carries && result === value);
    const index = stored >= 0 ? stored : own.length + newOutputs(scan, [...wanted.get(scan)!]).indexOf(value);
    return makeResult(part(derivedOrigin(value, KEPT, "law"), "saved"), rebuilt, index);
  }
}

/** A node of a scan's region whose value is that of a node of another scan's region at the same time. */
interface Substitute {
  readonly node: Node;
  readonly scan: Node;
  readonly value: Node;
}

/** What is not an output of the scan yet. */
function newOutputs(scan: Node, values: readonly Node[]): Node[] {
  const stored = partsOf(scan).results.slice(scanAttrs(scan).carries);
  return values.filter((value) => !stored.includes(value));
}

function replaceWithin(results: readonly Node[], replaced: ReadonlyMap<Node, Node>): readonly Node[] {
  if (replaced.size === 0) return results;
  const done = new Map<Node, Node>(replaced);
  for (const node of topological(results)) {
    if (done.has(node)) continue;
    done.set(
      node,
      withInputs(
        node,
        node.inputs.map((input) => done.get(input)!),
      ),
    );
  }
  return results.map((result) => done.get(result)!);
}

/** The dear values that the scan computes and an earlier scan, whose outputs it reads, has computed as well. */
function substitutes(scan: Node): Substitute[] {
  const { inputs, results } = partsOf(scan);
  const earlier = new Set(inputs.sequences.flatMap((node) => (isResult(node) ? [node.inputs[0]!] : [])));
  const found: Substitute[] = [];
  const taken = new Set<Node>();
  for (const other of earlier) {
    if (!isScan(other) || !sameDim(scanAttrs(other).length, scanAttrs(scan).length)) continue;
    const images = imagesIn(scan, other);
    for (const node of frontier(results, images)) {
      if (taken.has(node)) continue;
      taken.add(node);
      found.push({ node, scan: other, value: images.get(node)! });
    }
  }
  return found;
}

/** For nodes of the scan's region the nodes of the other's region that have the same value at the same time. */
function imagesIn(scan: Node, other: Node): ReadonlyMap<Node, Node> {
  const [own, theirs] = [partsOf(scan), partsOf(other)];
  const images = new Map<Node, Node>();
  own.inputs.sequences.forEach((input, i) => {
    const parameter = own.parameters.sequences[i]!;
    const same = theirs.inputs.sequences.indexOf(input);
    const isStacked = isResult(input) && input.inputs[0] === other && indexOf(input) >= scanAttrs(other).carries;
    if (isStacked) images.set(parameter, theirs.results[indexOf(input)]!);
    else if (same >= 0) images.set(parameter, theirs.parameters.sequences[same]!);
  });
  own.inputs.captures.forEach((input, i) => {
    const same = theirs.inputs.captures.indexOf(input);
    if (same >= 0) images.set(own.parameters.captures[i]!, theirs.parameters.captures[same]!);
  });
  const intern = interner();
  const represented = new Map<Node, Node>();
  const known = new Set<Node>();
  for (const node of topological(theirs.results)) {
    const inputs = node.inputs.map((input) => represented.get(input)!);
    const one = intern(withInputs(node, inputs));
    represented.set(node, one);
    known.add(one);
  }
  const originals = new Map([...represented].map(([node, one]) => [one, node]));
  const asRepresented = new Map<Node, Node>();
  for (const [node, image] of images) {
    const one = represented.get(image);
    if (one) asRepresented.set(node, one);
  }
  for (const node of topological(own.results)) {
    if (asRepresented.has(node) || own.all.includes(node)) continue;
    const inputs = node.inputs.map((input) => asRepresented.get(input));
    if (inputs.includes(undefined)) continue;
    const one = intern(withInputs(node, inputs as Node[]));
    if (known.has(one)) asRepresented.set(node, one);
  }
  return new Map([...asRepresented].map(([node, one]) => [node, originals.get(one)!]));
}

/** The dear nodes with an image through which all others with an image are seen; cheap ones are computed from them. */
function frontier(results: readonly Node[], images: ReadonlyMap<Node, Node>): Node[] {
  const found = new Set<Node>();
  const seen = new Set<Node>();
  const stack = [...results];
  while (stack.length > 0) {
    const node = stack.pop()!;
    if (seen.has(node)) continue;
    seen.add(node);
    if (images.has(node) && isDear(node)) found.add(node);
    else stack.push(...node.inputs);
  }
  return [...found];
}

/** Is computing it worth more than storing and loading it? */
function isDear(node: Node): boolean {
  const { family } = node.def;
  // A tuple is no value; its results are.
  if (family === "leaf" || family === "view" || family === "random" || isScan(node)) return false;
  if (family !== "pointwise") return true;
  return costOf(resolveScalar(node.def, node.attrs)) >= DEAR;
}

function costOf(scalar: Scalar): number {
  if (isConstant(scalar) || !isApply(scalar)) return 0;
  return instructions[scalar.op].cost + scalar.args.reduce((sum, part) => sum + costOf(part), 0);
}
