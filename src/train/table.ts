// The caller's data after validation, columns of rows in exactly the model's types, and the copying of a batch of rows into
// the model's views.

import { checkData, type LooseData } from "./check.js";
import type { Column, LeafKind, Leaf, Model, View } from "./model.js";

export interface Table {
  readonly rows: number;
  readonly columns: readonly TableColumn[];
}

interface TableColumn {
  /** The bits of all rows, and of the model's view, as whole words where the row length allows it. */
  readonly source: Int32Array | Uint8Array;
  readonly view: Int32Array | Uint8Array;
  /** Words (or bytes) of one row. */
  readonly stride: number;
  /** No batch axis: the same values for every row. */
  readonly fixed: boolean;
}

/** Validates `data` against the model's spec. `kinds` are the parts that must be there, `entries` the functions that will run. */
export function tableOf(
  model: Model,
  data: LooseData,
  kinds: readonly LeafKind[],
  entries: readonly string[],
  rejectNaN: boolean,
): Table {
  const { rows, found } = checkData(model, data, kinds, entries, rejectNaN);
  return { rows, columns: found.map(({ leaf, values }) => tableColumn(leaf, values)) };
}

function tableColumn(leaf: Leaf, values: Column): TableColumn {
  const { view } = leaf;
  const source = viewLike(view, values);
  const bytes = leaf.length * view.BYTES_PER_ELEMENT;
  const whole = bytes % 4 === 0 && source.byteOffset % 4 === 0 && view.byteOffset % 4 === 0;
  const bits = (of: View): Int32Array | Uint8Array =>
    whole
      ? new Int32Array(of.buffer, of.byteOffset, Math.floor(of.byteLength / 4))
      : new Uint8Array(of.buffer, of.byteOffset, of.byteLength);
  return { source: bits(source), view: bits(view), stride: whole ? bytes / 4 : bytes, fixed: leaf.axis === "none" };
}

/** The caller's array as it is where its type is the view's; otherwise converted. */
export function viewLike(view: View, values: Column): View {
  if (values.constructor === view.constructor) return values as View;
  const result = new (view.constructor as new (length: number) => View)(values.length);
  result.set(values);
  return result;
}

/** From this many words on, copying a row natively saves more than the view of it costs (measured: 3x at 784). */
const longRow = 128;

/**
 * Writes `count` rows into the model's views: rows order[from], order[from + 1], ..., or from, from + 1, ... where there
 * is no order.
 */
export function fill(table: Table, order: Int32Array | undefined, from: number, count: number): void {
  const { columns } = table;
  for (let c = 0; c < columns.length; c++) {
    const { source, view, stride, fixed } = columns[c]!;
    if (fixed) view.set(source);
    else if (order === undefined) view.set(source.subarray(from * stride, (from + count) * stride));
    else if (stride < longRow && source instanceof Int32Array)
      gather(view as Int32Array, source, stride, order, from, count);
    else {
      for (let i = 0; i < count; i++) {
        const start = order[from + i]! * stride;
        view.set(source.subarray(start, start + stride), i * stride);
      }
    }
  }
}

/** Sees floats and integers as 32-bit words only: a loop over one type of array stays fast, and NaN keeps its bits. */
function gather(
  to: Int32Array,
  source: Int32Array,
  stride: number,
  order: Int32Array,
  from: number,
  count: number,
): void {
  for (let i = 0, at = 0; i < count; i++) {
    const start = order[from + i]! * stride;
    for (let k = 0; k < stride; k++) to[at++] = source[start + k]!;
  }
}
