// A printer of graphs for tests: plain JavaScript on arrays of doubles, one nest of loops for each node, from lowerings alone. Every
// entry is a function of leaves and rows that gives results and next values; a block is a function of arrays.

import { compileFunction } from "node:vm";
import type { GraphPrinter } from "../../compiler/printers/printer.js";
import type { GraphBlock, GraphStatement, Primitive, PrimitiveEntry } from "../../compiler/ir/primitive.js";
import type { Node } from "../../src/graph/node.js";
import { topological } from "../../src/graph/walk.js";
import { writeNode } from "./nodes.js";
import { RUNTIME, SCALARS, type Scalars } from "./scalars.js";
import { identifier, Scope } from "./scope.js";

/** `scalars`: other texts for instructions. */
export const javascript = (scalars: Scalars = SCALARS): GraphPrinter => ({
  name: "javascript",
  extension: ".js",
  print: (primitive) => printModule(primitive, scalars),
});

function printModule({ name, leaves, blocks, entries, placeOf }: Primitive, scalars: Scalars): string {
  const stored = new Map<Node, string>();
  for (const group of ["inputs", "targets", "parameters", "states", "hypers", "constants"] as const) {
    for (const leaf of leaves[group]) stored.set(leaf.node, `${group}[${JSON.stringify(leaf.name)}]`);
  }
  if (leaves.seed) stored.set(leaves.seed.node, "seed");
  if (leaves.clock) stored.set(leaves.clock.node, "clock");
  const called = new Map(blocks.map((block, i) => [block, `${identifier(block.name)}_${i}`]));
  const context: Context = { stored, called, scalars };
  return [
    `// ${name}`,
    `const { ${Object.keys(RUNTIME).join(", ")} } = runtime;`,
    `const constants = {};`,
    ...leaves.constants.map(
      ({ name: key, values }) => `constants[${JSON.stringify(key)}] = ${JSON.stringify(values)};`,
    ),
    ...blocks.map((block) => {
      const place = placeOf(block.region.results[0]!);
      return `${place ? `// line ${place.line}\n` : ""}${printBlock(block, context)}`;
    }),
    ...entries.map((entry) => printEntry(entry, context)),
    `return { ${entries.map((entry) => `${JSON.stringify(entry.name)}: ${functionOf(entry)}`).join(", ")} };`,
  ].join("\n");
}

interface Context {
  readonly stored: ReadonlyMap<Node, string>;
  readonly called: ReadonlyMap<GraphBlock, string>;
  readonly scalars: Scalars;
}

/** What every entry is given beside the rows. */
const GIVEN = ["inputs", "targets", "parameters", "states", "hypers", "seed", "clock"];

const functionOf = ({ name }: PrimitiveEntry): string => `run_${identifier(name)}`;

function printBlock(block: GraphBlock, { called, scalars }: Context): string {
  const { region, nameOf } = block;
  const scope = Scope.of(nameOf);
  const parameters = region.parameters.map((parameter) => {
    const name = scope.unique(nameOf(parameter));
    scope.set(parameter, name);
    return name;
  });
  for (const node of topological(region.results)) if (!scope.has(node)) writeNode(node, scope, scalars);
  scope.put(`return [${region.results.map((result) => scope.get(result)).join(", ")}];`);
  return `function ${called.get(block)!}(${["rows", ...parameters].join(", ")}) {\n${scope.text}\n}`;
}

function printEntry(entry: PrimitiveEntry, context: Context): string {
  const { nameOf, statements, results, updates } = entry;
  const scope = Scope.of(nameOf, [...GIVEN, ...context.called.values()]);
  for (const [leaf, text] of context.stored) scope.set(leaf, text);
  for (const statement of statements) writeStatement(statement, scope, context);
  const given = results.map(({ kind, name, value }) => `[${JSON.stringify(`${kind} ${name}`)}, ${scope.get(value)}]`);
  const next = updates.map(({ leaf, value }) => `[${JSON.stringify(context.stored.get(leaf))}, ${scope.get(value)}]`);
  scope.put(`return { results: [${given.join(", ")}], updates: [${next.join(", ")}] };`);
  const head = `function ${functionOf(entry)}({ ${GIVEN.join(", ")} }, rows)`;
  return `${head} {\n${scope.text}\n}`;
}

function writeStatement(statement: GraphStatement, scope: Scope, { called, scalars }: Context): void {
  if (statement.kind === "node") return writeNode(statement.node, scope, scalars);
  const given = statement.arguments.map((value) => (typeof value === "number" ? `[${value}]` : scope.get(value)));
  const names = statement.results.map((result) => {
    if (result === undefined) return "";
    const name = scope.unique(scope.nameOf(result));
    scope.set(result, name);
    return name;
  });
  scope.put(`const [${names.join(", ")}] = ${called.get(statement.block)!}(${["rows", ...given].join(", ")});`);
}

type Arrays = Readonly<Record<string, ArrayLike<number>>>;

export interface GivenLeaves {
  readonly inputs: Arrays;
  readonly targets: Arrays;
  readonly parameters: Arrays;
  readonly states: Arrays;
  readonly hypers: Arrays;
  readonly seed: ArrayLike<number>;
  readonly clock: ArrayLike<number>;
}

/** What an entry gives: results by kind and name, next values by what the printer calls the leaf. */
export interface Ran {
  readonly results: readonly (readonly [name: string, value: Float64Array])[];
  readonly updates: readonly (readonly [leaf: string, value: Float64Array])[];
}

export type Printed = Readonly<Record<string, (leaves: GivenLeaves, rows: number) => Ran>>;

/** Makes the entries' functions of the printed text. */
export const evaluatePrinted = (text: string): Printed =>
  (compileFunction(text, ["runtime"]) as (runtime: typeof RUNTIME) => Printed)(RUNTIME);
