// Runs kernels on symbols, for one row: loops over constant sizes are gone through, elements that a kernel stores are
// remembered as expressions, and what later kernels read of them is that expression and no memory.

import { addAffine, axis, offset, ZERO, type Affine } from "../../../src/graph/affine.js";
import type { Node } from "../../../src/graph/node.js";
import { sizeOf, type Dim } from "../../../src/graph/shape.js";
import { algebra } from "../../../src/scalar/algebra.js";
import { forEachPart, isApply, isConstant, type ScalarOp } from "../../../src/scalar/expression.js";
import { combiningOf, type Combiner } from "../../../src/graph/lowering.js";
import type { KernelExpr, KernelLeaf, Position, Reduction, SlotLoad, Statement, Store } from "../../ir/kernel.js";
import type { Buffer, Call } from "../../ir/program.js";
import { positionKey } from "../../ir/position-key.js";
import { isRows, isWrittenOut } from "./extent.js";
import type { RowLoops } from "../machines/machine.js";
import { BEFORE, Levels, ROW, Unmergeable, WITHIN } from "./level.js";

export interface Stored {
  readonly buffer: Buffer;
  readonly within: boolean;
  readonly at: Position;
  readonly value: KernelExpr;
  readonly of?: Node;
}

export interface Accumulator {
  readonly accumulator: number;
  readonly combiner: Combiner;
  readonly value: KernelExpr;
  readonly of?: Node;
}

/** What the variables, locals and accumulators of a running kernel stand for. */
interface Frame {
  readonly call: Call;
  readonly variables: Map<number, number | "row">;
  readonly locals: Map<number, KernelExpr>;
  readonly accumulators: Map<number, KernelExpr>;
  readonly inRow: boolean;
}

export class RowRun {
  readonly stored: Stored[] = [];
  readonly accumulators: Accumulator[] = [];
  /** The buffers that loads speak of, by slot. */
  readonly buffers: Buffer[] = [];
  readonly levels = new Levels();
  /** The node that an expression is a value of. */
  readonly nodeOf = new Map<KernelExpr, Node>();
  readonly make = algebra<KernelLeaf>(leafKey);
  private readonly elements = new Map<Buffer, Map<string, KernelExpr>>();
  /** Buffers that are read at other places than the row at hand. */
  private readonly roamed = new Set<Buffer>();
  private readonly positions = new Map<string, Position>();

  constructor(private readonly limits: RowLoops) {}

  /** Throws Unmergeable, after which this run is of no more use. */
  add(call: Call): void {
    if (call.uses.some((use) => use.advance.length > 0)) throw new Unmergeable();
    const frame: Frame = { call, variables: new Map(), locals: new Map(), accumulators: new Map(), inRow: false };
    this.statements(call.kernel.body, frame);
  }

  slotOf(buffer: Buffer): number {
    const known = this.buffers.indexOf(buffer);
    return known >= 0 ? known : this.buffers.push(buffer) - 1;
  }

  private statements(statements: readonly Statement[], frame: Frame): void {
    for (const statement of statements) {
      if (statement.kind === "let") {
        const value = this.value(statement.value, frame);
        this.named(value, statement.of);
        frame.locals.set(statement.local, value);
      } else if (statement.kind === "store") this.store(statement, frame);
      else if (statement.kind === "reduction") this.reduction(statement, frame);
      else this.forEach([statement], frame, (inner) => this.statements(statement.body, inner));
    }
  }

  /** Goes through constant loops; a loop over rows becomes the row. */
  private forEach(
    loops: readonly { readonly variable: number; readonly size: Dim }[],
    frame: Frame,
    visit: (frame: Frame) => void,
  ): void {
    const [first, ...rest] = loops;
    if (!first) return visit(frame);
    const { variable, size } = first;
    if (isRows(size)) {
      if (frame.inRow) throw new Unmergeable();
      frame.variables.set(variable, "row");
      this.forEach(rest, { ...frame, inRow: true }, visit);
    } else {
      if (!isWrittenOut(size, this.limits.units)) throw new Unmergeable();
      for (let i = 0; i < size.times; i++) {
        frame.variables.set(variable, i);
        this.forEach(rest, frame, visit);
      }
    }
    frame.variables.delete(variable);
  }

