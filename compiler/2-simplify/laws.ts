// The table of laws, in the order in which they are tried. To be used when all differentiation is done.

import type { Law } from "./engine.js";
import { arithmeticLaws } from "./laws/arithmetic.js";
import { markerLaws } from "./laws/markers.js";

export const laws: readonly Law[] = [...markerLaws, ...arithmeticLaws];
