// Every op's record, each once. Tests, pages and targets loop over this list.

import type { OpDef } from "../graph/op.js";
import * as addAt from "./scatter/add-at.js";
import * as activations from "./pointwise/activations.js";
import * as along from "./gather/take-along.js";
import * as arithmetic from "./pointwise/arithmetic.js";
import * as batchNormalize from "./composite/batch-normalize.js";
import * as broadcast from "./view/broadcast.js";
import * as concat from "./view/concat.js";
import * as contract from "./contract/contract.js";
import * as convolve from "./contract/convolve.js";
import * as cumulative from "./composite/cumulative.js";
import * as customGradient from "./marker/custom-gradient.js";
import * as diagonal from "./view/diagonal.js";
import * as entropy from "./composite/entropy.js";
import * as gather from "./gather/pick.js";
import * as indices from "./gather/indices.js";
import * as iota from "./view/iota.js";
import * as leaves from "./leaf/leaves.js";
import * as logic from "./pointwise/logic.js";
import * as markers from "./marker/markers.js";
import * as pointwise from "./pointwise/pointwise.js";
import * as pool from "./window/pool-record.js";
import * as random from "./random/random.js";
import * as reduce from "./reduce/reduce.js";
import * as scan from "./scan/scan-record.js";
import * as scatterExtremes from "./scatter/scatter-extremes.js";
import * as segments from "./scatter/segments.js";
import * as slicing from "./view/slicing.js";
import * as setAt from "./scatter/set-at.js";
import * as softmax from "./composite/softmax.js";
import * as sort from "./composite/sort.js";
import * as standardize from "./composite/standardize.js";
import * as views from "./view/views.js";
import * as window from "./view/window-record.js";

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
