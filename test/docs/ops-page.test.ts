// docs/ops.md is written from the registry and checked here: `npx vitest run test/docs -u` writes it anew.

import { expect, test } from "vitest";
import { derivative } from "../../compiler/formula/derivative.js";
import { resolveScalar } from "../../compiler/formula/resolve.js";
import { createNode, type Node } from "../../src/graph/node.js";
import type { OpDef } from "../../src/graph/op.js";
import { printEquations } from "../../src/graph/print.js";
import type { InputAttrs } from "../../src/ops/leaf/leaves.js";
import { registry } from "../../src/ops/registry.js";
import { applyScalar, isApply, type Argument, type Scalar } from "../../src/scalar/expression.js";
import { printScalar } from "../../src/scalar/print.js";
import { leaf } from "../oracle/leaves.js";
import { share } from "../../src/scalar/share.js";

const draw = (below: number): number => Math.floor(below / 2);

/** Longer than this, a formula names the parts that it uses more than once. */
const LONG = 400;

function printed(what: string, scalar: Scalar, name: (leaf: Argument) => string): string[] {
  const whole = printScalar<Argument>(scalar, name);
  if (whole.length <= LONG) return [`- ${what}: \`${whole}\``];
  const uses = new Map<Scalar, number>();
  const count = (expr: Scalar): void => {
    uses.set(expr, (uses.get(expr) ?? 0) + 1);
    if (uses.get(expr) === 1 && isApply(expr)) expr.args.forEach(count);
  };
  const [shared] = share([scalar], (leaf) => leaf.index);
  count(shared!);
  const parts: string[] = [];
  const done = new Map<Scalar, Scalar>();
  const named = (leaf: Argument): string => (leaf.index < 0 ? `p${-leaf.index}` : name(leaf));
  const shorten = (expr: Scalar): Scalar => {
    const known = done.get(expr);
    if (known) return known;
    let short: Scalar = isApply(expr) ? applyScalar<Argument>(expr.op, ...expr.args.map(shorten)) : expr;
    if (isApply(expr) && uses.get(expr)! > 1) {
      parts.push(`  - \`p${parts.length + 1} = ${printScalar<Argument>(short, named)}\``);
      short = { kind: "argument", index: -parts.length };
    }
    done.set(expr, short);
    return short;
  };
  const result = printScalar<Argument>(shorten(shared!), named);
  return [`- ${what}: \`${result}\`, with`, ...parts];
}

function formulaOf(def: OpDef): string[] {
  if (def.family !== "pointwise") return [];
  const node = def.samples(draw)[0];
  const attrs = node ? attributesOf(def) : {};
  const name = (leaf: Argument): string => def.operands[leaf.index] ?? `#${leaf.index}`;
  const scalar = resolveScalar(def, attrs);
  const lines = printed("value", scalar, name);
  if (!def.differentiable) return lines;
  if (def.vjp) return [...lines, ...statedOf(def)];
  for (const [index, operand] of def.operands.entries()) {
    const slope = derivative(scalar, index);
    if (slope) lines.push(...printed(`derivative with respect to ${operand}`, slope, name));
  }
  return lines;
}

/** What a record states in place of its formula's derivative: the adjoint of each operand, given that of the value. */
function statedOf(def: OpDef): string[] {
  const named = (name: string): Node => leaf(name, { shape: [], dtype: "float32" });
  const inputs = def.operands.map(named);
  const gradient = named("g");
  const output = createNode(def, inputs, {}, gradient.origin);
  const names = new Map([...inputs, gradient].map((node) => [node, (node.attrs as InputAttrs).name]));
  const adjoints = def.vjp!({ inputs, attrs: {}, regions: [], origin: output.origin, output, gradient });
  return adjoints.flatMap((adjoint, i) => {
    if (!adjoint) return [];
    const text = printEquations([adjoint], {
      name: (node) => names.get(node) ?? "=",
      isGiven: (node) => names.has(node),
    });
    return [`- adjoint of ${def.operands[i]!}, where g is that of the value: \`${text.replace(/^= = /, "")}\``];
  });
}

/** The attributes of the record's first sample, by building it from stand-in leaves. */
function attributesOf(def: OpDef): object {
  const sample = def.samples(draw)[0]!;
  const origin = Object.freeze({ site: Object.freeze({ call: "reference" }) });
  const leaves = sample.inputs.map(
    (input) =>
      ({ ...input, def, inputs: [], attrs: {}, regions: [], origin }) as unknown as Parameters<
        typeof sample.build
      >[0][number],
  );
  return sample.build(leaves).attrs;
}

function section(def: OpDef): string {
  const notes = [
    def.differentiable ? "" : "no gradient passes",
    def.expand ? "named in the graph, expanded before fusion" : "",
    def.inference ? "differs in inference" : "",
  ].filter((note) => note !== "");
  const head = `### ${def.name}(${def.operands.join(", ")})\n\n${def.doc}${notes.length > 0 ? ` (${notes.join("; ")})` : ""}`;
  return [head, formulaOf(def).join("\n")].filter((part) => part !== "").join("\n\n");
}

function page(defs: readonly OpDef[]): string {
  const families = [...new Set(defs.map((def) => def.family))];
  const sections = families.map((family) => {
    const members = defs.filter((def) => def.family === family);
    return [`## ${family}`, ...members.map(section)].join("\n\n");
  });
  const intro =
    "For contributors, and for whoever wants a formula's derivative. Functions with their arguments, options and examples are in\nthe [reference](reference/README.md).\n\n" +
    "Every op's record: what it computes, and for pointwise ops the formula and its derivative as the compiler simplifies it, or\nas the record states it.\n" +
    "Written from `src/ops/registry.ts` by `npx vitest run test/docs -u`; numbers in formulas are those of the record's first sample.";
  return `# Ops\n\n${intro}\n\n${sections.join("\n\n")}\n`;
}

test("docs/ops.md is what the registry says", async () => {
  await expect(page(registry)).toMatchFileSnapshot("../../docs/ops.md");
});

test("negative control: another sentence in a record is another page", () => {
  const [first, ...rest] = registry;
  expect(page([{ ...first!, doc: "Something else." }, ...rest])).not.toBe(page(registry));
});
