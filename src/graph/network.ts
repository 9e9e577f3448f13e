// A network as data: what `network(...)` returns, and the entries that the compiler derives from it.

import type { Node } from "./node.js";
import type { CallSite } from "./origin.js";

/** `leaf` (a parameter or state) takes the value of `value` when the entry has run. Shapes are equal. */
export interface Assignment {
  readonly leaf: Node;
  readonly value: Node;
}

/** The rule of nodes that an optimizer makes: they are derived from the parameter that they update. */
export const UPDATE_RULE = "update";

/** What an optimizer may ask for while it writes a parameter's update. Each is a leaf; equal names give one leaf. */
export interface UpdateTools {
  /** A scalar that the user may change at run time, such as the rate. */
  readonly hyper: (name: string, initial: number) => Node;
  /** A state of the parameter's shape, starting at zero, owned by (step, parameter). */
  readonly slot: (name: string) => Node;
  /** The number of this step, starting at 1 for the first update. Int scalar, owned by the step. */
  readonly count: Node;
}

/** An optimizer: turns a gradient into the parameter's next value and its slots' next values, as graphs. */
export interface Optimizer {
  readonly kind: "optimizer";
  readonly name: string;
  readonly update: (parameter: Node, gradient: Node, tools: UpdateTools) => readonly Assignment[];
  /** Parameter groups: the first whose `parameters` holds the parameter supplies the update instead. */
  readonly groups: readonly { readonly parameters: readonly Node[]; readonly optimizer: Optimizer }[];
}

export interface Step {
  /** A float scalar. */
  readonly loss: Node;
  readonly optimizer: Optimizer;
  /** The parameters it updates; absent: all trainable ones that the loss reaches. */
  readonly parameters?: readonly Node[] | undefined;
}

export interface Network {
  readonly kind: "network";
  readonly name: string;
  /** The largest number of rows. */
  readonly capacity: number;
  readonly outputs: Readonly<Record<string, Node>>;
  readonly steps: Readonly<Record<string, Step>>;
  readonly site: CallSite;
}

export type Mode = "train" | "infer";

export interface Result {
  readonly kind: "output" | "loss" | "gradient";
  /** Of a gradient: provisional, until the compiler has named the parameter. */
  readonly name: string;
  readonly value: Node;
  /** The parameter of a gradient. */
  readonly of?: Node;
}

/** One callable of the emitted module: what it computes and what it changes. */
export interface Entry {
  readonly name: string;
  readonly kind: "predict" | "loss" | "gradients" | "step" | "initialize";
  readonly mode: Mode;
  /** The step of the network that it belongs to; none for `predict` and `initialize`. */
  readonly step?: string | undefined;
  readonly results: readonly Result[];
  readonly updates: readonly Assignment[];
}
