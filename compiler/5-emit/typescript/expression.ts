// Kernel expressions and positions as TypeScript text, with no more parentheses than are needed.

import type { Affine } from "../../../src/graph/affine.js";
import type { Dim } from "../../../src/graph/shape.js";
import { isApply, isConstant, type ScalarOp } from "../../../src/scalar/expression.js";
import { instructions } from "../../../src/scalar/instructions.js";
import type { KernelExpr, Position, Slot, SlotLoad } from "../../ir/kernel.js";
import type { FloatType } from "../../ir/choices.js";
import type { Types } from "../../ir/types.js";
import { literal, numeral } from "../identifier.js";
import type { Access } from "./access.js";
import type { LocalNames } from "./names.js";
import { LEVEL, type Helper, type Renders } from "./scalars.js";

/** How the leaves of a kernel print at the present place. */
export interface Scope {
  readonly slots: readonly Slot[];
  readonly slotNames: readonly string[];
  readonly variables: readonly string[];
  readonly accumulator: (accumulator: number) => string;
  readonly local: (local: number) => string;
  /** What has been declared where the expression is printed. */
  readonly names: LocalNames;
  /** Loads that are already held in a local. */
  readonly held?: ((load: SlotLoad) => string | undefined) | undefined;
  /** What expressions evaluate to. */
  readonly typeOf: Types;
  /** What the buffers hold; expressions are computed in doubles. */
  readonly float: FloatType;
  readonly use: (helper: Helper) => void;
  /** Writes a statement before the one whose expressions are being printed. */
  readonly before: (line: string) => void;
  /** A number that no other statements of the kernel have. */
  readonly fresh: () => number;
  readonly renders: Renders;
  /** The number of a random stream, which other kernels of the same body may have otherwise. */
  readonly stream: (value: number) => string;
  /** Is it a local that was looked at where it was bound? */
  readonly isLookedAt: (index: KernelExpr, below: Dim) => boolean;
  /** How elements are read and written. */
  readonly access: Access;
}

interface Text {
  readonly text: string;
  readonly level: number;
}

const VIEWS = { float32: "f", int32: "i32", bool: "u8" } as const;

export const viewOf = (slot: Slot): string => VIEWS[slot.dtype];

const isBool = (expr: KernelExpr, scope: Scope): boolean => scope.typeOf(expr) === "bool";

/** The expression as a number, or as a condition. */
export function printValue(expr: KernelExpr, scope: Scope, want: "number" | "bool"): string {
  return convert(expr, scope, want).text;
}

function convert(expr: KernelExpr, scope: Scope, want: "number" | "bool"): Text {
  const bool = isBool(expr, scope);
  if (isConstant(expr) && want === "bool") return { text: expr.value === 0 ? "false" : "true", level: LEVEL.atom };
  const printed = print(expr, scope);
  if (bool === (want === "bool")) return printed;
  if (bool) return { text: `${wrap(printed, LEVEL.or)} ? 1 : 0`, level: LEVEL.conditional };
  return { text: `${wrap(printed, LEVEL.relational)} !== 0`, level: LEVEL.equality };
}

/** Rounded as a buffer would: a value equals itself whether it was stored (the maximum) or is computed anew. */
function convertAsStored(expr: KernelExpr, scope: Scope, want: "number" | "bool"): Text {
  const printed = convert(expr, scope, want);
  if (
    !isConstant(expr) && isApply(expr)
      ? scope.typeOf(expr) !== "float"
      : expr.kind !== "accumulator" && expr.kind !== "local"
  )
    return printed;
  return { text: `Math.fround(${printed.text})`, level: LEVEL.atom };
}

const wrap = (part: Text, level: number): string => (part.level < level ? `(${part.text})` : part.text);

function print(expr: KernelExpr, scope: Scope): Text {
  if (isConstant(expr))
    return { text: numeral(expr.value), level: expr.value < 0 || Object.is(expr.value, -0) ? LEVEL.unary : LEVEL.atom };
  if (isApply(expr)) return printApply(expr.op, expr.args as readonly KernelExpr[], scope);
  switch (expr.kind) {
    case "load": {
      const held = scope.held?.(expr);
      return held ? { text: held, level: LEVEL.atom } : printLoad(expr, scope);
    }
    case "index":
      return printAffine(expr.affine, scope);
    case "size":
      return printDim(expr.dim);
    case "accumulator":
      return { text: scope.accumulator(expr.accumulator), level: LEVEL.atom };
    case "local":
      return { text: scope.local(expr.local), level: LEVEL.atom };
  }
}

function printLoad(load: SlotLoad, scope: Scope): Text {
  const slot = scope.slots[load.slot]!;
  const element = scope.access.load(viewOf(slot), load.slot, printPosition(load.slot, load.at, scope));
  return slot.dtype === "bool"
    ? { text: `${element} !== 0`, level: LEVEL.equality }
    : { text: element, level: LEVEL.atom };
}

