// A node as nested loops over arrays, from its lowering alone.

import { lowered } from "../../compiler/ir/lowered.js";
import type { Affine } from "../../src/graph/affine.js";
import {
  identityOf,
  type Body,
  type BodyLeaf,
  type Index,
  type Load,
  type Lowering,
} from "../../src/graph/lowering.js";
import type { Node } from "../../src/graph/node.js";
import { sizeOf, stridesOf, type Dim, type Shape } from "../../src/graph/shape.js";
import { topological } from "../../src/graph/walk.js";
import { printExpression, type Scalars } from "./scalars.js";
import type { Scope } from "./scope.js";

/** `2 * rows * rows` */
const dimText = ({ times, power }: Dim): string =>
  [...(times === 1 && power > 0 ? [] : [String(times)]), ...Array<string>(power).fill("rows")].join(" * ");

const product = (factor: Dim, text: string): string =>
  text === "0" ? "0" : factor.times === 1 && factor.power === 0 ? text : `${dimText(factor)} * ${text}`;

const sum = (terms: readonly string[]): string => terms.filter((term) => term !== "0").join(" + ") || "0";

const affineText = (affine: Affine): string =>
  sum(affine.map(({ axis, ...dim }) => (axis === undefined ? dimText(dim) : product(dim, `i${axis}`))));

const zeros = (shape: Shape): string => `new Float64Array(${dimText(sizeOf(shape))})`;

/** Where the loops' present element lies in an array of the shape. */
const here = (shape: Shape): string => sum(stridesOf(shape).map((stride, i) => product(stride, `i${i}`)));

/** Writes a node into its scope, and all that its regions hold. */
export function writeNode(node: Node, scope: Scope, scalars: Scalars): void {
  const lowering = lowered(node);
  const operand = (i: number): string => scope.get(node.inputs[i]!);
  const expression = (body: Body): string =>
    printExpression<BodyLeaf>(body, { scalars, bind: (text) => scope.let("t", text), leaf: leafText });
  const leafText = (leaf: BodyLeaf): string => {
    switch (leaf.kind) {
      case "size":
        return `(${dimText(leaf.dim)})`;
      case "index":
        return `(${affineText(leaf.affine)})`;
      case "load":
        return loadText(leaf);
    }
  };
  const loadText = ({ operand: i, at, guards, otherwise }: Load): string => {
    const text = `${operand(i)}[${position(at, node.inputs[i]!.shape)}]`;
    if (guards.length === 0) return text;
    const conditions = guards.map(({ index, size }) => {
      const value = affineText(index);
      return `${value} >= 0 && ${value} < ${dimText(size)}`;
    });
    return `(${conditions.join(" && ")} ? ${text} : ${otherwise})`;
  };
  const position = (at: readonly Index[], shape: Shape): string => {
    const strides = stridesOf(shape);
    return sum(
      at.map(({ affine, loaded }, i) => {
        const along = [affineText(affine), ...(loaded ? [expression(loaded)] : [])];
        const text = sum(along);
        return product(strides[i]!, text.includes(" + ") ? `(${text})` : text);
      }),
    );
  };

  switch (lowering.kind) {
    case "leaf":
      throw new Error("a leaf is there before the entry runs");
    case "alias":
      scope.set(node, operand(0));
      return;
    case "result":
      scope.set(node, scope.results(node.inputs[0]!)[lowering.index]!);
      return;
    case "map": {
      const y = scope.declare(node, zeros(node.shape));
      scope.loops(node.shape.map(dimText), () =>
        scope.put(`${y}[${here(node.shape)}] = ${expression(lowering.body)};`),
      );
      return;
    }
    case "reduce": {
      const { axes, body, combiner } = lowering;
      const y = scope.declare(node, zeros(node.shape));
      scope.loops(node.shape.map(dimText), () => {
        const total = scope.unique("sum");
        scope.put(`let ${total} = ${identityOf[combiner]};`);
        scope.loops(
          axes.map(dimText),
          () => scope.put(`${total} = ${combined(combiner, total, expression(body), scalars)};`),
          node.shape.length,
        );
        scope.put(`${y}[${here(node.shape)}] = ${total};`);
      });
      return;
    }
    case "scatter": {
      const { at, body, domain, onto, combiner = "sum" } = lowering;
      const size = dimText(sizeOf(node.shape));
      const identity = combiner === "last" ? 0 : identityOf[combiner];
      const start =
        onto === undefined ? `${zeros(node.shape)}.fill(${identity})` : `${operand(onto)}.slice(0, ${size})`;
      const y = scope.declare(node, start);
      scope.loops(domain.map(dimText), () => {
        const place = scope.let("at", position(at, node.shape));
        scope.put(`${y}[${place}] = ${combined(combiner, `${y}[${place}]`, expression(body), scalars)};`);
      });
      return;
    }
    case "scan":
      writeScan(node, lowering, scope, scalars);
  }
}

const COMBINING = { sum: "add", prod: "mul", max: "max", min: "min" } as const;

const combined = (combiner: keyof typeof COMBINING | "last", before: string, next: string, scalars: Scalars): string =>
  combiner === "last" ? next : scalars[COMBINING[combiner]](before, next);

function writeScan(node: Node, loop: Extract<Lowering, { kind: "scan" }>, scope: Scope, scalars: Scalars): void {
  const { region, carries, sequences, reverse } = loop;
  const length = dimText(loop.length);
  const given = node.inputs.map((input) => scope.get(input));
  const held = region.parameters.slice(0, carries).map((parameter, i) => {
    const name = scope.unique(scope.nameOf(parameter));
    scope.put(`let ${name} = ${given[i]!};`);
    return name;
  });
  const outputs = region.results.slice(carries);
  const stacks = outputs.map(({ shape }) => scope.let("stack", zeros([loop.length, ...shape])));
  scope.block(`for (let turn = 0; turn < ${length}; turn++)`, () => {
    const inner = scope.inner();
    inner.put(`const time = ${reverse ? `${length} - 1 - turn` : "turn"};`);
    region.parameters.forEach((parameter, i) => {
      if (i < carries) inner.set(parameter, held[i]!);
      else if (i >= carries + sequences) inner.set(parameter, given[i]!);
      else {
        const size = dimText(sizeOf(parameter.shape));
        inner.declare(parameter, `${given[i]!}.subarray(time * ${size}, (time + 1) * ${size})`);
      }
    });
    for (const each of topological(region.results)) if (!inner.has(each)) writeNode(each, inner, scalars);
    outputs.forEach((output, k) =>
      inner.put(`${stacks[k]!}.set(${inner.get(output)}, time * ${dimText(sizeOf(output.shape))});`),
    );
    const next = region.results.slice(0, carries).map((result) => inner.get(result));
    if (carries > 0) inner.put(`[${held.join(", ")}] = [${next.join(", ")}];`);
  });
  scope.setResults(node, [...held, ...stacks]);
}
