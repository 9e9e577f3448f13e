// Formula text to a scalar expression: mathjs parses, a whitelist decides what may stand in a formula.
//
// Keep this the only importer of mathjs, so that a bundler can split it off and nothing else pays for loading it.
// Names are looked up in Maps only: text from outside never reaches a property access.

import {
  parse,
  type ConditionalNode,
  type ConstantNode,
  type FunctionNode,
  type MathNode,
  type OperatorNode,
  type ParenthesisNode,
  type SymbolNode,
} from "mathjs/number";
import type { CallSite } from "../../src/graph/origin.js";
import { formulaError, nearestHint } from "../../src/messages.js";
import { formulaAlgebra } from "../../src/scalar/algebra.js";
import { argument, type Argument, type Scalar, type ScalarType } from "../../src/scalar/expression.js";
import type { Interner } from "../../src/scalar/share.js";
import { leafOffsets } from "./offsets.js";
import { constants, functions, operators, unaryOperators, type Callable } from "./vocabulary.js";

export interface FormulaContext {
  /** Become arguments, by position. */
  readonly operands: readonly string[];
  /** Named numbers; they fold. */
  readonly values: ReadonlyMap<string, number>;
  readonly site?: CallSite | undefined;
}

/** "any": an operand, or a constant, whose type its use decides. */
interface Typed {
  readonly expr: Scalar;
  readonly type: ScalarType | "any";
}

const LONGEST = 10_000;

/** The formula as a simplified expression over its operands. Throws FORMULA_ERROR. */
export const parseFormula = (text: string, context: FormulaContext): Scalar =>
  lowerFormula(text, context, formulaAlgebra());

/** The same, made by `make`. */
export function lowerFormula(text: string, context: FormulaContext, make: Interner<Argument>): Scalar {
  const names = new Map<string, Typed>();
  for (const [name, value] of constants) names.set(name, { expr: make.constant(value), type: "any" });
  for (const [name, value] of context.values) names.set(name, { expr: make.constant(value), type: "any" });
  context.operands.forEach((name, i) => names.set(name, { expr: make.leaf(argument(i)), type: "any" }));

  const fail: Fail = (offset, why, hint) => {
    throw formulaError({ text, column: offset + 1, why, hint, site: context.site });
  };
  for (const name of [...context.operands, ...context.values.keys()]) {
    if (!IDENTIFIER.test(name) || HOSTILE.has(name)) fail(0, `"${name}" cannot be the name of an operand or attribute`);
  }
  const tree = toTree(text, fail);
  const offsets = withinStack(fail, () => leafOffsets(text, tree));
  const at = (node: MathNode): number => offsets.get(node) ?? 0;

  const knownNames = (): string[] => [...context.operands, ...context.values.keys(), ...constants.keys()];
  /** A part of the formula, as a message quotes it. */
  const quote = (node: MathNode): string => `"${node.toString()}"`;

  function apply(node: MathNode, name: string, callable: Callable, args: readonly MathNode[]): Typed {
    const { least, most } = callable;
    if (args.length < least || args.length > most) {
      const count = least === most ? least : `at least ${least}`;
      fail(
        at(node),
        `${name} takes ${count} ${count === 1 ? "value" : "values"}, but ${quote(node)} gives ${args.length}`,
      );
    }
    const given = args.map((arg, i) => {
      const typed = lower(arg);
      const expected = callable.operands[Math.min(i, callable.operands.length - 1)]!;
      if (!fits(typed.type, expected)) fail(at(arg), ...typeMessage(name, node, arg, typed.type, expected, quote));
      return typed;
    });
    const expr = callable.build(
      make,
      given.map((g) => g.expr),
    );
    return { expr, type: callable.result === "branches" ? joined(given[1]!.type, given[2]!.type) : callable.result };
  }

  function lower(node: MathNode): Typed {
    switch (node.type) {
      case "ParenthesisNode":
        return lower((node as ParenthesisNode).content);
      case "ConstantNode": {
        const value: unknown = (node as ConstantNode).value;
        if (typeof value !== "number" || Number.isNaN(value)) return fail(at(node), `${quote(node)} is not a number`);
        return { expr: make.constant(value), type: Number.isInteger(value) ? "any" : "float" };
      }
      case "SymbolNode": {
        const { name } = node as SymbolNode;
        const known = names.get(name);
        if (known) return known;
        if (functions.has(name)) return fail(at(node), `${name} is a function: write ${name}(...)`);
        return fail(at(node), `nothing is called "${name}" here`, nearestHint(name, knownNames()));
      }
      case "ConditionalNode": {
        const { condition, trueExpr, falseExpr } = node as ConditionalNode;
        return apply(node, "? :", functions.get("where")!, [condition, trueExpr, falseExpr]);
      }
      case "FunctionNode": {
        const { fn, args } = node as FunctionNode;
        const name = (fn as unknown as SymbolNode).name;
        const callable = functions.get(name);
        if (callable) return apply(node, name, callable, args);
        if (names.has(name)) return fail(at(node), `${name} is not a function`, `write ${name} * (...) for a product`);
        return fail(at(node), `there is no function "${name}"`, nearestHint(name, [...functions.keys()]));
      }
      case "OperatorNode": {
        const { op, args, implicit } = node as OperatorNode & { implicit: boolean };
        if (implicit)
          return fail(at(args[1]!), `an operator is missing before ${quote(args[1]!)}`, "write a product as a * b");
        const callable = (args.length === 1 ? unaryOperators : operators).get(op);
        if (callable) return apply(node, op, callable, args);
        return fail(at(node), `the operator ${op} in ${quote(node)} is not part of the formula language`);
      }
      case "RelationalNode":
        return fail(at(node), `${quote(node)} compares more than two values`, "join two comparisons with and");
      default:
        return fail(at(node), `${quote(node)} is not part of the formula language`);
    }
  }

  return withinStack(fail, () => lower(tree).expr);
}

