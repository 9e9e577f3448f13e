// The public recurrence: any time axis, checks, captures found by themselves. The record is in scan-record.ts.

import * as is from "../call/checks.js";
import type { Node } from "../../graph/node.js";
import { part, type CallbackArgument, type Origin } from "../../graph/origin.js";
import { printDim, sameDim, sameShape } from "../../graph/shape.js";
import type { Dims, DTypeOf, Tensor } from "../../graph/tensor.js";
import { badArgument, shapeMismatch, wrongDtype } from "../../messages.js";
import { tensorOperand, toAxis } from "../define.js";
import { callOrigin, type Known } from "../call/options.js";
import { makeScan, scanParts, type ScanSpec, type ScanStep } from "./scan-record.js";
import { makeTranspose } from "../view/views.js";

export interface ScanOptions {
  /** The time axis of the sequences and of the stacked outputs. 0 unless stated. */
  readonly axis?: number;
  /** True: from the last position to the first. False unless stated. */
  readonly reverse?: boolean;
}

const SCAN_OPTIONS = { axis: is.wholeNumber, reverse: is.flag } satisfies Known<ScanOptions>;

/** A list of the same length whose entries may have any shape. */
type Loose<T extends readonly Tensor[]> = { -readonly [I in keyof T]: Tensor<Dims, DTypeOf<T[I]>> };

type Kept<T extends readonly Tensor[]> = { -readonly [I in keyof T]: T[I] };

export interface Scanned<
  C extends readonly Tensor[] = readonly Tensor[],
  O extends readonly Tensor[] = readonly Tensor[],
> {
  readonly carries: Kept<C>;
  readonly outputs: Loose<O>;
}

/**
 * A recurrence as a loop: code size does not depend on its length. What the step uses from outside and does not depend
 * on its arguments is computed once.
 * @param step from the carries and one element of each sequence to the next carries, of the same shapes and dtypes,
 *   and the outputs
 * @param initial the carries that the first step is given
 * @param sequences one tensor or more, of one length along `axis`; each step sees one element of each, without that
 *   axis
 * @returns the last carries, and the outputs of all steps stacked along `axis`
 * @throws BAD_ARGUMENT for a step that gives another number of carries, or no sequences; SHAPE_MISMATCH for sequences
 *   of different lengths and carries that change their shape; WRONG_DTYPE for carries that change their dtype
 * @example
 * ```ts
 * const xs = constant([1, 2, 3]);
 * const { carries, outputs } = scan(
 *   ([total], [x]) => {
 *     const next = add(total, x);
 *     return { carries: [next], outputs: [next] };
 *   },
 *   [constant(0)],
 *   [xs],
 * );
 * const net = network("example", { batch: 1, outputs: { total: carries[0], sums: outputs[0]! } });
 * interpret(net, {}).outputs; // { total: [6], sums: [1, 3, 6] }
 * ```
 */
export function scan<
  const C extends readonly Tensor[],
  const X extends readonly Tensor[],
  const O extends readonly Tensor[] = readonly Tensor[],
>(
  step: (carries: Kept<C>, elements: Loose<X>) => { readonly carries: readonly Tensor[]; readonly outputs: O },
  initial: C,
  sequences: X,
  options: ScanOptions = {},
): Scanned<C, O> {
  const origin = callOrigin("scan", options, SCAN_OPTIONS);
  const { site } = origin;
  if (typeof step !== "function") {
    const expected = "a function from carries and elements to { carries, outputs }";
    throw badArgument({ op: "scan", argument: "step", value: step, expected, site });
  }
  const first = tensorsOf("initial", "each initial carry", initial, origin);
  const sequenceNodes = tensorsOf("sequences", "each sequence", sequences, origin);
  if (sequenceNodes.length === 0) {
    throw badArgument({
      op: "scan",
      argument: "sequences",
      value: sequenceNodes,
      expected: "one sequence at least",
      site,
    });
  }
  const axisOf = (node: Node): number => toAxis("scan", options.axis ?? 0, node.shape, origin);
  const elements = sequenceNodes.map((_, i) => handed(1, i, "elements"));
  const turned = sequenceNodes.map((node, i) => toFront(part(origin, elements[i]!, "sequence"), node, axisOf(node)));
  const length = turned[0]!.shape[0]!;
  const other = turned.findIndex((node) => !sameDim(node.shape[0]!, length));
  if (other >= 0) {
    const why = `one has ${printDim(length)} positions, the other ${printDim(turned[other]!.shape[0]!)}`;
    throw shapeMismatch({ op: "scan", left: sequenceNodes[0]!.shape, right: sequenceNodes[other]!.shape, why, site });
  }
  const carries = first.map((_, i) => handed(0, i, "carries"));
  const origins = scanParts(origin, carries, elements);
  const spec: ScanSpec = { initial: first, sequences: turned, length, reverse: options.reverse ?? false, origins };
  const result = makeScan(origin, spec, (carries, elements) =>
    checkedStep(step as ScanStep<Tensor>, carries, elements, origin),
  );
  const position = options.axis ?? 0;
  const made: Scanned = {
    carries: result.carries,
    outputs: result.outputs.map((node) => fromFront(node.origin, node, toAxis("scan", position, node.shape, origin))),
  };
  return made as Scanned<C, O>;
}

function tensorsOf(argument: string, each: string, list: unknown, origin: Origin): Node[] {
  if (Array.isArray(list)) return list.map((node: unknown) => tensorOperand("scan", each, node, origin));
  throw badArgument({ op: "scan", argument, value: list, expected: "a list of tensors", site: origin.site });
}

/** A carry or an element, by the name that the step gives it. */
const handed = (parameter: number, element: number, list: string): CallbackArgument => ({
  parameter,
  element,
  otherwise: `${list}[${element}]`,
});

/** Runs the user's step once, on the region's parameters, and refuses carries of another type. */
function checkedStep(
  step: ScanStep<Tensor>,
  carries: readonly Node[],
  elements: readonly Node[],
  origin: Origin,
): ReturnType<ScanStep<Node>> {
  const { site } = origin;
  const made = step(carries, elements) as Partial<ReturnType<ScanStep<Node>>> | undefined;
  if (!Array.isArray(made?.carries) || !Array.isArray(made.outputs) || made.carries.length !== carries.length) {
    const expected = `{ carries, outputs } with ${carries.length} carries`;
    throw badArgument({ op: "scan", argument: "what the step returns", value: made, expected, site });
  }
  const next = made.carries.map((node: unknown) => tensorOperand("scan", "each next carry", node, origin));
  next.forEach((node, i) => {
    const carry = carries[i]!;
    if (!sameShape(node.shape, carry.shape)) {
      const why = `carry ${i} must keep its shape`;
      throw shapeMismatch({ op: "scan", left: carry.shape, right: node.shape, why, site });
    }
    if (node.dtype !== carry.dtype) {
      throw wrongDtype({ op: "scan", operand: `next carry ${i}`, dtype: node.dtype, expected: carry.dtype, site });
    }
  });
  return {
    carries: next,
    outputs: made.outputs.map((node: unknown) => tensorOperand("scan", "each output", node, origin)),
  };
}

const toFront = (origin: Origin, node: Node, at: number): Node =>
  makeTranspose(origin, node, [at, ...node.shape.map((_, i) => i).filter((i) => i !== at)]);

const fromFront = (origin: Origin, node: Node, at: number): Node =>
  makeTranspose(
    origin,
    node,
    node.shape
      .map((_, i) => i)
      .slice(1)
      .toSpliced(at, 0, 0),
  );
