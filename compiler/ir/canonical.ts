// Which kernels are the same function: a text of what a kernel does and how it runs, without what it is called. Variables,
// locals and accumulators are numbered as they are bound; random streams, which are the constants that a `hash` mixes in, are
// holes, so that two dropouts of one shape are one function with other streams.

import type { Affine } from "../../src/graph/affine.js";
import type { Dim } from "../../src/graph/shape.js";
import { memo } from "../../src/graph/memo.js";
import { isApply, isConstant } from "../../src/scalar/expression.js";
import type { Kernel, KernelExpr, Position, Reduction, Run, Statement } from "./kernel.js";

export interface Canonical {
  /** Equal for kernels that are the same function. */
  readonly key: string;
  /** The random streams that the kernel draws from, each once, in the order of the holes. */
  readonly streams: readonly number[];
}

/** The canonical form of a kernel. Its name, what its slots are called, and what people read of it play no part. */
export const canonicalOf = memo((kernel: Kernel): Canonical => {
  const form = new Form();
  const types = kernel.slots.map(({ dtype }) => dtype).join();
  const body = form.statements(kernel.body);
  return { key: [types, kernel.precision ?? "", body, ...form.expressions].join("\n"), streams: form.streams };
});

const dimText = ({ times, power }: Dim): string => (power === 0 ? `${times}` : `${times}^${power}`);

/** -0 is not 0. */
const numberText = (value: number): string => (Object.is(value, -0) ? "-0" : String(value));

class Form {
  /** Each expression once, by its number: what is equal is one, whether or not it was one object. */
  readonly expressions: string[] = [];
  readonly streams: number[] = [];
  private readonly numbers = new Map<string, number>();
  private readonly variables = new Map<number, number>();
  private readonly locals = new Map<number, number>();
  private readonly accumulators = new Map<number, number>();
  private readonly known = new Map<KernelExpr, string>();
  private bound = 0;

  statements(all: readonly Statement[]): string {
    return all.map((s) => this.statement(s)).join(";");
  }

  private statement(s: Statement): string {
    switch (s.kind) {
      case "loop": {
        const head = this.loop(s);
        return `for ${head}${this.run(s.run)}{${this.statements(s.body)}}`;
      }
      case "reduction":
        return this.reduction(s);
      case "let": {
        const value = this.value(s.value);
        return `${this.bind(this.locals, s.local)}=${value}`;
      }
      case "store":
        return `${s.mode} ${this.position(s.slot, s.at)}=${this.value(s.value)}`;
    }
  }

  private reduction({ loops, lets, accumulators, run }: Reduction): string {
    const over = loops.map((loop) => this.loop(loop)).join();
    const { lanes, parts } = run ?? {};
    const how = [lanes ? `${lanes.count}@${this.variables.get(lanes.variable)}` : "", parts ?? ""].join("/");
    const inner = this.statements(lets);
    const values = accumulators.map(({ combiner, value }) => `${combiner} ${this.value(value)}`);
    const names = accumulators.map(({ accumulator }) => this.bind(this.accumulators, accumulator));
    return `${names.join()}=over ${over} ${how}{${inner}}${values.join()}`;
  }

  private loop({ variable, size }: { readonly variable: number; readonly size: Dim }): string {
    return `${this.bind(this.variables, variable)}<${dimText(size)}`;
  }

  /** The order says what may be done with the loop, the rest what is done: a tile's cost model and key play no part. */
  private run({ order, shared, lanes, tile }: Run): string {
    if (!shared && lanes === undefined && !tile) return order;
    const { nest, tile: cut, byTerms, left, stage } = tile ?? {};
    return `${order}${JSON.stringify([shared, lanes, nest, cut, byTerms, left, stage])}`;
  }

  /** A number for what is bound here. What was known under another number is forgotten. */
  private bind(numbers: Map<number, number>, name: number): number {
    if (numbers.has(name)) this.known.clear();
    numbers.set(name, this.bound);
    return this.bound++;
  }

  private value(expr: KernelExpr): string {
    let text = this.known.get(expr);
    if (text === undefined) this.known.set(expr, (text = this.numbered(this.form(expr))));
    return text;
  }

  private numbered(form: string): string {
    let number = this.numbers.get(form);
    if (number === undefined) this.numbers.set(form, (number = this.expressions.push(form) - 1));
    return `#${number}`;
  }

  private form(expr: KernelExpr): string {
    if (isConstant(expr)) return numberText(expr.value);
    if (isApply(expr)) {
      const args = expr.args as readonly KernelExpr[];
      const isHash = expr.op === "hash";
      return `${expr.op}(${args.map((arg) => (isHash && isConstant(arg) ? this.stream(arg.value) : this.value(arg))).join()})`;
    }
    switch (expr.kind) {
      case "load":
        return `${expr.fresh ? "fresh " : ""}${this.position(expr.slot, expr.at)}`;
      case "index":
        return this.affine(expr.affine);
      case "size":
        return `size ${dimText(expr.dim)}`;
      case "accumulator":
        return `a${this.accumulators.get(expr.accumulator)}`;
      case "local":
        return `t${this.locals.get(expr.local)}`;
    }
  }

  private stream(value: number): string {
    const at = this.streams.indexOf(value);
    return `stream ${at < 0 ? this.streams.push(value) - 1 : at}`;
  }

  private position(slot: number, { affine, loaded }: Position): string {
    const parts = loaded.map(
      ({ stride, value, below, computed = "" }) =>
        `${dimText(stride)}*${this.value(value)}<${dimText(below)}${computed}`,
    );
    return `s${slot}[${[this.affine(affine), ...parts].join("+")}]`;
  }

  private affine(affine: Affine): string {
    return affine
      .map(({ times, power, axis }) => `${times}^${power}${axis === undefined ? "" : `*i${this.variables.get(axis)}`}`)
      .sort()
      .join("+");
  }
}
