// One use of a law: the graph before it and the graph after it, evaluated on the same values.
//
// What both graphs share is cut off and given values of its own, so that zeros, infinities and NaN reach the law itself. Where
// that makes a difference, the law may still be right for the values that can reach it: the graphs are cut further down too.

import { interpreterOf } from "../../src/graph/interpret.js";
import { createNode, type Node } from "../../src/graph/node.js";
import { replaceNodes, topological } from "../../src/graph/walk.js";
import { regionParameterDef } from "../../src/ops/leaf/leaves.js";
import { gradientDef } from "../../src/ops/marker/markers.js";
import type { Firing } from "../2-simplify/index.js";
import { resolveScalar } from "../formula/resolve.js";
import { difference, draw, scaleOf, type Difference, type Kind } from "./values.js";

export interface FiringOptions {
  readonly rows: number;
  readonly random: () => number;
  readonly kinds: readonly Kind[];
  /** May the law give a number where there was none? Stable forms are made to. */
  readonly mayMend: boolean;
}

export interface WrongFiring extends Difference {
  readonly kind: Kind;
}

/** Draws of each kind. */
const DRAWS: Readonly<Record<Kind, number>> = { finite: 2, special: 4, subnormal: 2 };

/** How far below the place a graph is cut when the nearest cut has shown a difference. */
const DEEPER = 4;

/** Elements of the largest tensor that is evaluated. */
const MOST_ELEMENTS = 200_000;

/** The difference that a use of a law makes; undefined where it makes none, or cannot be evaluated. */
export function wrongFiring({ place, result }: Firing, options: FiringOptions): WrongFiring | undefined {
  for (const kind of options.kinds) {
    for (let n = 0; n < DRAWS[kind]; n++) {
      const found = differs(place, result, bordersOf(place, result), kind, options);
      if (found && isConfirmed(place, result, kind, options)) return { ...found, kind };
    }
  }
  return undefined;
}

/** Some draws with more of the graph around the law, all of it where values are ordinary. */
function isConfirmed(place: Node, result: Node, kind: Kind, options: FiringOptions): boolean {
  const cuts = [below(place, result, DEEPER), ...(kind === "finite" ? [new Set<Node>()] : [])];
  return cuts.every((cut) => {
    for (let n = 0; n < 2 * DRAWS[kind]; n++) if (differs(place, result, cut, kind, options)) return true;
    return false;
  });
}

/** The first nodes below the result that the place stands on too. */
function bordersOf(place: Node, result: Node): ReadonlySet<Node> {
  const known = new Set(topological([place]));
  known.delete(place);
  const found = new Set<Node>();
  const seen = new Set<Node>();
  const stack = [result];
  while (stack.length > 0) {
    const node = stack.pop()!;
    if (seen.has(node)) continue;
    seen.add(node);
    if (known.has(node) && node.dtype === "float32") found.add(node);
    else stack.push(...node.inputs);
  }
  return found;
}

/** The nodes that are more than so many steps below both. */
function below(place: Node, result: Node, steps: number): ReadonlySet<Node> {
  let level: ReadonlySet<Node> = new Set([place, result]);
  const near = new Set<Node>();
  for (let n = 0; n < steps; n++) {
    level.forEach((node) => near.add(node));
    level = new Set([...level].flatMap((node) => node.inputs));
  }
  return new Set([...level].filter((node) => !near.has(node) && node.dtype === "float32"));
}

function differs(
  place: Node,
  result: Node,
  cut: ReadonlySet<Node>,
  kind: Kind,
  { rows, random, mayMend }: FiringOptions,
): Difference | undefined {
  const replacement = new Map<Node, Node>();
  for (const node of cut) if (node.inputs.length > 0 && isPlain(node)) replacement.set(node, leafLike(node));
  const [before, after] = replaceNodes([place, result], replacement) as [Node, Node];
  const nodes = topological([before, after]);
  if (nodes.some((node) => node.def === gradientDef)) return undefined;
  const values = new Map<Node, Float64Array>();
  const leaf = (node: Node): Float64Array => {
    let own = values.get(node);
    if (!own) values.set(node, (own = draw(node, rows, random, kind)));
    return own;
  };
  try {
    const run = interpreterOf([before, after], { rows, scalarOf: resolveScalar })(leaf);
    const [a, b] = [run.get(before)!, run.get(after)!];
    if (a.length > MOST_ELEMENTS) return undefined;
    // Sums are as exact as the largest of what they add.
    const scale = scaleOf(...run.values());
    return difference(a, b, { scale, mayMend });
  } catch {
    // An index that was drawn names nothing: the law is not at fault.
    return undefined;
  }
}

/** A node with one result. */
const isPlain = (node: Node): boolean => node.def.results === undefined;

const leafLike = ({ shape, dtype, origin }: Node): Node =>
  createNode(regionParameterDef, [], { index: 0, shape, dtype }, origin);
