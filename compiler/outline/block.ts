// Equal stretches as a function with its calls: what they read from outside is a parameter, what is read after them a result.

import { withInputs, type Node } from "../../src/graph/node.js";
import { captureRule } from "../../src/graph/rules.js";
import { derivedOrigin } from "../../src/graph/origin.js";
import { makeRegionParameter } from "../../src/ops/leaf/leaves.js";
import { streamHash, streamOf, withStreamGiven } from "../../src/ops/random/random.js";
import type { BlockCall, GraphBlock } from "../ir/primitive.js";
import { uniquely } from "../names/unique.js";
import { outside, type Repeat } from "./repeats.js";
import type { Unit } from "./sequence.js";
import { headOf, sharedName } from "./words.js";

/** The name of a node that the unit at a position computes or reads, in the unit's entry. */
export type NameAt = (position: number, node: Node) => string;

/** The calls of the block, by the position at which each stretch begins. `unique` makes the block's name its own. */
export function callsOf(
  { starts, length }: Repeat,
  units: readonly Unit[],
  nameAt: NameAt,
  unique: (name: string) => string,
): ReadonlyMap<number, BlockCall> {
  const first = starts[0]!;
  const parameters = parametersOf();
  const named = new Map<Node, readonly string[]>();
  const made: (readonly Node[])[] = [];
  for (let i = 0; i < length; i++) {
    const turns = starts.map((start) => units[start + i]!);
    const namesOf = (pick: (unit: Unit) => Node): string[] =>
      turns.map((unit, turn) => nameAt(starts[turn]! + i, pick(unit)));
    const given = (values: readonly (Node | number)[], type: Node, names: () => readonly string[]): Node => {
      const parameter = parameters.of(values, type);
      if (!named.has(parameter)) named.set(parameter, names());
      return parameter;
    };
    const { node, outputs, readings } = turns[0]!;
    const inputs = readings.map(({ node: read, at, output, isFree }, k) => {
      if (isFree) return read;
      if (at >= first) return made[at - first]![output]!;
      const pick = (unit: Unit): Node => unit.readings[k]!.node;
      return given(turns.map(pick), read, () => namesOf(pick));
    });
    const streams = turns.map((unit) => streamOf(unit.node));
    const whole = isOne(streams)
      ? withInputs(node, inputs)
      : withStreamGiven(
          node,
          inputs,
          given(streams.map(hashOf), seedOf(node), () => ["stream"]),
        );
    named.set(
      whole,
      namesOf((unit) => unit.node),
    );
    made.push(outputs.map((output) => (output === node ? whole : withInputs(output, [whole]))));
    made[i]!.forEach((output, k) =>
      named.set(
        output,
        namesOf((unit) => unit.outputs[k]!),
      ),
    );
  }

  const read = made.flatMap((outputs, i) =>
    outputs.flatMap((result, output) => {
      const isRead = starts.map((start) => outside(units[start + i]!, start + length).includes(output));
      return isRead.includes(true) ? [{ result, i, output, isRead }] : [];
    }),
  );
  const block: GraphBlock = {
    name: unique(headOf(read.flatMap(({ result }) => named.get(result)!)) || "block"),
    region: { parameters: parameters.nodes, results: read.map(({ result }) => result) },
    nameOf: namesIn(named),
  };
  return new Map(
    starts.map((start, turn) => [
      start,
      {
        kind: "call",
        block,
        arguments: parameters.values.map((values) => values[turn]!),
        results: read.map(({ i, output, isRead }) => (isRead[turn] ? units[start + i]!.outputs[output] : undefined)),
      },
    ]),
  );
}

const isOne = (streams: readonly unknown[]): boolean => new Set(streams).size === 1;

/** A random node reads the seed first, an int32 scalar as its stream is. */
const seedOf = (node: Node): Node => node.inputs[0]!;

/** As an int32. */
const hashOf = (stream: string | undefined): number => streamHash(stream!) | 0;

/** Parameters by what the calls give for them: what is the same value in every call is one parameter. */
function parametersOf() {
  const nodes: Node[] = [];
  const values: (readonly (Node | number)[])[] = [];
  const known = new Map<string, Node>();
  const ids = new Map<Node | number, number>();
  const idOf = (value: Node | number): number => {
    const id = ids.get(value) ?? ids.size;
    ids.set(value, id);
    return id;
  };
  const of = (given: readonly (Node | number)[], like: Node): Node => {
    const key = given.map(idOf).join();
    const parameter =
      known.get(key) ?? makeRegionParameter(derivedOrigin(like, captureRule, "capture"), nodes.length, like);
    if (!known.has(key)) {
      known.set(key, parameter);
      nodes.push(parameter);
      values.push(given);
    }
    return parameter;
  };
  return { nodes, values, of };
}

/** Names in a block: of what nodes are called in its calls. What belongs to no call is called after its op. */
function namesIn(named: ReadonlyMap<Node, readonly string[]>): (node: Node) => string {
  const unique = uniquely(new Set());
  const names = new Map<Node, string>();
  for (const [node, all] of named)
    names.set(node, unique(sharedName(all, node.inputs.length > 0 ? node.def.name : "x")));
  return (node) => {
    const name = names.get(node) ?? unique(node.def.name);
    names.set(node, name);
    return name;
  };
}
