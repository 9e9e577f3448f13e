// Every op's record, each once. Tests, pages and targets loop over this list.

import type { OpDef } from "../graph/op.js";
import * as addAt from "./add-at.js";
import * as activations from "./activations.js";
import * as along from "./along.js";
import * as arithmetic from "./arithmetic.js";
import * as batchNormalize from "./batch-normalize.js";
import * as broadcast from "./broadcast.js";
import * as concat from "./concat.js";
import * as contract from "./contract.js";
import * as convolve from "./convolve.js";
import * as cumulative from "./cumulative.js";
import * as customGradient from "./custom-gradient.js";
import * as diagonal from "./diagonal.js";
import * as entropy from "./entropy.js";
import * as gather from "./gather.js";
import * as indices from "./indices.js";
import * as iota from "./iota.js";
import * as leaves from "./leaves.js";
import * as logic from "./logic.js";
import * as markers from "./markers.js";
import * as pointwise from "./pointwise.js";
import * as pool from "./pool-record.js";
import * as random from "./random.js";
import * as reduce from "./reduce.js";
import * as scan from "./scan-record.js";
import * as scatterExtremes from "./scatter-extremes.js";
import * as segments from "./segments.js";
import * as slicing from "./slicing.js";
import * as setAt from "./set-at.js";
import * as softmax from "./softmax.js";
import * as sort from "./sort.js";
import * as standardize from "./standardize.js";
import * as views from "./views.js";
import * as window from "./window.js";

const rooms: readonly object[] = [
  leaves,
  arithmetic,
  logic,
  activations,
  pointwise,
  broadcast,
  views,
  slicing,
  diagonal,
  concat,
  indices,
  iota,
  gather,
  sort,
  cumulative,
  addAt,
  setAt,
  scatterExtremes,
  segments,
  reduce,
  contract,
  convolve,
  window,
  along,
  pool,
  softmax,
  standardize,
  batchNormalize,
  entropy,
  random,
  markers,
  customGradient,
  scan,
];

const isRecord = (value: unknown): value is OpDef =>
  typeof value === "object" && value !== null && "infer" in value && "samples" in value;

/** The records that a module exports: as such, in a list, or as the `def` of a public function. */
function recordsOf(room: object): OpDef[] {
  return Object.values(room).flatMap((value: unknown) => {
    if (isRecord(value)) return [value];
    if (Array.isArray(value)) return value.filter(isRecord);
    const def = typeof value === "function" && "def" in value ? value.def : undefined;
    return isRecord(def) ? [def] : [];
  });
}

export const registry: readonly OpDef[] = Object.freeze([...new Set(rooms.flatMap(recordsOf))]);
