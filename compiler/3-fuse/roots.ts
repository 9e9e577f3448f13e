// What kernels store. A root is a node whose value lies in memory, or a copy: a value that lies elsewhere already and is
// stored once more, as a second result or as the next value of a leaf that had to wait.

import { withOrigin, type Node, type TensorType } from "../../src/graph/node.js";
import { copyRule } from "../../src/graph/rules.js";
import { derivedOrigin, part } from "../../src/graph/origin.js";
import { isOne, type Dim } from "../../src/graph/shape.js";
import { lowered, stripAlias } from "./lowered.js";

export interface Copy extends TensorType {
  /** What is copied: a value that lies elsewhere, or the copy of one that had to wait. */
  readonly copied: Root;
  /** The value as what the copy is called after. */
  readonly named: Node;
}

/** Identity is the object, for copies too. */
export type Root = Node | Copy;

export function copyOf(copied: Root): Copy {
  const value = valueOf(copied);
  const named = withOrigin(value, part(derivedOrigin(value, copyRule, "part"), "copy"));
  return { copied, named, shape: copied.shape, dtype: copied.dtype };
}

export const isCopy = (root: Root): root is Copy => "copied" in root;

/** The node whose value it stores. */
export const valueOf = (root: Root): Node => (isCopy(root) ? valueOf(root.copied) : root);

/** Is its value there before any kernel runs: a leaf's, or one of a loop's results? */
export const isNoKernels = (root: Root): boolean => !isCopy(root) && NO_KERNELS.has(lowered(root).kind);

const NO_KERNELS: ReadonlySet<string> = new Set(["leaf", "result"]);

/** The root whose work makes a value: of a loop's result, the loop. */
export function makerOf(root: Root): Root {
  return !isCopy(root) && lowered(root).kind === "result" ? stripAlias(root.inputs[0]!) : root;
}

/** Is its value made by a loop of the program (scan), not by a kernel? */
export const isLooped = (root: Root): boolean => !isCopy(root) && lowered(root).kind === "scan";

/** Is it built in memory, where it is added up? */
export const isScattered = (root: Root): boolean => !isCopy(root) && lowered(root).kind === "scatter";

/** What a scattered sum starts from, where that is an operand. */
export function startOf(root: Root): Node | undefined {
  if (isCopy(root)) return undefined;
  const lowering = lowered(root);
  return lowering.kind === "scatter" && lowering.onto !== undefined ? root.inputs[lowering.onto] : undefined;
}

/** A scatter, the scatter that it starts from, and so on. */
export function scattersFrom(root: Root): readonly Node[] {
  const found: Node[] = [];
  for (let node = isScattered(root) ? valueOf(root) : undefined; node && isScattered(node); node = startOf(node))
    found.push(node);
  return found;
}

const loops = new WeakMap<Root, readonly Dim[]>();

/** The sizes of the loops around its elements: of its axes of more than one entry. */
export function loopsOf(root: Root): readonly Dim[] {
  const known = loops.get(root);
  if (known) return known;
  const sizes = root.shape.filter((size) => !isOne(size));
  loops.set(root, sizes);
  return sizes;
}

/** Adds to the list of a key. */
export function push<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}
