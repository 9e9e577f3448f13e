// Graphs as LaTeX: the equations of `printEquations`, typeset.

import { texScalar } from "../scalar/print.js";
import type { Node } from "./node.js";
import { allAttributes } from "./print/attributes.js";
import { givenNodes, type EquationOptions } from "./print/equations.js";
import { namesOf, type Named } from "./print/names.js";
import { equationsOf, type Equation, type Factor, type PrintedPart, type PrintedTerm } from "./print/terms.js";

/** An `aligned` environment with one equation a line; what it needs is in amsmath. */
export function texEquations(roots: Named, options: EquationOptions = {}): string {
  const { nodes, nameOf } = namesOf(roots, options.name);
  const name = (node: Node): string => texName(nameOf(node));
  const rows = lines(equationsOf(nodes, { isGiven: givenNodes(options) }), name);
  return `\\begin{aligned}\n${rows.join(" \\\\\n")}\n\\end{aligned}`;
}

function lines(equations: readonly Equation[], nameOf: (node: Node) => string): string[] {
  return equations.flatMap(({ node, term, regions }) => [
    `${nameOf(node)} &= ${texTerm(term, nameOf)}`,
    ...regions.flatMap(({ region, equations: inner }) => [
      `&\\quad \\text{given } ${region.parameters.map(nameOf).join(",\\; ")}`,
      ...lines(inner, nameOf).map((line) => line.replace("&=", "&\\quad =")),
      `&\\quad \\text{gives } ${region.results.map(nameOf).join(",\\; ")}`,
    ]),
  ]);
}

function texTerm(term: PrintedTerm, nameOf: (node: Node) => string): string {
  return texScalar<PrintedPart>(term, (part) => {
    switch (part.kind) {
      case "name":
        return nameOf(part.node);
      case "text":
        return part.text.replaceAll("*", "\\,").replaceAll("batch", "\\mathrm{batch}");
      case "call": {
        const operands = part.operands.map((operand) => texTerm(operand, nameOf));
        const { def, attrs } = part.node;
        if (def.tex) return def.tex(operands, attrs);
        const said = allAttributes(part.node, nameOf).map(
          ([key, value]) => `\\mathrm{${escape(key)}} = ${texAttribute(value)}`,
        );
        const below = said.length > 0 ? `_{${said.join(",\\, ")}}` : "";
        return `\\operatorname{${escape(def.name)}}${below}\\left(${operands.join(", ")}\\right)`;
      }
      case "product": {
        const product = `${factor(part.left, nameOf)}\\,${factor(part.right, nameOf)}`;
        return part === term ? product : `\\left(${product}\\right)`;
      }
    }
  });
}

function factor({ term, transposed }: Factor, nameOf: (node: Node) => string): string {
  const plain = texTerm(term, nameOf);
  const isAtom = term.kind === "name" || term.kind === "text" || term.kind === "constant";
  if (!transposed) return isAtom || term.kind === "call" ? plain : `\\left(${plain}\\right)`;
  return isAtom ? `{${plain}}^{\\top}` : `\\left(${plain}\\right)^{\\top}`;
}

/** Numbers and lists as they are, words in text. */
const texAttribute = (text: string): string =>
  /^[-\d[\](),. ]*$/.test(text) ? text : `\\text{${text.replace(/[\\^~#$%&_{}]/g, (c) => TEXT[c] ?? `\\${c}`)}}`;

/** `δh1.weight` as `\delta h_{1}^{\mathrm{weight}}`; any name is safe. */
export function texName(name: string): string {
  const quotient = /^∂(.+)\/∂(.+)$/.exec(name);
  if (quotient) return `\\frac{\\partial ${texName(quotient[1]!)}}{\\partial ${texName(quotient[2]!)}}`;
  const [, marks, rest] = /^(δ*)(.*)$/su.exec(name)!;
  const [head, ...path] = rest!.split(".");
  const numbered = /^(\p{L}+?)_?(\d+)$/u.exec(head!);
  const base = numbered ? `${texWord(numbered[1]!)}_{${numbered[2]}}` : texWord(head!);
  const above = path.length > 0 ? `^{\\mathrm{${escape(path.join("."))}}}` : "";
  // In braces, so that a power may follow.
  const whole = above === "" ? base : `{${base}${above}}`;
  return `${"\\delta ".repeat(marks!.length)}${whole}`;
}

const texWord = (word: string): string => (/^[A-Za-z]$/.test(word) ? word : `\\mathrm{${escape(word)}}`);

const SPECIAL: Readonly<Record<string, string>> = {
  "\\": "\\backslash{}",
  "^": "\\hat{}",
  "~": "\\tilde{}",
};

const TEXT: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "^": "\\textasciicircum{}",
  "~": "\\textasciitilde{}",
};

const escape = (text: string): string =>
  text.replace(/[\\^~#$%&_{}\n]/g, (c) => SPECIAL[c] ?? (c === "\n" ? " " : `\\${c}`));
