// Recurrences: a region that runs once for each position of a time axis, carrying values from one to the next.
//
// The node is a tuple; `result` nodes read it. Inputs are [initial carries, sequences, captures]; the region's parameters
// are [carries, one element of each sequence, captures] and its results [next carries, outputs]. Sequences and stacked
// outputs have the time axis first. Every scan also outputs the carries that each step started from: its derivative is a
// scan in the other direction that computes each step anew from them. Results that nobody reads are pruned later.

import type { ScanLoop } from "../../graph/lowering.js";
import { createNode, type Node, type Region, type TensorType } from "../../graph/node.js";
import type { Call, OpDef, Sample } from "../../graph/op.js";
import { derivedOrigin, part, type Origin, type PartName } from "../../graph/origin.js";
import { dim, sameDim, sameShape, type Dim } from "../../graph/shape.js";
import { rule } from "../../graph/rules.js";
import { replaceNodes } from "../../graph/walk.js";
import { invariant } from "../../messages.js";
import { makeSum } from "../adjoint-pairs.js";
import { makeMatmul } from "../contract/contract.js";
import { float, noSamples, record, ruleOrigin, shapeOf } from "../define.js";
import { makeFilled, makeRegionParameter } from "../leaf/leaves.js";
import { gradientAt } from "../marker/markers.js";
import { add, mul, tanh } from "../pointwise/arithmetic.js";
import { captureOrigin, closeRegion } from "./region.js";

export type ScanAttrs = ScanLoop;

const sameType = (a: TensorType, b: TensorType): boolean => a.dtype === b.dtype && sameShape(a.shape, b.shape);

/** The next carries, then the outputs stacked over time. */
function resultTypes({ regions, attrs }: Pick<Call<ScanAttrs>, "regions" | "attrs">): TensorType[] {
  return regions[0]!.results.map(({ shape, dtype }, i) => ({
    shape: i < attrs.carries ? shape : [attrs.length, ...shape],
    dtype,
  }));
}

export const scanDef: OpDef<ScanAttrs> = record<ScanAttrs>({
  name: "scan",
  family: "scan",
  doc: "A recurrence: one region for each position of a time axis.",
  operands: ["inputs..."],
  infer({ inputs, attrs, regions }) {
    const { parameters, results } = regions[0]!;
    invariant(parameters.length === inputs.length, "a scan's region has a parameter for each input");
    inputs.forEach((input, i) => {
      const isSequence = i >= attrs.carries && i < attrs.carries + attrs.sequences;
      const element = isSequence ? { shape: input.shape.slice(1), dtype: input.dtype } : input;
      invariant(sameType(element, parameters[i]!), "a scan's region is given what its parameters say");
      invariant(!isSequence || sameDim(input.shape[0]!, attrs.length), "a scan's sequences have its length");
    });
    invariant(
      parameters.slice(0, attrs.carries).every((carry, i) => sameType(carry, results[i]!)),
      "a scan's carries keep their type",
    );
    return float([]);
  },
  lower: ({ attrs, regions }) => ({ kind: "scan", ...attrs, region: regions[0]! }),
  results: resultTypes,
  rule: rule(
    "scan",
    "algebra",
    "the recurrence backwards",
    String.raw`h_{t} = f(h_{t-1}, x_{t}) \;\Rightarrow\; \delta_{h_{t-1}} = \left(\frac{\partial f}{\partial h}\right)^{\top} \delta_{h_{t}} + \delta_{t-1}`,
  ),
  vjpMany: reversed,
  differentiable: true,
  samples: noSamples,
});

export const resultDef: OpDef<{ readonly index: number }> = record<{ readonly index: number }>({
  name: "result",
  family: "scan",
  doc: "One result of an op that has several.",
  operands: ["tuple"],
  infer({ inputs: [tuple], attrs }) {
    const type = tuple!.def.results?.(tuple!)[attrs.index];
    invariant(type, "a result names one of the results of a tuple");
    return type;
  },
  lower: ({ attrs }) => ({ kind: "result", index: attrs.index }),
  rule: rule(
    "result",
    "housekeeping",
    "one result of several",
    String.raw`c = y_{i} \;\Rightarrow\; \delta_{y_{i}} = \delta_{c}`,
  ),
  differentiable: true,
  samples: scanSamples,
});

export const makeResult = (origin: Origin, tuple: Node, index: number): Node =>
  createNode(resultDef, [tuple], { index }, origin);

