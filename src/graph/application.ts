// Applications of shared layers: which one is running, so that calls know it and leaves are made once.

import type { Node } from "./node.js";
import type { CallSite } from "./origin.js";

/** A layer that can be applied many times. */
export interface SharedLayer {
  /** The call that declared it. */
  readonly site: CallSite;
  /** The name that stands in place of its `const`. */
  readonly name: string | undefined;
  /** The application in which it was declared: of a layer within a layer. */
  readonly within: Application | undefined;
  /** The first application that came to its end. */
  first: Application | undefined;
}

/** One call of a shared layer. */
export interface Application {
  readonly layer: SharedLayer;
  readonly site: CallSite;
  /** Parameters and states in the order in which the call asked for them, those of layers declared in it included. */
  readonly leaves: Node[];
  /** All that it uses, those of layers that it applies included. */
  readonly uses: Set<Node>;
}

let running: readonly Application[] = [];

/** The applications that are running, outermost first. */
export const applications = (): readonly Application[] => running;

/** Runs a function as a part of an application. */
export function applying<T>(application: Application, run: () => T): T {
  const before = running;
  running = [...before, application];
  try {
    return run();
  } finally {
    running = before;
  }
}
