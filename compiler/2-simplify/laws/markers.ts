// Markers have done their work when all differentiation is done.

import { gradientDef } from "../../../src/ops/marker/markers.js";
import { housekeeping, type Law } from "../law.js";

export const markerLaws: readonly Law[] = [
  housekeeping(
    "marker",
    "a marker is its value",
    "any",
    (node) => node.def.family === "marker" && node.def !== gradientDef && node.inputs[0],
  ),
];
