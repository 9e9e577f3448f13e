// Graphs as text, one node a line, each after what it needs:
//
//     h1 = relu(z1) : float32 [batch, 256]
//     %7 = h1 * (1 - h1) : float32 [batch, 256]

import { constant, mapLeaves, type Argument } from "../scalar/expression.js";
import { printScalar } from "../scalar/print.js";
import type { Node, Region } from "./node.js";
import { isList, type Named } from "./print/names.js";
import { everywhere, isTuple, literalOf, readableScalar } from "./print/readable.js";
import { printAttributes } from "./print/attributes.js";
import { printShape } from "./shape.js";
import { topological } from "./walk.js";

export { printEquations } from "./print/equations.js";

export interface PrintOptions {
  /** Absent: nodes are numbered in the order in which they are printed. */
  readonly name?: ((node: Node) => string) | undefined;
}

/** The graph under the roots, then which node is which result. */
export function printGraph(roots: Named, options: PrintOptions = {}): string {
  const printer = createPrinter(options);
  const lines = printer.nodes(isList(roots) ? roots : Object.values(roots), "");
  if (isList(roots)) return [...lines, `results: ${roots.map(printer.operand).join(", ")}`].join("\n");
  const results = Object.entries(roots).map(([name, node]) => `  ${name} = ${printer.operand(node)}`);
  return [...lines, "results:", ...results].join("\n");
}

interface Printer {
  readonly nodes: (roots: readonly Node[], indent: string) => string[];
  /** How a node is referred to. */
  readonly operand: (node: Node) => string;
}

/** Another node, as an atom of a formula. */
interface Reference {
  readonly kind: "reference";
  readonly text: string;
}

function createPrinter(options: PrintOptions): Printer {
  const names = new Map<Node, string>();
  const printed = new Set<Node>();
  const nameOf = (node: Node): string => {
    let name = names.get(node);
    if (name === undefined) names.set(node, (name = options.name?.(node) ?? `%${names.size}`));
    return name;
  };
  const operand = (node: Node): string => (node.shape.length === 0 ? literalOf(node)?.text : undefined) ?? nameOf(node);

  function expression(node: Node): string {
    const isPointwise = node.def.family === "pointwise";
    const scalar = readableScalar(node.def);
    if (scalar) {
      const substituted = mapLeaves<Argument, Reference>(scalar, ({ index }) => {
        const input = node.inputs[index]!;
        const literal = everywhere(input);
        if (literal?.value !== undefined) return constant(literal.value);
        return { kind: "reference", text: literal?.text ?? operand(input) };
      });
      return printScalar<Reference>(substituted, ({ text }) => text);
    }
    const literal = literalOf(node);
    if (literal) return literal.text;
    const operands = node.inputs.map((input) => (isPointwise && everywhere(input)?.text) || operand(input));
    const parts = [...operands, ...printAttributes(node, operand)];
    return parts.length === 0 ? node.def.name : `${node.def.name}(${parts.join(", ")})`;
  }

  const typed = (node: Node): string => `${nameOf(node)} : ${typeOf(node)}`;

  function region({ parameters, results }: Region, indent: string): string[] {
    for (const parameter of parameters) printed.add(parameter);
    return [
      `${indent}given ${parameters.map(typed).join(", ")}`,
      ...nodes(results, `${indent}  `),
      `${indent}gives ${results.map(operand).join(", ")}`,
    ];
  }

  function nodes(roots: readonly Node[], indent: string): string[] {
    const lines: string[] = [];
    for (const node of withLines(roots)) {
      // Parameters of a region stand where the region begins.
      if (printed.has(node)) continue;
      printed.add(node);
      lines.push(`${indent}${nameOf(node)} = ${expression(node)} : ${typeOf(node)}`);
      for (const inner of node.regions) lines.push(...region(inner, `${indent}  `));
    }
    return lines;
  }

  return { nodes, operand };
}

/** The nodes under the roots but for numbers and sizes that are written where they are used. */
function withLines(roots: readonly Node[]): Node[] {
  const order = topological(roots);
  const needed = new Set(roots);
  for (const node of [...order].reverse()) {
    if (!needed.has(node)) continue;
    const isPointwise = node.def.family === "pointwise";
    for (const input of node.inputs) if (!(isPointwise && everywhere(input))) needed.add(input);
  }
  return order.filter((node) => needed.has(node) && !(node.shape.length === 0 && literalOf(node)));
}

const typeOf = (node: Node): string => (isTuple(node) ? "several" : `${node.dtype} ${printShape(node.shape)}`);
