// Attributes as text: `axes=[0, 2]`. What the node's type says already, and graphs, are left out.

import type { Affine, Term } from "../affine.js";
import type { Node } from "../node.js";
import { printDim, printShape, sameShape, type Dim, type Shape } from "../shape.js";

const LONGEST = 8;

export function printAttributes(node: Node, name: (node: Node) => string): string[] {
  const shown = Object.entries(node.attrs).filter(([key, value]) => !isInType(node, key, value) && !isNode(value));
  return shown.map(([key, value]) => `${key}=${printAttribute(value, name)}`);
}

/** All attributes, those that the node's type says included: for prints without types. */
export const allAttributes = (node: Node, name: (node: Node) => string): (readonly [key: string, text: string])[] =>
  Object.entries(node.attrs)
    .filter(([, value]) => value !== undefined && !isNode(value))
    .map(([key, value]) => [key, printAttribute(value, name)] as const);

function isInType(node: Node, key: string, value: unknown): boolean {
  if (value === undefined) return true;
  if (key === "dtype") return value === node.dtype;
  return key === "shape" && isList(value) && value.every(isDim) && sameShape(value as Shape, node.shape);
}

function printAttribute(value: unknown, name: (node: Node) => string): string {
  if (isNode(value)) return name(value);
  if (isDim(value)) return printDim(value);
  if (isRecord(value)) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    return `{${members.map(([key, member]) => `${key}=${printAttribute(member, name)}`).join(", ")}}`;
  }
  if (!isList(value)) return typeof value === "string" ? JSON.stringify(value) : String(value);
  if (value.length > 0 && value.every(isDim)) return printShape(value as Shape);
  if (value.some(isVariable)) return (value as Affine).map(printTerm).join(" + ").replaceAll("+ -", "- ");
  const items = value.slice(0, LONGEST).map((item) => printAttribute(item, name));
  return `[${[...items, ...(value.length > LONGEST ? ["…"] : [])].join(", ")}]`;
}

/** `2*i1`, a variable being an axis of the result or what the op numbers so; a constant by itself. */
function printTerm({ axis, ...size }: Term): string {
  if (axis === undefined) return printDim(size);
  return size.power === 0 && Math.abs(size.times) === 1
    ? `${size.times < 0 ? "-" : ""}i${axis}`
    : `${printDim(size)}*i${axis}`;
}

const isVariable = (value: unknown): value is Term => typeof value === "object" && value !== null && "axis" in value;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !isList(value);

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null && "def" in value;

const isDim = (value: unknown): value is Dim =>
  typeof value === "object" && value !== null && "times" in value && "power" in value && !("axis" in value);
