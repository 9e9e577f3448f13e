// What the recurrent layers share: their options, the checks of what they are given, and the loop. A layer adds its cell:
// how many gates it has, what it keeps from step to step, and what one step computes.
//
// The product of all inputs with the input weights is one matrix product before the loop, time first; a step only
// multiplies the state before it. Where a position is masked the state is carried through.

import * as is from "../ops/call/checks.js";
import type { DType } from "../graph/dtype.js";
import type { Node } from "../graph/node.js";
import { part, type CallSite, type Origin } from "../graph/origin.js";
import { dim, printShape, sameShape, type Dim, type Shape } from "../graph/shape.js";
import type { Dims, Tensor } from "../graph/tensor.js";
import type { Option } from "../graph/option-types.js";
import { badArgument, shapeMismatch, wrongDtype, wrongRank } from "../messages.js";
import { makeBroadcast } from "../ops/adjoint-pairs.js";
import { makeContract } from "../ops/contract/contract.js";
import { positiveInteger, tensorOperand } from "../ops/define.js";
import { makeIota } from "../ops/view/iota.js";
import { makeFilled } from "../ops/leaf/leaves.js";
import { less, where } from "../ops/pointwise/logic.js";
import type { Known } from "../ops/call/options.js";
import { asFloat } from "../ops/pointwise/pointwise.js";
import { makeScan, scanParts } from "../ops/scan/scan-record.js";
import { makeTranspose } from "../ops/view/views.js";
import { CELL_OPTIONS, cellOrigin, makeCell, type CellOf, type CellOptions } from "./recurrent-cell.js";

/** What a layer has beside its cell. */
export interface SequenceOptions {
  /** True: the state after every step, [batch, time, units]. False, unless stated: the state after the last step. */
  readonly returnSequences?: boolean;
  /** True: the result is a list of the output and the last state's tensors (as in Keras). False unless stated. */
  readonly returnState?: boolean;
  /**
   * True: from the last position to the first (Keras' go_backwards). False unless stated. The state after position t
   * stands at position t of the sequence either way (as in PyTorch and ONNX; Keras returns it in the order of the
   * steps).
   */
  readonly reverse?: boolean;
  /**
   * bool [batch, time]: false where a position is padding. There the state stays as it was (as in Keras). None unless
   * stated.
   */
  readonly mask?: Tensor;
  /**
   * int32 [batch]: the number of positions of each row that are no padding, in place of a mask (ONNX' sequence_lens).
   * None unless stated.
   */
  readonly lengths?: Tensor;
  /**
   * True: the sequence holds zeros at masked positions (PyTorch, ONNX). False unless stated: it holds the state as it
   * was (Keras).
   */
  readonly zeroOutputForMask?: boolean;
  /**
   * A word between the layer's name and its parameters', for a layer that is a part of another: `forward`. None
   * unless stated.
   */
  readonly part?: string;
}

export interface RecurrentOptions extends SequenceOptions, CellOptions {}

export const RECURRENT_OPTIONS = {
  ...CELL_OPTIONS,
  returnSequences: is.flag,
  returnState: is.flag,
  reverse: is.flag,
  mask: is.tensor,
  lengths: is.tensor,
  zeroOutputForMask: is.flag,
  part: is.text,
} satisfies Known<RecurrentOptions>;

/** The axes of a recurrent layer's output. */
export type RecurrentDims<S extends Dims, N extends number, O> = S extends readonly [infer B, infer T, unknown]
  ? Option<O, "returnSequences", false> extends infer All
    ? [All] extends [true]
      ? AsDims<[B, T, N]>
      : true extends All
        ? Dims
        : AsDims<[B, N]>
    : never
  : Dims;

/** The axes of a recurrent layer's state. */
export type StateDims<S extends Dims, N extends number> = S extends readonly [infer B, unknown, unknown]
  ? AsDims<[B, N]>
  : Dims;

type AsDims<S> = S extends Dims ? S : Dims;

/** `unknown` where a recurrent layer can take the tensor; otherwise the sentence that the editor shows. */
export type RecurrentCompatible<S extends Dims, Op extends string> = number extends S["length"]
  ? unknown
  : S extends readonly [unknown, unknown, infer F]
    ? F extends "batch"
      ? `${Op}: the last axis of the input holds the features; it cannot be the batch`
      : unknown
    : `${Op}: the input needs three axes: [batch, time, features]`;

