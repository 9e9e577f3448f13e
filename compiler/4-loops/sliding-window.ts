// A pool reads its windows' rows of a convolution's output and no others. The two kernels become one: it computes a band of
// rows, as many as a window is high, and reads it at once; of the tensor between them a band for each image is kept.
//
//   for i0 < batch, i1 < 28: c[...] = sum of ...      for i0 < batch, i1 < 14:
//                                                       for i2 < 2: c[...] = sum of ...
//   for i0 < batch, i1 < 14: p[...] = max of c[...]     p[...] = max of c[...]

import { addAffine, type Affine } from "../../src/graph/affine.js";
import { dim, sameDim, type Dim } from "../../src/graph/shape.js";
import { withOrder } from "../ir/parallel.js";
import { SERIAL, type Kernel, type Loop, type Position, type Slot, type Statement } from "../ir/kernel.js";
import type { Buffer, Call, ProgramItem } from "../ir/program.js";
import { renamed } from "../ir/rename.js";
import type { Machine } from "./machines/machine.js";
import { callsOf, forEachLeaf, forEachValue, storesOf } from "../ir/walk.js";

/** Merges calls with the ones before them where these make the bands of rows that they read. */
export function mergeBands(items: readonly ProgramItem[], { slidingWindows }: Machine): readonly ProgramItem[] {
  if (!slidingWindows) return items;
  const touched = new Map<Buffer, number>();
  for (const call of callsOf(items)) {
    for (const buffer of new Set(call.uses.map((use) => use.buffer)))
      touched.set(buffer, (touched.get(buffer) ?? 0) + 1);
  }
  const merged: ProgramItem[] = [];
  for (const item of items) {
    const before = merged.at(-1);
    const one =
      before?.kind === "call" && item.kind === "call"
        ? inBands(before, item, (of) => touched.get(of) === 2)
        : undefined;
    if (one) merged[merged.length - 1] = one;
    else merged.push(item);
  }
  return merged.length === items.length ? items : merged;
}

/** The variables of a merged kernel's outer loops. The maker's further in make room for the rows of a band. */
const [IMAGE, BAND, ROW] = [0, 1, 2];

/** A kernel that is two loops over images and rows around the rest; variables are numbered by depth. */
interface Nest {
  readonly images: Loop;
  readonly rows: Loop;
  /** The sizes of all loops. */
  readonly sizes: ReadonlyMap<number, Dim>;
}

/** How a tensor is read: its elements from image to image and from row to row, and how many rows a band has. */
interface Band {
  readonly image: number;
  readonly row: number;
  readonly height: number;
}

/** The two calls as one; undefined where they must remain two. `isTheirs`: whether no other call touches a buffer. */
function inBands(maker: Call, reader: Call, isTheirs: (buffer: Buffer) => boolean): Call | undefined {
  if ([...maker.uses, ...reader.uses].some((use) => use.advance.length > 0)) return undefined;
  const [outer, inner] = [nestOf(maker.kernel), nestOf(reader.kernel)];
  if (!outer || !inner || !sameDim(outer.images.size, inner.images.size) || !hasTiles(outer)) return undefined;
  const stores = storesOf(maker.kernel.body);
  const made = maker.uses[stores[0]!.slot]!.buffer;
  const slot = reader.uses.findIndex((use) => use.buffer === made);
  const only = stores.every((store) => store.slot === stores[0]!.slot && store.mode === "set");
  if (slot < 0 || !only || made.segment !== "workspace" || !isTheirs(made)) return undefined;
  const written = storesOf(reader.kernel.body).map((store) => reader.uses[store.slot]!.buffer);
  const readsItself = loadsOf(maker.kernel, stores[0]!.slot).length > 0;
  if (readsItself || written.some((buffer) => maker.uses.some((use) => use.buffer === buffer))) return undefined;
  const band = bandOf(
    outer,
    stores.map((store) => store.at),
    inner,
    loadsOf(reader.kernel, slot),
  );
  return band && merge(maker, reader, outer, inner, made, band);
}

function nestOf({ body }: Kernel): Nest | undefined {
  const images = onlyLoop(body, IMAGE);
  const rows = images && onlyLoop(images.body, BAND);
  if (!images || !rows || rows.size.power > 0) return undefined;
  const sizes = new Map<number, Dim>();
  const collect = (statements: readonly Statement[]): void => {
    for (const s of statements) {
      if (s.kind === "loop") collect(s.body);
      for (const { variable, size } of s.kind === "loop" ? [s] : s.kind === "reduction" ? s.loops : []) {
        const known = sizes.get(variable);
        if (!known || size.power > known.power || size.times > known.times) sizes.set(variable, size);
      }
    }
  };
  collect(body);
  return { images, rows, sizes };
}

function onlyLoop(statements: readonly Statement[], variable: number): Loop | undefined {
  const [loop] = statements;
  const fits = statements.length === 1 && loop?.kind === "loop" && loop.run.order === "parallel";
  return fits && loop.variable === variable ? loop : undefined;
}