export interface ScanSpec {
  readonly initial: readonly Node[];
  /** Time first. */
  readonly sequences: readonly Node[];
  readonly length: Dim;
  readonly reverse: boolean;
  /** Handed to every step as they are. What a step reads of other nodes is found by itself. */
  readonly captures?: readonly Node[];
  readonly origins: ScanOrigins;
}

/** Where what a scan hands to its step, and gives back, comes from. */
export interface ScanOrigins {
  readonly carries: readonly Origin[];
  /** Of the elements; there may be more than sequences. */
  readonly elements: readonly Origin[];
  /** Of the carry after the last step. */
  readonly last: (carry: number) => Origin;
  /** Of an output, stacked. */
  readonly stacked: (output: number) => Origin;
}

/** Origins by the parts that carries and elements play in the call: `h`, `c` and `x`. */
export function scanParts(origin: Origin, carries: readonly PartName[], elements: readonly PartName[]): ScanOrigins {
  return {
    carries: carries.map((name) => part(origin, name)),
    elements: elements.map((name) => part(origin, name)),
    last: (carry) => part(origin, carries[carry]!, "last"),
    stacked: (output) => part(origin, `outputs[${output}]`),
  };
}

/** One step: from the carries and one element of each sequence to the next carries and the outputs. */
export type ScanStep<T> = (
  carries: readonly T[],
  elements: readonly T[],
) => { readonly carries: readonly T[]; readonly outputs: readonly T[] };

type StepOfNodes = (...given: [...Parameters<ScanStep<Node>>, captures: readonly Node[]]) => ReturnType<ScanStep<Node>>;

/** A scan of nodes: its last carries and its outputs, time first. */
export function makeScan(origin: Origin, spec: ScanSpec, step: StepOfNodes): { carries: Node[]; outputs: Node[] } {
  const { initial, sequences, length, reverse, captures: stated = [], origins } = spec;
  const elementTypes = sequences.map(({ shape, dtype }) => ({ shape: shape.slice(1), dtype }));
  const given = [
    ...initial.map((_, i) => origins.carries[i]!),
    ...sequences.map((_, i) => origins.elements[i]!),
    ...stated.map(captureOrigin),
  ];
  const types = [...initial, ...elementTypes, ...stated];
  const parameters = types.map((type, i) => makeRegionParameter(given[i]!, i, type));
  const carries = parameters.slice(0, initial.length);
  const captured = parameters.slice(initial.length + sequences.length);
  const made = step(carries, parameters.slice(initial.length, initial.length + sequences.length), captured);
  const { region, captures } = closeRegion(parameters, [...made.carries, ...made.outputs, ...carries]);
  const attrs: ScanAttrs = { carries: initial.length, sequences: sequences.length, reverse, length };
  const tuple = createNode(scanDef, [...initial, ...sequences, ...stated, ...captures], attrs, origin, [region]);
  return {
    carries: initial.map((_, i) => makeResult(origins.last(i), tuple, i)),
    outputs: made.outputs.map((_, i) => makeResult(origins.stacked(i), tuple, initial.length + i)),
  };
}

/** Which result holds the carry that each step started from. */
function savedIndex({ parameters, results }: Region, carry: number, carries: number): number {
  const index = results.findIndex((result, i) => i >= carries && result === parameters[carry]);
  invariant(index >= 0, "a scan that is differentiated keeps its carries");
  return index;
}

const isFloat = (node: TensorType): boolean => node.dtype === "float32";

/**
 * The adjoints: a scan in the other direction. Each of its steps computes the forward step anew and differentiates
 * s = sum(result * adjoint) over all results of the step. It carries the adjoints of the carries and, for each capture, the
 * sum of the adjoints so far.
 */