/** What a layer is asked for. */
export interface RecurrentCall {
  readonly site: CallSite;
  readonly x: Tensor;
  readonly units: number;
  readonly options: RecurrentOptions;
  readonly initial: readonly (Tensor | undefined)[];
}

/** Runs a cell over time. Its result is what the layer returns. */
export function recurrent(asked: RecurrentCall, cellOf: CellOf): unknown {
  const { site, options } = asked;
  const { call } = site;
  const origin = cellOrigin(site, options);
  const x = asFloat(origin, tensorOperand(call, "x", asked.x, origin));
  const [batch, time, features] = x.shape;
  if (x.shape.length !== 3 || features!.power > 0) {
    const expected = "three axes: [batch, time, features]";
    throw wrongRank({ op: call, operand: "the input", shape: x.shape, expected, site });
  }
  const units = dim(positiveInteger(call, "units", asked.units, origin));
  const made = makeCell({ site, options, input: x.shape, features: features!, units }, cellOf);
  const { cell } = made;
  // Time first, so that a step reads one piece of memory.
  const inputs = made.share(
    makeContract(made.projected, x, made.weight, { left: [1, 0, 2], right: [2, 3], output: [0, 1, 3] }),
  );
  const mask = maskOf(asked, part(origin, "mask"), batch!, time!);
  const initial = cell.states.map((name, i) => {
    const start = part(origin, cell.symbols[i]!, "initial");
    return initialState(asked, start, name, asked.initial[i], [batch!, units]);
  });
  const zero = makeFilled(origin, 0, [batch!, units], "float32");

  const as = made.toolsFor(batch!);
  const spec = {
    initial,
    sequences: mask === undefined ? [inputs] : [inputs, mask],
    length: time!,
    reverse: options.reverse ?? false,
    origins: { ...scanParts(origin, cell.symbols, ["x", "valid"]), stacked: () => part(origin, "stacked") },
  };
  const result = makeScan(origin, spec, (state, [inputShare, valid]) => {
    const next = cell.step(inputShare!, state, as);
    if (valid === undefined) return { carries: next, outputs: [next[0]!] };
    const wide = makeBroadcast(origin, valid, [batch!, units], [0]);
    const kept = next.map((value, i) => where.at(as(cell.symbols[i]!, "kept").origin, wide, value, state[i]!));
    return {
      carries: kept,
      outputs: [options.zeroOutputForMask === true ? where.at(as("output").origin, wide, next[0]!, zero) : kept[0]!],
    };
  });
  const output =
    options.returnSequences === true ? makeTranspose(origin, result.outputs[0]!, [1, 0, 2]) : result.carries[0]!;
  return options.returnState === true ? [output, ...result.carries] : output;
}

/** The mask, time first. */
function maskOf({ site, options }: RecurrentCall, origin: Origin, batch: Dim, time: Dim): Node | undefined {
  const { mask, lengths } = options;
  if (mask === undefined && lengths === undefined) return undefined;
  if (mask !== undefined && lengths !== undefined) {
    throw badArgument({
      op: site.call,
      argument: "lengths",
      value: "given",
      expected: "absent where a mask is given",
      site,
    });
  }
  const read = (argument: string, tensor: Tensor, shape: Shape, dtype: DType): Node => {
    const node = tensorOperand(site.call, argument, tensor, origin);
    if (!sameShape(node.shape, shape)) {
      const why = `${argument} must be ${printShape(shape)}, as the input's first axes`;
      throw shapeMismatch({ op: site.call, left: shape, right: node.shape, why, site });
    }
    if (node.dtype !== dtype)
      throw wrongDtype({ op: site.call, operand: argument, dtype: node.dtype, expected: dtype, site });
    return node;
  };
  if (mask !== undefined) return makeTranspose(origin, read("mask", mask, [batch, time], "bool"), [1, 0]);
  const limits = makeBroadcast(origin, read("lengths", lengths!, [batch], "int32"), [time, batch], [1]);
  return less.at(origin, makeIota(origin, [time, batch], 0), limits);
}

function initialState(
  { site }: RecurrentCall,
  origin: Origin,
  name: string,
  tensor: Tensor | undefined,
  shape: Shape,
): Node {
  if (tensor === undefined) return makeFilled(origin, 0, shape, "float32");
  const node = asFloat(origin, tensorOperand(site.call, `the initial ${name}`, tensor, origin));
  if (sameShape(node.shape, shape)) return node;
  const why = `the initial ${name} must be ${printShape(shape)}`;
  throw shapeMismatch({ op: site.call, left: shape, right: node.shape, why, site });
}
