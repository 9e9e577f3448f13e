// The entries' nodes as one sequence of units with labels: stretches of it are equal where their labels are, and where what they read
// of themselves stands at the same distance.

import { dataKey } from "../../src/graph/data-key.js";
import type { Node, Region } from "../../src/graph/node.js";
import { printShape } from "../../src/graph/shape.js";
import { topological } from "../../src/graph/walk.js";
import { streamOf } from "../../src/ops/random/random.js";
import { lowered } from "../ir/lowered.js";
import type { Piece } from "./order.js";
import type { Standing } from "./standing.js";

/** An input of a unit. */
export interface Reading {
  readonly node: Node;
  /** The position of the unit that computes it; -1 where none does. */
  readonly at: number;
  /** Which of the unit's outputs it is. */
  readonly output: number;
  /** Read from nowhere: each reader has it inside. */
  readonly isFree: boolean;
}

export interface Unit extends Piece {
  /** Equal for equal op, attributes, types of inputs and free inputs. Streams of random numbers may differ. */
  readonly label: number;
  /** For each input of the node. */
  readonly readings: readonly Reading[];
  /** For each output the position of the last unit that reads it; infinite for what the entry gives. */
  readonly lastUse: number[];
  /** Where the units of its entry end. */
  readonly end: number;
}

export interface EntryPieces {
  readonly roots: readonly Node[];
  readonly pieces: readonly Piece[];
}

/** The units of all entries, one entry after the other. */
export function sequenceOf(entries: readonly EntryPieces[], standings: ReadonlyMap<Node, Standing>): readonly Unit[] {
  const labelOf = labels(standings);
  const units: Unit[] = [];
  for (const { roots, pieces } of entries) {
    const first = units.length;
    const end = first + pieces.length;
    const places = new Map(
      pieces.flatMap(({ outputs }, i) => outputs.map((node, output) => [node, { at: first + i, output }] as const)),
    );
    for (const piece of pieces) {
      const readings = piece.node.inputs.map((node): Reading => {
        const place = places.get(node) ?? { at: -1, output: 0 };
        if (place.at >= 0) units[place.at]!.lastUse[place.output] = units.length;
        return { node, ...place, isFree: standings.get(node) === "free" };
      });
      units.push({ ...piece, label: labelOf(piece), readings, lastUse: piece.outputs.map(() => -1), end });
    }
    for (const root of roots) {
      const place = places.get(root);
      if (place) units[place.at]!.lastUse[place.output] = Infinity;
    }
  }
  return units;
}

function labels(standings: ReadonlyMap<Node, Standing>): (piece: Piece) => number {
  const things = new Map<unknown, number>();
  const idOf = (thing: unknown): number => {
    const known = things.get(thing) ?? things.size;
    things.set(thing, known);
    return known;
  };
  const regions = new Map<Region, number>();
  const free = new Map<Node, number>();

  const callKey = (node: Node, inputs: readonly (string | number)[]): string => {
    const attrs = streamOf(node) === undefined ? node.attrs : { ...node.attrs, stream: "" };
    return `${idOf(node.def)};${dataKey(attrs, idOf)};${inputs.join()};${node.regions.map(regionKey).join()}`;
  };
  const freeKey = (root: Node): number => {
    for (const node of topological([root], (known) => free.has(known))) {
      const inputs = node.inputs.map((input) => free.get(input)!);
      free.set(node, idOf(callKey(node, inputs)));
    }
    return free.get(root)!;
  };
  // Streams inside of a region are told apart.
  const regionKey = (region: Region): number => {
    const known = regions.get(region);
    if (known !== undefined) return known;
    const numbers = new Map(region.parameters.map((node, i) => [node, i]));
    const given = region.parameters.map(typeKey);
    const lines = topological(region.results).flatMap((node) => {
      if (numbers.has(node)) return [];
      const inputs = node.inputs.map((input) => numbers.get(input)!);
      numbers.set(node, numbers.size);
      return [`${callKey(node, inputs)};${streamOf(node) ?? ""}`];
    });
    const results = region.results.map((result) => numbers.get(result)!);
    const key = idOf([...given, ...lines, results.join()].join("\n"));
    regions.set(region, key);
    return key;
  };

  return ({ node, outputs }) => {
    const inputs = node.inputs.map((input) =>
      standings.get(input) === "free" ? `=${freeKey(input)}` : typeKey(input),
    );
    const read = outputs.map((output) => (output === node ? "" : indexOf(output)));
    return idOf(`${callKey(node, inputs)};${read.join()}`);
  };
}

const typeKey = ({ dtype, shape }: Node): string => `${dtype}${printShape(shape)}`;

function indexOf(result: Node): number {
  const lowering = lowered(result);
  return lowering.kind === "result" ? lowering.index : 0;
}
