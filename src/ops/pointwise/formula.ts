// The user's own pointwise ops, written as formulas.

import * as is from "../call/checks.js";
import type { Node } from "../../graph/node.js";
import type { OpDef } from "../../graph/op.js";
import { callSite, originOf, type Origin } from "../../graph/origin.js";
import type { Dims, Operand, Float32, Tensor } from "../../graph/tensor.js";
import { badArgument } from "../../messages.js";
import { callable, finiteNumber, type Callable } from "../define.js";
import { callOrigin } from "../call/options.js";
import { applyPointwise, pointwiseRecord } from "./pointwise.js";

export interface FormulaOptions {
  /** The operands, in order. Unless stated: the names in the text that are no attribute, in order of appearance. */
  readonly operands?: readonly string[];
  /** Names in the text that stand for fixed numbers. None unless stated. */
  readonly attributes?: Readonly<Record<string, number>>;
  /** What the op computes, in a sentence. Unless stated: the name and the text. */
  readonly doc?: string;
}

export type Formula = Callable<(...operands: readonly Operand[]) => Float32<Dims>>;

/** Words of the formula language that are no operands. */
const WORDS: ReadonlySet<string> = new Set(["and", "or", "not", "pi", "e"]);

const NUMBER = /(?<![\p{L}\p{N}_])(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/gu;
const NAME = /[\p{L}_][\p{L}\p{N}_]*(?![\p{L}\p{N}_]|\s*\()/gu;

/** The names in a formula that are neither functions, words nor attributes. Only a proposal: the compiler parses. */
function operandNames(text: string, attributes: object): string[] {
  const names = text.replace(NUMBER, " ").match(NAME) ?? [];
  return [...new Set(names)].filter((name) => !WORDS.has(name) && !Object.hasOwn(attributes, name));
}

/**
 * An element-by-element function of your own, from the text of a formula. Its derivative is derived from the text, and
 * the compiler fuses it as any other function.
 *
 * The text has `+ - * / ^`, comparisons, `and`, `or`, `not`, `where(condition, a, b)`, `pi`, `e`, and these functions:
 * abs, ceil, clip, cos, erf, exp, expm1, floor, log, log1p, logSigmoid, max, min, pow, reciprocal, relu, round, rsqrt,
 * sigmoid, sign, sin, softplus, sqrt, square, tanh, where.
 * @param name how the op prints
 * @param text the formula; names in it that are no attributes are the operands
 * @returns a function of as many tensors or numbers as there are operands; shapes are broadcast, the result is float32
 * @throws BAD_ARGUMENT for an empty name or text, a text without operands, an attribute that is not finite, and for a
 *   call with another number of operands; FORMULA_ERROR where the compiler cannot read the text
 * @example
 * ```ts
 * const swish = formula("swish", "x / (1 + exp(-b * x))", { attributes: { b: 1 } });
 * const net = network("example", { batch: 1, outputs: { y: swish(constant([-1, 0, 2])) } });
 * interpret(net, {}).outputs.y; // [-0.2689, 0, 1.762]
 * ```
 */
export function formula(name: string, text: string, options: FormulaOptions = {}): Formula {
  const origin = callOrigin("formula", options, { operands: is.list, attributes: is.record, doc: is.text });
  if (typeof name !== "string" || name.trim() === "") {
    throw badArgument({
      op: "formula",
      argument: "the name",
      value: name,
      expected: "a non-empty string",
      site: origin.site,
    });
  }
  if (typeof text !== "string" || text.trim() === "") {
    throw badArgument({
      op: "formula",
      argument: "the text",
      value: text,
      expected: "a non-empty string",
      site: origin.site,
    });
  }
  const attributes = Object.freeze({ ...options.attributes });
  for (const [key, value] of Object.entries(attributes)) finiteNumber(name, key, value, origin);
  const operands = options.operands ?? operandNames(text, attributes);
  if (operands.length === 0) {
    throw badArgument({
      op: "formula",
      argument: "the text",
      value: text,
      expected: "about one operand at least",
      site: origin.site,
    });
  }
  const def = pointwiseRecord(name, {
    formula: text,
    doc: options.doc ?? `${name} = ${text}`,
    operands,
    attrs: [attributes],
  });
  return callable(
    def,
    (...tensors: readonly Operand[]) =>
      apply(def, originOf(callSite(name)), tensors, attributes) as Tensor<Dims, "float32">,
  );
}

function apply(def: OpDef, origin: Origin, tensors: readonly Operand[], attributes: object): Node {
  if (tensors.length === def.operands.length) return applyPointwise(def, origin, tensors, attributes);
  const expected = `${def.operands.length}: ${def.operands.join(", ")}`;
  throw badArgument({
    op: def.name,
    argument: "the number of operands",
    value: tensors.length,
    expected,
    site: origin.site,
  });
}
