// A carry that a loop only adds to is a sum over time. Where what it adds is a contraction or a sum of values of the step,
// the loop keeps those values and the sum over time joins the contraction's own, in one product after the loop: the
// gradient of a recurrent weight is the product of all states and all adjoints, not of one step's at a time.

import { createNode, isA, type Node, type NodeOf } from "../../../src/graph/node.js";
import { derivedOrigin, type Origin } from "../../../src/graph/origin.js";
import type { OpDef } from "../../../src/graph/op.js";
import { topological } from "../../../src/graph/walk.js";
import { add, neg, sub } from "../../../src/ops/pointwise/arithmetic.js";
import { broadcastDef, makeSum, sumDef } from "../../../src/ops/adjoint-pairs.js";
import { contractDef, makeContract, type ContractAttrs } from "../../../src/ops/contract/contract.js";
import { makeResult } from "../../../src/ops/scan/scan-record.js";
import { padDef, sliceDef } from "../../../src/ops/view/slicing.js";
import { reshapeDef, transposeDef } from "../../../src/ops/view/views.js";
import type { RecordRewrite } from "../events.js";
import { SUMMED } from "./laws.js";
import { dependents, indexOf, isResult, isScan, partsOf, rebuildScan, scanAttrs, withRegions } from "./rebuild.js";

/** The same values, with sums over time of products made after the loops. */
export function sumAfterLoops(roots: readonly Node[], record?: RecordRewrite): readonly Node[] {
  const order = topological(roots);
  if (!order.some((node) => node.regions.length > 0)) return roots;
  const done = new Map<Node, Node>();
  /** For each scan what its carries have become, where that is no carry. */
  const sums = new Map<Node, ReadonlyMap<number, Node>>();
  for (const node of order) {
    const inputs = node.inputs.map((input) => done.get(input)!);
    const moved = withRegions(node, inputs, (results) => sumAfterLoops(results, record));
    const sum = isResult(node) ? sums.get(node.inputs[0]!)?.get(indexOf(node)) : undefined;
    if (sum) record?.({ kind: "loop", law: SUMMED, place: node, result: sum });
    done.set(node, sum ?? moved);
    if (!isScan(moved)) continue;
    const split = splitSums(moved);
    if (split === undefined) continue;
    done.set(node, split.scan);
    sums.set(node, split.sums);
  }
  return roots.map((root) => done.get(root)!);
}

interface Split {
  readonly scan: Node;
  readonly sums: ReadonlyMap<number, Node>;
}

function splitSums(scan: Node): Split | undefined {
  const parts = partsOf(scan);
  const origin = derivedOrigin(scan, SUMMED, "part");
  const lifted = new Map<number, { readonly term: Lifted; readonly rest: readonly Node[] }>();
  const lifter = new Lifter(scan, origin);
  parts.parameters.carries.forEach((carry, index) => {
    const terms = addedTerms(carry, index, scan);
    if (terms === undefined) return;
    const made = terms.map((term) => lifter.lift(term));
    const kept = terms.filter((_, i) => made[i] === undefined);
    const gone = made.filter((term) => term !== undefined);
    if (gone.length === 0) return;
    const term: Lifted = (of) => gone.map((one) => one(of)).reduce((a, b) => add.at(origin, a, b));
    lifted.set(index, { term, rest: kept });
  });
  if (lifted.size === 0) return undefined;
  const results = parts.results.map((result, i) => {
    const found = lifted.get(i);
    return found ? found.rest.reduce((a, b) => add.at(origin, a, b), parts.parameters.carries[i]!) : result;
  });
  const rebuilt = rebuildScan(scan, parts.inputs, parts.parameters, [...results, ...lifter.outputs]);
  const sums = new Map<number, Node>();
  for (const [index, { term, rest }] of lifted) {
    const before = rest.length === 0 ? parts.inputs.carries[index]! : makeResult(origin, rebuilt, index);
    sums.set(index, add.at(origin, before, term(rebuilt)));
  }
  return { scan: rebuilt, sums };
}