  private reduction(reduction: Reduction, frame: Frame): void {
    const overRows = reduction.loops.some((loop) => isRows(loop.size));
    const terms = reduction.accumulators.map((): KernelExpr[] => []);
    this.forEach(reduction.loops, frame, (inner) => {
      this.statements(reduction.lets, inner);
      for (const [i, { value }] of reduction.accumulators.entries()) terms[i]!.push(this.value(value, inner));
    });
    for (const [i, { accumulator, combiner, of }] of reduction.accumulators.entries()) {
      const total = this.combine(combiningOf[combiner], terms[i]!);
      if (!overRows) this.named(total, of);
      frame.accumulators.set(accumulator, overRows ? this.accumulate(combiner, total, of) : total);
    }
  }

  private named(value: KernelExpr, of: Node | undefined): void {
    if (of && !isConstant(value) && !this.nodeOf.has(value)) this.nodeOf.set(value, of);
  }

  /** As a balanced tree: the shortest chain of operations that wait for one another. */
  private combine(op: ScalarOp, terms: readonly KernelExpr[]): KernelExpr {
    if (terms.length === 1) return terms[0]!;
    const half = (terms.length + 1) >> 1;
    return this.apply(op, [this.combine(op, terms.slice(0, half)), this.combine(op, terms.slice(half))]);
  }

  private accumulate(combiner: Combiner, value: KernelExpr, of: Node | undefined): KernelExpr {
    if (this.levels.of(value) > WITHIN) throw new Unmergeable();
    const known = this.accumulators.find((other) => other.combiner === combiner && other.value === value);
    const accumulator = known?.accumulator ?? this.accumulators.length;
    if (accumulator >= this.limits.accumulators) throw new Unmergeable();
    if (!known) this.accumulators.push({ accumulator, combiner, value, ...(of && { of }) });
    return this.make.leaf({ kind: "accumulator", accumulator });
  }

  private store(store: Store, frame: Frame): void {
    const { buffer } = frame.call.uses[store.slot]!;
    const at = this.place(store.at, buffer, frame);
    const value = this.value(store.value, frame);
    this.named(value, store.of);
    const within = at.affine.some((term) => term.axis !== undefined);
    const late = this.levels.of(value) > WITHIN;
    const odd = store.mode !== "set" || at.loaded.length > 0 || buffer.dtype === "int32" || within !== frame.inRow;
    if (odd || this.roamed.has(buffer) || (within ? late : !late && this.levels.of(value) !== BEFORE))
      throw new Unmergeable();
    const elements = this.elements.get(buffer) ?? new Map<string, KernelExpr>();
    this.elements.set(buffer, elements.set(positionKey(at), value));
    this.stored.push({ buffer, within, at, value, ...(store.of && { of: store.of }) });
  }

  private load(load: SlotLoad, frame: Frame): KernelExpr {
    const { buffer } = frame.call.uses[load.slot]!;
    const at = this.place(load.at, buffer, frame);
    const written = this.elements.get(buffer);
    const value = at.loaded.length === 0 ? written?.get(positionKey(at)) : undefined;
    if (value) return value;
    // Elements that were not written are as they were; of rows, and of those that are looked up, this is not known.
    if (written && (at.loaded.length > 0 || sizeOf(buffer.shape).power > 0)) throw new Unmergeable();
    const exact = at.affine.some((term) => term.axis !== undefined) && at.loaded.length === 0;
    if (!exact && sizeOf(buffer.shape).power > 0) this.roamed.add(buffer);
    if (at.loaded.length > 0) this.roamed.add(buffer);
    return this.make.leaf({ kind: "load", slot: this.slotOf(buffer), at });
  }

