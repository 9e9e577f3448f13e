// Every op's record, each once. Tests, pages and targets loop over this list.

import type { Family, OpDef } from "../graph/op.js";
import * as adjointPairs from "./adjoint-pairs.js";
import * as batchNormalize from "./composite/batch-normalize.js";
import * as cumulative from "./composite/cumulative.js";
import * as softmaxEntropy from "./composite/entropy.js";
import * as logSumExp from "./composite/log-sum-exp.js";
import * as segmentSoftmax from "./composite/segment-softmax.js";
import * as softmax from "./composite/softmax.js";
import * as sort from "./composite/sort.js";
import * as standardize from "./composite/standardize.js";
import * as contract from "./contract/contract.js";
import * as convolve from "./contract/convolve.js";
import * as oneHot from "./gather/one-hot.js";
import * as pick from "./gather/pick.js";
import * as leaves from "./leaf/leaves.js";
import * as seedAndClock from "./leaf/seed-and-clock.js";
import * as customGradient from "./marker/custom-gradient.js";
import * as markers from "./marker/markers.js";
import * as activations from "./pointwise/activations.js";
import * as arithmetic from "./pointwise/arithmetic.js";
import * as entropy from "./pointwise/entropy.js";
import * as fromEnd from "./pointwise/from-end.js";
import * as increment from "./pointwise/increment.js";
import * as logic from "./pointwise/logic.js";
import * as noise from "./pointwise/noise.js";
import * as normalQuantile from "./pointwise/normal-quantile.js";
import * as random from "./random/random.js";
import * as reduce from "./reduce/reduce.js";
import * as scan from "./scan/scan-record.js";
import * as addAt from "./scatter/add-at.js";
import * as scatterExtremes from "./scatter/scatter-extremes.js";
import * as setAt from "./scatter/set-at.js";
import * as concat from "./view/concat.js";
import * as diagonal from "./view/diagonal.js";
import * as iota from "./view/iota.js";
import * as slicing from "./view/slicing.js";
import * as views from "./view/views.js";
import * as pool from "./window/pool-record.js";

/** The files with records of each family, which are those of its folder. The pairs are of two families each. */
const rooms = {
  leaf: [leaves, seedAndClock],
  pointwise: [arithmetic, logic, activations, fromEnd, entropy, increment, normalQuantile, noise],
  view: [views, slicing, diagonal, concat, iota],
  random: [random],
  reduce: [reduce],
  contract: [contract, convolve],
  gather: [oneHot, pick],
  scatter: [addAt, setAt, scatterExtremes],
  window: [pool],
  scan: [scan],
  composite: [sort, cumulative, logSumExp, softmax, segmentSoftmax, standardize, batchNormalize, softmaxEntropy],
  marker: [markers, customGradient],
} satisfies Record<Family, readonly object[]>;

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

export const registry: readonly OpDef[] = Object.freeze([
  ...new Set([...Object.values(rooms).flat(), adjointPairs].flatMap(recordsOf)),
]);
