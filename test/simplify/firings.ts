// What tests look at of the events of simplification: uses of laws.

import type { Firing, RewriteEvent } from "../../compiler/2-simplify/index.js";

/** A recorder that is told of uses of laws alone. */
export const onFiring =
  (see: (firing: Firing) => void) =>
  (event: RewriteEvent): void => {
    if (event.kind === "law") see(event);
  };
