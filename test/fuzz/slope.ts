// The interpreter's own gradients against differences of its own loss along a direction, and where those meet a kink
// against dual numbers.

import { derivativeAt0, type Quotients } from "../../compiler/differences.js";
import { resolveScalar } from "../../compiler/formula/resolve.js";
import { interpreterOf } from "../../src/graph/interpret.js";
import type { Entry } from "../../src/graph/network.js";
import type { Node } from "../../src/graph/node.js";
import { everyNode } from "../../src/graph/walk.js";
import { isTrainable } from "../../src/reach.js";
import { forward, type Dual } from "../oracle/dual.js";
import { drawOf } from "./draw.js";
import type { Facts } from "./facts.js";
import { interpreted } from "./interpreted.js";
import type { Script } from "./play.js";

/** Ops whose derivative is meant to be another one than that of their value. */
const OTHER_DERIVATIVE: readonly string[] = ["stopGradient", "straightThrough", "customGradient"];

const COARSE: Quotients = { step: 2 ** -9, levels: 4 };
const FINER: Quotients = { step: 2 ** -13, levels: 4 };

export interface Slope {
  readonly kind: "right" | "wrong" | "unsteady" | "another";
  readonly sentence: string;
}

/** Compares each `gradients` entry. `declared`: the graph still holds its markers there. */
export function slopesOf(facts: Facts, script: Script, seed: number): Slope[] {
  return facts.entries.filter(({ kind }) => kind === "gradients").map((entry) => slopeOf(facts, script, seed, entry));
}

const close = (a: number, b: number, share: number, size: number): boolean =>
  Math.abs(a - b) <= share * Math.max(Math.abs(a), Math.abs(b), size);

function slopeOf(facts: Facts, script: Script, seed: number, entry: Entry): Slope {
  const loss = entry.results.find(({ kind }) => kind === "loss")!.value;
  if (everyNode([loss]).some(({ def }) => OTHER_DERIVATIVE.includes(def.name)))
    return { kind: "another", sentence: "" };
  const rows = facts.capacity;
  const machine = interpreted(facts, seed);
  machine.setParameters(script.parameters);
  machine.give(script.data[0]!, rows);
  machine.run(entry.name, rows);
  const grads = machine.read("grads");
  const draw = drawOf(seed, 77);
  const directions = new Map<Node, Float64Array>();
  // A step that names its parameters has gradients of no others.
  const owned: readonly Node[] | undefined = facts.network.steps[entry.step!]?.parameters;
  let [analytic, size] = [0, 0];
  for (const { name, buffer } of facts.views.parameters) {
    const leaf = buffer.leaf!;
    if (!isTrainable(leaf) || !(owned?.includes(leaf) ?? true)) continue;
    // A parameter without a gradient is one that the loss does not depend on.
    const grad = grads[name];
    const direction = Float64Array.from({ length: machine.memory.get(leaf)!.length }, () => draw.number() - 0.5);
    directions.set(leaf, direction);
    direction.forEach((d, i) => {
      const slope = d * (grad?.[i] ?? 0);
      analytic += slope;
      size = Math.max(size, Math.abs(slope));
    });
  }
  if (!Number.isFinite(analytic)) return { kind: "unsteady", sentence: "the gradient is not finite" };
  const evaluate = interpreterOf([loss], { rows, scalarOf: resolveScalar });
  const along = (offset: number): number =>
    evaluate((leaf) => {
      const values = machine.memory.get(leaf)!;
      const direction = directions.get(leaf);
      return direction ? values.map((value, i) => value + offset * direction[i]!) : values;
    }).get(loss)![0]!;
  const scale = Math.max(size, 1e-4);
  const differences = derivativeAt0(along, COARSE);
  if (close(differences, analytic, 1e-6, scale)) return { kind: "right", sentence: "" };
  const finer = derivativeAt0(along, FINER);
  if (close(finer, analytic, 1e-6, scale)) return { kind: "right", sentence: "" };
  const tangents = new Map<Node, Dual>(
    [...machine.memory].map(([leaf, value]) => [
      leaf,
      { value, tangent: directions.get(leaf) ?? new Float64Array(value.length) },
    ]),
  );
  const [dual] = forward([loss], tangents, rows);
  const slope = dual!.tangent[0]!;
  const sentence = `${entry.name}: along a direction the gradient is ${analytic}, dual numbers give ${slope}, differences ${differences} and ${finer}`;
  if (close(slope, analytic, 1e-8, scale)) return { kind: "right", sentence: "" };
  // At a kink there is no slope, and each opinion may be another.
  const agreed =
    close(differences, finer, 1e-6, scale) ||
    close(finer, slope, 1e-4, scale) ||
    close(differences, slope, 1e-4, scale);
  return { kind: agreed ? "wrong" : "unsteady", sentence };
}
