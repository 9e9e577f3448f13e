// Linear ops of which each is the other's derivative.
//
// Neither of the two files can import the other. So each record is made here, told how the other's nodes are made, and lies in the
// folder of its own family all the same.

import { createNode, type Node } from "../graph/node.js";
import type { OpDef } from "../graph/op.js";
import type { Origin } from "../graph/origin.js";
import { sameShape, type Shape } from "../graph/shape.js";
import { make, type AxisAttrs } from "./define.js";
import type { ScatterAttrs } from "./gather/indexed.js";
import { takeAlongRecord, type AlongAttrs } from "./gather/take-along-record.js";
import { takeRecord } from "./gather/take-record.js";
import { sumRecord, type ReduceAttrs } from "./reduce/sum-record.js";
import { addAlongRecord, type AddAlongAttrs } from "./scatter/add-along-record.js";
import { overlapAddRecord } from "./scatter/overlap-add-record.js";
import { scatterAddRecord } from "./scatter/scatter-add-record.js";
import { broadcastRecord, type BroadcastAttrs } from "./view/broadcast-record.js";
import { windowRecord, type WindowAttrs } from "./view/window-record.js";

export const broadcastDef: OpDef<BroadcastAttrs> = broadcastRecord(makeBroadcast, makeSum);
export const sumDef: OpDef<ReduceAttrs> = sumRecord(makeBroadcast);

/** `x` at a shape that has its axes at `axes`; `x` itself where that is its own shape. */
export function makeBroadcast(origin: Origin, x: Node, shape: Shape, axes: readonly number[]): Node {
  return sameShape(x.shape, shape) ? x : make(broadcastDef, origin, [x], { shape, axes: Object.freeze([...axes]) });
}

/** The sum over `axes`; `x` itself where there are none. */
export function makeSum(origin: Origin, x: Node, axes: readonly number[]): Node {
  return axes.length === 0 ? x : make(sumDef, origin, [x], { axes: Object.freeze([...axes]) });
}

export const takeDef: OpDef<AxisAttrs> = takeRecord(makeTake, makeScatterAdd);
export const scatterAddDef: OpDef<ScatterAttrs> = scatterAddRecord(makeScatterAdd, makeTake);

export function makeTake(origin: Origin, x: Node, indices: Node, at: number): Node {
  return createNode(takeDef, [x, indices], { axis: at }, origin);
}

export function makeScatterAdd(origin: Origin, updates: Node, indices: Node, attrs: ScatterAttrs): Node {
  return createNode(scatterAddDef, [updates, indices], attrs, origin);
}

export const takeAlongDef: OpDef<AlongAttrs> = takeAlongRecord(makeTakeAlong, makeAddAlong);
export const addAlongDef: OpDef<AddAlongAttrs> = addAlongRecord(makeAddAlong, makeTakeAlong);

/** `x` read along `at` at int32 `indices`, which must lie in range: `[b, n, c]` at `[b, m, c]` gives `[b, m, c]`. */
export function makeTakeAlong(origin: Origin, x: Node, indices: Node, at: number): Node {
  return createNode(takeAlongDef, [x, indices], { axis: at }, origin);
}

export function makeAddAlong(origin: Origin, updates: Node, indices: Node, at: number, shape: Shape): Node {
  return createNode(addAlongDef, [updates, indices], { axis: at, shape }, origin);
}

export const windowDef: OpDef<WindowAttrs> = windowRecord(makeWindow, makeOverlapAdd);
export const overlapAddDef: OpDef<WindowAttrs> = overlapAddRecord(makeOverlapAdd, makeWindow);

export function makeWindow(origin: Origin, x: Node, attrs: WindowAttrs): Node {
  return createNode(windowDef, [x], frozen(attrs), origin);
}

export function makeOverlapAdd(origin: Origin, windows: Node, attrs: WindowAttrs): Node {
  return createNode(overlapAddDef, [windows], frozen(attrs), origin);
}

function frozen({ at, shape }: WindowAttrs): WindowAttrs {
  return { at: Object.freeze([...at]), shape };
}