function reversed(
  call: Call<ScanAttrs> & { readonly output: Node; readonly gradients: readonly (Node | null)[] },
): readonly (Node | null)[] {
  const { inputs, attrs, output, gradients } = call;
  const region = call.regions[0]!;
  const origin = ruleOrigin(call);
  const { parameters } = region;
  const carries = parameters.slice(0, attrs.carries);
  const elements = parameters.slice(attrs.carries, attrs.carries + attrs.sequences);
  const captures = parameters.slice(attrs.carries + attrs.sequences);
  const outer = inputs.slice(attrs.carries + attrs.sequences);
  const flowing = carries.flatMap((carry, k) => (isFloat(carry) ? [k] : []));
  const moved = elements.flatMap((element, k) => (isFloat(element) ? [k] : []));
  const gathered = captures.flatMap((capture, k) => (isFloat(capture) ? [k] : []));
  const reached = gradients.flatMap((g, i) => (g !== null && i >= attrs.carries ? [i] : []));
  const zeros = ({ shape }: TensorType): Node => makeFilled(origin, 0, shape, "float32");
  const { by } = origin.derived!;
  const adjointOf = (node: Node): Origin => derivedOrigin(node, by, "adjoint");
  const again = (node: Node): Origin => derivedOrigin(node, by, "law");
  const sumOf = (k: number): Origin => part(adjointOf(captures[k]!), "sum");

  const spec: ScanSpec = {
    initial: [...flowing.map((k) => gradients[k] ?? zeros(carries[k]!)), ...gathered.map((k) => zeros(captures[k]!))],
    sequences: [
      ...carries.map((_, k) =>
        makeResult(part(again(carries[k]!), "saved"), output, savedIndex(region, k, attrs.carries)),
      ),
      ...inputs.slice(attrs.carries, attrs.carries + attrs.sequences),
      ...reached.map((i) => gradients[i]!),
    ],
    length: attrs.length,
    reverse: !attrs.reverse,
    // Parameters, not the nodes themselves: one capture may be computed from another, and each has its own adjoint.
    captures: outer,
    origins: {
      carries: [...flowing.map((k) => part(adjointOf(region.results[k]!), "carry")), ...gathered.map(sumOf)],
      elements: [
        ...[...carries, ...elements].map(again),
        ...reached.map((i) => part(adjointOf(region.results[i]!), "output")),
      ],
      last: () => origin,
      stacked: () => origin,
    },
  };
  const adjoints = makeScan(adjointOf(output), spec, (sums, given, handed) => {
    const own = given.slice(0, carries.length + elements.length);
    const arguments_ = [...own, ...handed];
    const results = replaceNodes(region.results, new Map(parameters.map((p, i) => [p, arguments_[i]!])));
    const pairs = [
      ...flowing.map((k, i) => [results[k]!, sums[i]!] as const),
      ...reached.map((r, i) => [results[r]!, given[own.length + i]!] as const),
    ];
    const scalar = pairs
      .map(([value, adjoint]) =>
        makeSum(
          origin,
          mul.at(origin, value, adjoint),
          value.shape.map((_, i) => i),
        ),
      )
      .reduce((a, b) => add.at(origin, a, b));
    return {
      carries: [
        ...flowing.map((k) => gradientAt(origin, scalar, own[k]!)),
        ...gathered.map((k, i) =>
          add.at(part(sumOf(k), "next"), sums[flowing.length + i]!, gradientAt(origin, scalar, handed[k]!)),
        ),
      ],
      outputs: moved.map((k) => gradientAt(origin, scalar, own[carries.length + k]!)),
    };
  });
  const pick = (list: readonly number[], nodes: readonly Node[], k: number): Node | null =>
    nodes[list.indexOf(k)] ?? null;
  return [
    ...carries.map((_, k) => pick(flowing, adjoints.carries, k)),
    ...elements.map((_, k) => pick(moved, adjoints.outputs, k)),
    ...captures.map((_, k) => pick(gathered, adjoints.carries.slice(flowing.length), k)),
  ];
}

function scanSamples(): readonly Sample[] {
  const recurrence =
    (reverse: boolean, read: "carry" | "output") =>
    ([h0, xs, w]: readonly Node[]): Node => {
      const { origin } = h0!;
      const origins = scanParts(origin, ["h"], ["x"]);
      const spec: ScanSpec = { initial: [h0!], sequences: [xs!], length: xs!.shape[0]!, reverse, origins };
      const { carries, outputs } = makeScan(origin, spec, ([h], [x]) => {
        const next = tanh.at(origin, add.at(origin, makeMatmul(origin, h!, w!), x!));
        return { carries: [next], outputs: [mul.at(origin, next, x!)] };
      });
      return read === "carry" ? carries[0]! : outputs[0]!;
    };
  return (
    [
      [shapeOf(2, 3), shapeOf(4, 2, 3), recurrence(false, "carry")],
      [shapeOf(2, 3), shapeOf(3, 2, 3), recurrence(true, "output")],
      [shapeOf(1, 3), shapeOf(1, 1, 3), recurrence(false, "output")],
      [shapeOf("b", 3), [dim(3), ...shapeOf("b", 3)], recurrence(false, "output")],
    ] as const
  ).map(([h0, xs, build]): Sample => ({
    inputs: [
      { ...float(h0), range: [-1, 1] },
      { ...float(xs), range: [-1, 1] },
      { ...float(shapeOf(3, 3)), range: [-1, 1] },
    ],
    build,
  }));
}