type Fail = (offset: number, why: string, hint?: string) => never;

/** What walks a formula goes as deep as it does. */
function withinStack<T>(fail: Fail, walk: () => T): T {
  try {
    return walk();
  } catch (error) {
    if (error instanceof RangeError) return fail(0, "it is nested too deeply");
    throw error;
  }
}

const IDENTIFIER = /^[\p{L}_][\p{L}\p{N}_]*$/u;

/** Names that are properties of every object; refused wherever a formula could bring them in. */
const HOSTILE: ReadonlySet<string> = new Set([...Object.getOwnPropertyNames(Object.prototype), "prototype"]);

/** Everything a formula may contain. Strings, comments, brackets and statements stop here, with their place. */
const FOREIGN = /[^\p{L}\p{N}_.+\-*/^<>=!?:(),\s]/u;

function toTree(text: string, fail: Fail): MathNode {
  if (text.trim() === "") fail(0, "it is empty");
  if (text.length > LONGEST) fail(0, `it has ${text.length} characters; at most ${LONGEST} are allowed`);
  const foreign = FOREIGN.exec(text);
  if (foreign)
    fail(
      foreign.index,
      `the character "${String.fromCodePoint(text.codePointAt(foreign.index)!)}" is not part of the formula language`,
    );
  try {
    // A line break would start a new statement.
    return parse(text.replace(/\s/g, " "));
  } catch (error) {
    const { char, message } = error as { char?: number; message: string };
    if (char === undefined) return fail(0, error instanceof RangeError ? "it is nested too deeply" : message);
    return fail(
      char - 1,
      message.replace(/ \(char \d+\)$/, "").replace(/^./, (first) => first.toLowerCase()),
    );
  }
}

const fits = (type: ScalarType | "any", expected: ScalarType | "any"): boolean =>
  type === expected || type === "any" || expected === "any" || (type === "int" && expected === "float");

const joined = (a: ScalarType | "any", b: ScalarType | "any"): ScalarType | "any" => (a === "any" ? b : a);

function typeMessage(
  name: string,
  node: MathNode,
  arg: MathNode,
  type: ScalarType | "any",
  expected: ScalarType | "any",
  quote: (node: MathNode) => string,
): [why: string, hint: string | undefined] {
  const words: Record<ScalarType | "any", string> = {
    float: "a number",
    bool: "a condition",
    int: "an integer",
    any: "a value",
  };
  const why = `${name} needs ${words[expected]} in ${quote(node)}, but ${quote(arg)} is ${words[type]}`;
  if (type !== "bool") return [why, expected === "bool" ? `compare it: ${arg.toString()} != 0` : undefined];
  // `not` binds more tightly than a comparison.
  if (arg.type === "OperatorNode" && (arg as OperatorNode).op === "not") return [why, "write not (a > b)"];
  return [why, `use where(${arg.toString()}, 1, 0)`];
}