/** Are two loops left within a row, to be cut into tiles? */
function hasTiles({ rows }: Nest): boolean {
  const [pixels] = rows.body;
  return pixels?.kind === "loop" && pixels.body[0]?.kind === "loop";
}

function loadsOf({ body }: Kernel, slot: number): Position[] {
  const found: Position[] = [];
  const seen = new Set<Parameters<typeof forEachLeaf>[0]>();
  forEachValue(body, (value) =>
    forEachLeaf(value, (leaf) => leaf.kind === "load" && leaf.slot === slot && found.push(leaf.at), seen),
  );
  return found;
}

function bandOf(maker: Nest, stored: readonly Position[], reader: Nest, read: readonly Position[]): Band | undefined {
  const image = timesOf(stored[0]!.affine, IMAGE);
  const row = timesOf(stored[0]!.affine, BAND);
  const step = read.length > 0 && row > 0 ? timesOf(read[0]!.affine, BAND) / row : 0;
  if (image <= 0 || !Number.isInteger(step) || step < 2 || step * reader.rows.size.times > maker.rows.size.times)
    return undefined;
  const isMade = stored.every((at) => isWithin(at, maker, image, row, row));
  const isRead = read.every((at) => isWithin(at, reader, image, step * row, step * row));
  return isMade && isRead ? { image, row, height: step } : undefined;
}

/** Does the position move as far from image to image and from row to row, and otherwise stay below the limit? */
function isWithin({ affine, loaded }: Position, nest: Nest, image: number, row: number, limit: number): boolean {
  if (loaded.length > 0 || affine.some((term) => term.power > 0 || term.times < 0)) return false;
  if (timesOf(affine, IMAGE) !== image || timesOf(affine, BAND) !== row) return false;
  let most = 0;
  for (const { axis: variable, times } of affine) {
    if (variable === IMAGE || variable === BAND) continue;
    const size = variable === undefined ? undefined : nest.sizes.get(variable)!;
    if (size && size.power > 0) return false;
    most += size ? times * (size.times - 1) : times;
  }
  return most < limit;
}

const timesOf = (affine: Affine, variable: number): number => affine.find((term) => term.axis === variable)?.times ?? 0;

function merge(maker: Call, reader: Call, outer: Nest, inner: Nest, made: Buffer, { row, height }: Band): Call {
  const kept: Buffer = { ...made, shape: [outer.images.size, dim(height * row)] };
  const uses = [...maker.uses, ...reader.uses.filter((use) => maker.uses.every(({ buffer }) => buffer !== use.buffer))];
  const slotOf = (buffer: Buffer): number => uses.findIndex((use) => use.buffer === buffer);
  const slots = uses.map(({ buffer }): Slot => {
    const [a, b] = [maker, reader].map(
      (call) => call.kernel.slots[call.uses.findIndex((use) => use.buffer === buffer)],
    );
    return buffer === made || !b ? a! : b;
  });
  const place = (call: Call, affine: Affine, slot: number | undefined): Affine => {
    const isMade = slot !== undefined && call.uses[slot]!.buffer === made;
    return addAffine(
      ...affine.map((term): Affine => {
        if (term.axis === IMAGE && isMade) return [{ ...term, times: height * row }];
        if (term.axis === BAND && isMade) return call === maker ? [{ ...term, axis: ROW }] : [];
        if (call === reader || term.axis === undefined || term.axis === IMAGE) return [term];
        if (term.axis !== BAND) return [{ ...term, axis: term.axis + 1 }];
        return addAffine([{ ...term, times: height * term.times }], [{ ...term, axis: ROW }]);
      }),
    );
  };
  const bodyOf = (call: Call, { rows }: Nest, shift: number): Statement[] =>
    renamed(rows.body, {
      affine: (affine, slot) => place(call, affine, slot),
      variable: (variable) => (call === maker ? variable + 1 : variable),
      local: (local) => local + shift,
      accumulator: (accumulator) => accumulator + shift,
      slot: (slot) => slotOf(call.uses[slot]!.buffer),
      fresh: (slot) => call === reader && call.uses[slot]!.buffer === made,
    });
  const loop = (variable: number, size: Dim, body: readonly Statement[]): Loop => ({
    kind: "loop",
    variable,
    size,
    run: SERIAL,
    body,
  });
  const rows = loop(ROW, dim(height), bodyOf(maker, outer, 0));
  const bands = loop(BAND, inner.rows.size, [rows, ...bodyOf(reader, inner, namesIn(maker.kernel.body))]);
  const body = withOrder([loop(IMAGE, outer.images.size, [bands])]);
  const computes = [...new Set([...maker.kernel.computes, ...reader.kernel.computes])];
  const kernel: Kernel = Object.freeze({ name: reader.kernel.name, slots, body, computes });
  return { kind: "call", kernel, uses: uses.map((use) => (use.buffer === made ? { ...use, buffer: kept } : use)) };
}

/** More than the number of any local or accumulator of the statements. */
function namesIn(statements: readonly Statement[]): number {
  let most = 0;
  const note = (name: number): number => (most = Math.max(most, name + 1));
  renamed(statements, { local: note, accumulator: note });
  return most;
}