/** An element's index in its view: the slot's offset plus the position. */
export function printPosition(slot: number, at: Position, scope: Scope): string {
  const parts = [scope.slotNames[slot]!];
  if (at.affine.length > 0) parts.push(printAffine(at.affine, scope).text);
  for (const { stride, value, below, computed } of at.loaded) {
    const index = convert(value, scope, "number");
    const factor =
      computed === undefined || scope.isLookedAt(value, below) ? index : lookedAt(index, below, computed, scope);
    parts.push(
      stride.times === 1 && stride.power === 0
        ? wrap(factor, LEVEL.sum)
        : `${wrap(printDim(stride), LEVEL.product)} * ${wrap(factor, LEVEL.unary)}`,
    );
  }
  return parts.join(" + ").replaceAll("+ -", "- ");
}

/** An index that the function looks at before it is used. */
function lookedAt({ text }: Text, below: Dim, op: string, scope: Scope): Text {
  scope.use("entryIndex");
  return { text: `entryIndex(${text}, ${printDim(below).text}, ${literal(op)})`, level: LEVEL.atom };
}

export function printDim(dim: Dim): Text {
  const factors = Array.from({ length: dim.power }, () => "rows");
  if (dim.times !== 1 || dim.power === 0) factors.unshift(String(dim.times));
  return { text: factors.join(" * "), level: factors.length > 1 ? LEVEL.product : LEVEL.atom };
}

/** Variables first by nesting, constants last. */
export function printAffine(affine: Affine, scope: Pick<Scope, "variables">): Text {
  if (affine.length === 0) return { text: "0", level: LEVEL.atom };
  const terms = affine.toSorted((a, b) => (a.axis ?? Infinity) - (b.axis ?? Infinity));
  const texts = terms.map((term) => {
    const factors = Array.from({ length: term.power }, () => "rows");
    const size = Math.abs(term.times);
    if (term.axis !== undefined) factors.push(scope.variables[term.axis]!);
    if (size !== 1 || factors.length === 0) factors.unshift(String(size));
    return { sign: term.times < 0 ? "-" : "+", text: factors.join(" * "), product: factors.length > 1 };
  });
  const text = texts
    .map((t, i) => (i === 0 ? (t.sign === "-" ? `-${t.text}` : t.text) : ` ${t.sign} ${t.text}`))
    .join("");
  const single = texts.length === 1 && texts[0]!.sign === "+";
  return { text, level: single ? (texts[0]!.product ? LEVEL.product : LEVEL.atom) : LEVEL.sum };
}

function printApply(op: ScalarOp, args: readonly KernelExpr[], scope: Scope): Text {
  const render = scope.renders[op];
  const wants = (i: number): "number" | "bool" => (instructions[op].operands[i] === "bool" ? "bool" : "number");
  switch (render.kind) {
    case "infix": {
      const asStored = (op === "eq" || op === "ne") && scope.float === "float32" && !args.some(isConstant);
      const operand = asStored ? convertAsStored : convert;
      const left = operand(args[0]!, scope, wants(0));
      const right = operand(args[1]!, scope, wants(1));
      const strict = render.associative ? render.level : render.level + 1;
      return { text: `${wrap(left, render.level)} ${render.symbol} ${wrap(right, strict)}`, level: render.level };
    }
    case "prefix": {
      const operand = convert(args[0]!, scope, wants(0));
      return { text: `${render.symbol}${wrap(operand, LEVEL.atom)}`, level: LEVEL.unary };
    }
    case "call":
      if (render.helper) scope.use(render.helper);
      return {
        text: `${render.callee}(${args.map((arg, i) => convert(arg, scope, wants(i)).text).join(", ")})`,
        level: LEVEL.atom,
      };
    case "template":
      if (render.helper) scope.use(render.helper);
      return {
        text: render.text.replace("$", () => wrap(convert(args[0]!, scope, wants(0)), LEVEL.atom)),
        level: render.level,
      };
    case "written": {
      if (render.helper) scope.use(render.helper);
      const operands = args.map((arg, i) =>
        op === "hash" && isConstant(arg) ? scope.stream(arg.value) : wrap(convert(arg, scope, wants(i)), LEVEL.atom),
      );
      const number = String(scope.fresh());
      const filled = (line: string): string =>
        line.replaceAll("@", number).replace(/\$(\d)/g, (_, operand: string) => operands[Number(operand)]!);
      for (const line of render.lines) {
        const own = /^const (\w+)@ /.exec(line);
        if (own) scope.names.reserve(`${own[1]!}${number}`);
        scope.before(filled(line));
      }
      return { text: filled(render.result), level: render.level };
    }
    case "conditional": {
      const want = isBool(args[1]!, scope) ? "bool" : "number";
      const [condition, then, otherwise] = [
        convert(args[0]!, scope, "bool"),
        convert(args[1]!, scope, want),
        convert(args[2]!, scope, want),
      ];
      return {
        text: `${wrap(condition, LEVEL.or)} ? ${wrap(then, LEVEL.or)} : ${wrap(otherwise, LEVEL.conditional)}`,
        level: LEVEL.conditional,
      };
    }
  }
}
