// The table of laws, in the order in which they are tried. To be used when all differentiation is done.

import type { Law } from "./law.js";
import { arithmeticLaws } from "./laws/arithmetic.js";
import { contractionLaws } from "./laws/contractions.js";
import { markerLaws } from "./laws/markers.js";
import { reductionLaws } from "./laws/reductions.js";
import { scatterLaws } from "./laws/scatters.js";
import { sliceLaws } from "./laws/slices.js";
import { viewLaws } from "./laws/views.js";
import { windowLaws } from "./laws/windows.js";

export const laws: readonly Law[] = [
  ...markerLaws,
  ...arithmeticLaws,
  ...viewLaws,
  ...sliceLaws,
  ...scatterLaws,
  ...reductionLaws,
  ...contractionLaws,
  ...windowLaws,
];