/** What each step adds to a carry that nothing else reads; undefined where the carry is anything but such a sum. */
function addedTerms(carry: Node, index: number, scan: Node): Node[] | undefined {
  const { results } = partsOf(scan);
  const others = dependents(
    results.filter((_, i) => i !== index),
    [carry],
  );
  if (results.some((result, i) => i !== index && others.has(result))) return undefined;
  const terms: Node[] = [];
  const stack = [results[index]!];
  while (stack.length > 0) {
    const node = stack.pop()!;
    if (node.def === add.def) stack.push(...node.inputs);
    else terms.push(node);
  }
  if (terms.filter((term) => term === carry).length !== 1) return undefined;
  const rest = terms.filter((term) => term !== carry);
  const moved = dependents(rest, [carry]);
  return rest.length > 0 && rest.every((term) => !moved.has(term)) ? rest : undefined;
}

/** The sum over time of a step's value, made outside of the rebuilt scan. */
type Lifted = (rebuilt: Node) => Node;

class Lifter {
  /** Further results of the scan. */
  readonly outputs: Node[] = [];
  private readonly varying: ReadonlySet<Node>;
  private readonly parts: ReturnType<typeof partsOf>;

  constructor(
    private readonly scan: Node,
    private readonly origin: Origin,
  ) {
    this.parts = partsOf(scan);
    const { carries, sequences } = this.parts.parameters;
    this.varying = dependents(this.parts.results, [...carries, ...sequences]);
  }

  /** Undefined where a sum over time is no cheaper than adding up in the loop. */
  lift(node: Node): Lifted | undefined {
    const { origin } = this;
    const { def, inputs } = node;
    if (def === add.def || def === sub.def) {
      const [a, b] = [this.lift(inputs[0]!), this.lift(inputs[1]!)];
      return a && b && ((of) => createNode(def, [a(of), b(of)], {}, origin));
    }
    if (def === neg.def || isLinearView(node)) {
      const inner = this.lift(inputs[0]!);
      return inner && ((of) => createNode(def, [inner(of)], node.attrs, origin));
    }
    if (isA(node, sumDef)) {
      const stacked = this.stack(inputs[0]!);
      const { axes } = node.attrs;
      return stacked && ((of) => makeSum(origin, stacked(of), [0, ...axes.map((axis) => axis + 1)]));
    }
    if (isA(node, contractDef)) return this.liftContraction(node);
    return undefined;
  }

  private liftContraction(node: NodeOf<ContractAttrs>): Lifted | undefined {
    const { attrs } = node;
    const [left, right] = node.inputs.map((input) => this.stack(input));
    if (!left || !right) return undefined;
    const time = Math.max(...attrs.left, ...attrs.right, ...attrs.output) + 1;
    const labels = { left: [time, ...attrs.left], right: [time, ...attrs.right], output: attrs.output };
    return (of) => makeContract(this.origin, left(of), right(of), labels);
  }

  /** A step's value for all times, time first. */
  private stack(node: Node): Lifted | undefined {
    if (!this.varying.has(node)) return undefined;
    const { parameters, inputs, results } = this.parts;
    const sequence = parameters.sequences.indexOf(node);
    if (sequence >= 0) return () => inputs.sequences[sequence]!;
    const { carries } = scanAttrs(this.scan);
    const known = results.findIndex((result, i) => i >= carries && result === node);
    if (known >= 0) return (of) => makeResult(this.origin, of, known);
    if (!this.outputs.includes(node)) this.outputs.push(node);
    const index = results.length + this.outputs.indexOf(node);
    return (of) => makeResult(this.origin, of, index);
  }
}

/** A view of one operand that a sum may be taken before or after. */
function isLinearView(node: Node): boolean {
  const linear = [reshapeDef, transposeDef, sliceDef, broadcastDef] as readonly OpDef[];
  return linear.includes(node.def) || (isA(node, padDef) && node.attrs.value === 0);
}