  /** The position with the variables' values: an element of the row at hand, or one that no row has to do with. */
  private place(position: Position, buffer: Buffer, frame: Frame): Position {
    if (position.loaded.length > 0) {
      const loaded = position.loaded.map((part) => ({ ...part, value: this.value(part.value, frame) }));
      return { affine: fixed(position.affine, frame), loaded };
    }
    let [perRow, start] = [0, 0];
    for (const term of position.affine) {
      if (term.power > 0) throw new Unmergeable();
      const value = term.axis === undefined ? 1 : frame.variables.get(term.axis)!;
      if (value === "row") perRow += term.times;
      else start += term.times * value;
    }
    const size = sizeOf(buffer.shape);
    const ofRow = perRow === 0 || (size.power === 1 && perRow === size.times);
    if (!ofRow || start < 0 || start >= size.times || size.power > 1) throw new Unmergeable();
    return this.element(perRow, start);
  }

  /** One object for each place: its key is asked for again and again. */
  private element(perRow: number, start: number): Position {
    const key = `${perRow}:${start}`;
    const known = this.positions.get(key);
    if (known) return known;
    const row = perRow === 0 ? ZERO : axis(ROW, perRow);
    const position = { affine: addAffine(row, offset(start)), loaded: [] };
    this.positions.set(key, position);
    return position;
  }

  private value(expr: KernelExpr, frame: Frame, memo = new Map<KernelExpr, KernelExpr>()): KernelExpr {
    const seen = memo.get(expr);
    if (seen) return seen;
    const value = this.leafOrApply(expr, frame, memo);
    memo.set(expr, value);
    return value;
  }

  private leafOrApply(expr: KernelExpr, frame: Frame, memo: Map<KernelExpr, KernelExpr>): KernelExpr {
    if (isConstant(expr)) return this.make.constant(expr.value);
    if (isApply(expr)) {
      const args = expr.args.map((arg) => this.value(arg as KernelExpr, frame, memo));
      return this.apply(expr.op, args);
    }
    switch (expr.kind) {
      case "load":
        return this.load(expr, frame);
      case "local":
        return frame.locals.get(expr.local)!;
      case "accumulator":
        return frame.accumulators.get(expr.accumulator)!;
      case "size":
        return this.make.leaf(expr);
      case "index": {
        const affine = fixed(expr.affine, frame);
        const number = affine.length === 0 ? 0 : affine.length === 1 && isNumber(affine) ? affine[0]!.times : undefined;
        return number === undefined ? this.make.leaf({ kind: "index", affine }) : this.make.constant(number);
      }
    }
  }

  private apply(op: ScalarOp, args: readonly KernelExpr[]): KernelExpr {
    const value = this.make.apply(op, args);
    this.levels.of(value);
    return value;
  }

  /** Is the merged kernel of a size that pays? */
  get isSmall(): boolean {
    let count = 0;
    const values = [...this.stored, ...this.accumulators].map(({ value }) => value);
    forEachPart<KernelLeaf>(values, (part) => void (count += isApply(part) ? 1 : 0));
    return count <= this.limits.operations;
  }
}

const isNumber = (affine: Affine): boolean => affine[0]!.axis === undefined && affine[0]!.power === 0;

const fixed = (affine: Affine, { variables }: Frame): Affine =>
  addAffine(
    ...affine.map((term): Affine => {
      if (term.axis === undefined) return [term];
      const value = variables.get(term.axis)!;
      return value === "row" ? [{ ...term, axis: ROW }] : offset(term.times * value, term.power);
    }),
  );

function leafKey(leaf: KernelLeaf): string {
  switch (leaf.kind) {
    case "load":
      return `l${leaf.fresh ? "f" : ""}${leaf.slot}:${positionKey(leaf.at)}`;
    case "index":
      return `i${positionKey({ affine: leaf.affine, loaded: [] })}`;
    case "size":
      return `s${leaf.dim.times}^${leaf.dim.power}`;
    case "accumulator":
      return `a${leaf.accumulator}`;
    case "local":
      return `t${leaf.local}`;
  }
}
