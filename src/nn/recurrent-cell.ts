// One step of a recurrent layer: its parameters, and what it computes of the input's share of the gates and of the state before.

import * as is from "../ops/call/checks.js";
import { offset, type Affine } from "../graph/affine.js";
import type { Node } from "../graph/node.js";
import { originOf, part, type CallSite, type Origin } from "../graph/origin.js";
import { dim, sameShape, timesDim, type Dim, type Shape } from "../graph/shape.js";
import type { Tensor } from "../graph/tensor.js";
import { shapeMismatch, wrongRank } from "../messages.js";
import { add } from "../ops/pointwise/arithmetic.js";
import { broadcastLast } from "../ops/view/broadcast.js";
import { makeContract } from "../ops/contract/contract.js";
import { tensorOperand } from "../ops/define.js";
import type { Initial } from "../ops/leaf/leaves.js";
import type { Known } from "../ops/call/options.js";
import { asFloat, type Unary } from "../ops/pointwise/pointwise.js";
import { sliceAxis } from "../ops/view/slicing.js";
import { glorotUniform, zeros } from "./initializers.js";
import { orthogonal } from "./orthogonal.js";
import { activated, layerParameters } from "./parameters.js";

export const CELL_PARTS = ["weight", "recurrent", "bias"] as const;

export interface CellOptions {
  /** False: no bias. True unless stated. */
  readonly bias?: boolean;
  /** Of the input weights. Glorot uniform unless stated (as in Keras). */
  readonly weightInitializer?: Initial;
  /** Of the recurrent weights. Orthogonal unless stated (as in Keras). */
  readonly recurrentInitializer?: Initial;
  /** Zeros unless stated. */
  readonly biasInitializer?: Initial;
  /** Names the parameters `<name>.weight` and so on, in place of the `const` that holds the layer. */
  readonly name?: string;
  /** Tensors to use in place of new parameters, in the shapes of these. New ones unless stated. */
  readonly parameters?: { readonly weight?: Tensor; readonly recurrent?: Tensor; readonly bias?: Tensor };
  /** False: no gradient is derived for the layer's parameters and no step changes them. True unless stated. */
  readonly trainable?: boolean;
}

export const CELL_OPTIONS = {
  bias: is.flag,
  weightInitializer: is.initial,
  recurrentInitializer: is.initial,
  biasInitializer: is.initial,
  name: is.text,
  parameters: is.parts(...CELL_PARTS),
  trainable: is.flag,
} satisfies Known<CellOptions>;

/** Applied element by element: `relu`, or any function from a tensor to one of its shape. */
export type Activation = (x: Tensor) => Tensor;

/** One step's ways to speak of its values, all of one part of the layer. */
export interface CellTools {
  readonly origin: Origin;
  /** Gate `index` of a tensor [batch, gates * units]. */
  readonly gate: (of: Node, index: number) => Node;
  /** The state before the step times the recurrent weights of some gates, all of them unless stated. */
  readonly recur: (h: Node, first?: number, count?: number) => Node;
  /** A vector [units * n] for every row. */
  readonly spread: (vector: Node) => Node;
}

export interface Cell {
  readonly gates: number;
  /** What the state's tensors are called in messages. The first is the layer's output. */
  readonly states: readonly string[];
  /** What they are called in prints. */
  readonly symbols: readonly string[];
  /** The first bias of each gate, added to the initialiser's. */
  readonly biasInitializer?: Initial | undefined;
  /** From the input's share of the gates and the state to the next state. */
  readonly step: (input: Node, state: readonly Node[], as: As) => readonly Node[];
}

/** The tools for a part of a step: `as("gates")`. */
export type As = (...part: readonly string[]) => CellTools;

export interface ParameterRequest {
  readonly role: string;
  readonly shape: Shape;
  readonly initial: Initial;
}

/** A parameter of the layer: a shared one that fits, or a new one. */
export type MakeParameter = (request: ParameterRequest) => Node;

/** What a cell is asked for. */
export interface CellCall {
  readonly site: CallSite;
  readonly options: CellOptions & { readonly part?: string };
  /** For messages. */
  readonly input: Shape;
  readonly features: Dim;
  readonly units: Dim;
}

export type CellOf = (make: MakeParameter, units: Dim) => Cell;

