// Calls of public functions that are composed of several records. Reductions stand apart: the registry has them as well.

import { borders, rolls } from "./border-cases.js";
import { axisCases, joins, matmuls, views, type Case } from "./cases.js";
import { gathers, scans, sums } from "./indexed-cases.js";
import { segments } from "./segment-cases.js";

export const composed: readonly Case[] = [
  ...axisCases,
  ...matmuls,
  ...views,
  ...rolls,
  ...borders,
  ...joins,
  ...gathers,
  ...segments,
  ...scans,
  ...sums,
];
