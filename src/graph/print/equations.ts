// Derivatives to read: `δh1.weight = imageᵀ · δz1`, one equation a line.

import { printScalar } from "../../scalar/print.js";
import type { Node } from "../node.js";
import { printAttributes } from "./attributes.js";
import { namesOf, type Named } from "./names.js";
import { literalOf } from "./readable.js";
import { equationsOf, type Equation, type Factor, type PrintedPart, type PrintedTerm } from "./terms.js";

export interface EquationOptions {
  /** Absent: nodes that need a name are numbered. */
  readonly name?: ((node: Node) => string) | undefined;
  /** Values that are named but not explained, such as those of the forward pass. Leaves with a name never are. */
  readonly isGiven?: ((node: Node) => boolean) | undefined;
}

/** Leaves with a name, and what the caller says. */
export const givenNodes = (options: EquationOptions): ((node: Node) => boolean) => {
  const isNamed = (node: Node): boolean => options.name !== undefined || node.origin.name !== undefined;
  return (node) =>
    options.isGiven?.(node) === true || (node.def.family === "leaf" && !literalOf(node) && isNamed(node));
};

/** The equations of named results: those they need, then the results. */
export function printEquations(roots: Named, options: EquationOptions = {}): string {
  const { nodes, nameOf } = namesOf(roots, options.name);
  return lines(equationsOf(nodes, { isGiven: givenNodes(options) }), "", nameOf).join("\n");
}

function lines(equations: readonly Equation[], indent: string, nameOf: (node: Node) => string): string[] {
  return equations.flatMap(({ node, term, regions }) => [
    `${indent}${nameOf(node)} = ${text(term, nameOf)}`,
    ...regions.flatMap(({ region, equations: inner }) => [
      `${indent}  given ${region.parameters.map(nameOf).join(", ")}`,
      ...lines(inner, `${indent}    `, nameOf),
      `${indent}  gives ${region.results.map(nameOf).join(", ")}`,
    ]),
  ]);
}

function text(term: PrintedTerm, nameOf: (node: Node) => string): string {
  return printScalar<PrintedPart>(term, (part) => {
    switch (part.kind) {
      case "name":
        return nameOf(part.node);
      case "text":
        return part.text;
      case "call": {
        const operands = part.operands.map((operand) => text(operand, nameOf));
        return `${part.node.def.name}(${[...operands, ...printAttributes(part.node, nameOf)].join(", ")})`;
      }
      case "product": {
        const product = `${factor(part.left, nameOf)} · ${factor(part.right, nameOf)}`;
        return part === term ? product : `(${product})`;
      }
    }
  });
}

/** One side of a matrix product. */
function factor({ term, transposed }: Factor, nameOf: (node: Node) => string): string {
  const plain = text(term, nameOf);
  const isAtom = term.kind === "name" || term.kind === "text" || term.kind === "constant" || term.kind === "call";
  const whole = isAtom ? plain : `(${plain})`;
  return transposed ? `${whole}ᵀ` : whole;
}