interface MadeCell {
  readonly cell: Cell;
  readonly weight: Node;
  /** Of the input's product with the weight and of its share. */
  readonly projected: Origin;
  /** The input's share of the gates, from its product with the weight. */
  readonly share: (product: Node) => Node;
  readonly toolsFor: (batch: Dim) => As;
}

/** The origin of what a layer computes. A layer that is a part of another has that part's name before its own. */
export const cellOrigin = (site: CallSite, { part: within }: CellCall["options"]): Origin =>
  within === undefined ? originOf(site) : part(originOf(site), within);

/** A cell with its parameters. */
export function makeCell(asked: CellCall, cellOf: CellOf): MadeCell {
  const { site, options, features, units } = asked;
  const ofLayer = cellOrigin(site, options);
  const projected = part(ofLayer, "projected");
  const { parameter } = layerParameters({ site, input: asked.input, within: options.part }, options);
  const make: MakeParameter = ({ role, shape, initial }) => parameter(role, shape, initial);
  const cell = cellOf(make, units);
  const width = timesDim(dim(cell.gates), units);
  const weight = make({
    role: "weight",
    shape: [features, width],
    initial: options.weightInitializer ?? glorotUniform,
  });
  const recurrentWeight = make({
    role: "recurrent",
    shape: [units, width],
    initial: options.recurrentInitializer ?? orthogonal(1),
  });
  const biasOf = (): Node =>
    make({
      role: "bias",
      shape: [width],
      initial: cell.biasInitializer ?? options.biasInitializer ?? zeros,
    });
  const startOf = (gate: number): Affine => offset(gate * units.times);
  return {
    cell,
    weight,
    share: (product) =>
      options.bias === false ? product : add.at(projected, product, broadcastLast(projected, biasOf(), product.shape)),
    projected,
    toolsFor:
      (batch) =>
      (...names) => {
        const origin = part(ofLayer, ...names);
        return {
          origin,
          gate: (of, index) => sliceAxis(origin, of, 1, startOf(index), units),
          recur: (h, first = 0, count = cell.gates) => {
            const weights =
              count === cell.gates
                ? recurrentWeight
                : sliceAxis(origin, recurrentWeight, 1, startOf(first), timesDim(dim(count), units));
            return makeContract(origin, h, weights, { left: [0, 2], right: [2, 1], output: [0, 1] });
          },
          spread: (vector) => broadcastLast(origin, vector, [batch, vector.shape[0]!]),
        };
      },
  };
}

/** One step of a cell: the next state, of x [batch, features] and the state before, [batch, units] each. */
export function oneStep(
  site: CallSite,
  input: Tensor,
  previous: readonly Tensor[],
  options: CellOptions,
  cellOf: CellOf,
): readonly Node[] {
  const { call } = site;
  const origin = originOf(site);
  const x = asFloat(origin, tensorOperand(call, "x", input, origin));
  const [batch, features] = x.shape;
  if (x.shape.length !== 2 || features!.power > 0) {
    throw wrongRank({ op: call, operand: "the input", shape: x.shape, expected: "two axes: [batch, features]", site });
  }
  const state = previous.map((one) => asFloat(origin, tensorOperand(call, "the state", one, origin)));
  const units = state[0]!.shape.at(-1);
  for (const { shape } of state) {
    if (units === undefined || units.power > 0 || !sameShape(shape, [batch!, units])) {
      const why = "each tensor of the state must be [batch, units], with the rows of the input";
      throw shapeMismatch({ op: call, left: x.shape, right: shape, why, site });
    }
  }
  const made = makeCell({ site, options, input: x.shape, features: features!, units: units! }, cellOf);
  const product = makeContract(made.projected, x, made.weight, { left: [0, 2], right: [2, 1], output: [0, 1] });
  return made.cell.step(made.share(product), state, made.toolsFor(batch!));
}

/** An activation that was given in place of the usual one, which takes the origin of its result. */
export function activationOf(
  site: CallSite,
  argument: string,
  activation: unknown,
  usual: Unary,
): (origin: Origin, x: Node) => Node {
  if (activation === undefined) return (origin, x) => usual.at(origin, x);
  return (_, x) => activated(x, { site, argument, activation: activation, example: "relu", keepsDtype: true });
}
