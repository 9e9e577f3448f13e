// The Palmer penguins of the npm package vega-datasets: 344 penguins of three species (Gorman, Williams & Fraser 2014). Node
// only.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Table } from "./table.js";

const SPECIES = ["Adelie", "Chinstrap", "Gentoo"];

/** Bill, flipper and mass; two penguins have none of these. */
const MEASURED = ["Beak Length (mm)", "Beak Depth (mm)", "Flipper Length (mm)", "Body Mass (g)"];

/** Eleven penguins have no sex in the table: null, or a dot. */
const SEX: Readonly<Record<string, number>> = { MALE: 1, FEMALE: -1 };

type Row = Readonly<Record<string, string | number | null>>;

/** Four measures and the sex; NaN where a value is missing. */
export function penguins(): Table {
  const entry = createRequire(import.meta.url).resolve("vega-datasets");
  const rows = JSON.parse(readFileSync(join(dirname(entry), "../data/penguins.json"), "utf8")) as Row[];
  return {
    features: rows.map((row) => [...MEASURED.map((name) => numberOf(row[name])), SEX[String(row["Sex"])] ?? NaN]),
    classes: rows.map((row) => SPECIES.indexOf(String(row["Species"]))),
  };
}

const numberOf = (value: Row[string] | undefined): number => (typeof value === "number" ? value : NaN);
