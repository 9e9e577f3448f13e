// The metrics that a network declares: its module's `evaluate` writes a batch's statistics, here they are added up and
// finished as the module's spec says.

import { compute, type FormulaValue } from "./formula.js";
import type { MetricSpec, Model, View } from "./model.js";

/** A number, a list or rows of a table, as the metric's shape says. {@link evaluate} gives them. */
export type Measure = number | readonly number[] | readonly (readonly number[])[];

export interface OwnMetric {
  readonly name: string;
  readonly reset: () => void;
  /** Adds what `evaluate` has just written. */
  readonly add: () => void;
  readonly result: () => Measure;
}

/** Those whose result is a number come in a history; tables only where they are asked for. */
export function ownMetrics(model: Model, tables: boolean): readonly OwnMetric[] {
  const chosen = Object.entries(model.spec.metrics ?? {}).filter(([, { shape }]) => tables || shape.length === 0);
  return chosen.map(([name, spec]) => ownMetric(name, spec, (model.statistics ?? {}) as Record<string, View>));
}

function ownMetric(name: string, spec: MetricSpec, views: Readonly<Record<string, View>>): OwnMetric {
  const scalarOr = (view: ArrayLike<number>): FormulaValue => (view.length === 1 ? view[0]! : view);
  const statistic = (key: string): FormulaValue => scalarOr(views[spec.statistics[key]!]!);
  const sums = new Map<string, Float64Array>();
  const addTo = (total: string, value: FormulaValue): void => {
    const list = typeof value === "number" ? [value] : value;
    const sum = sums.get(total) ?? new Float64Array(list.length);
    sums.set(total, sum);
    for (let i = 0; i < list.length; i++) sum[i]! += list[i]!;
  };
  const totals = Object.entries(spec.totals ?? Object.fromEntries(Object.keys(spec.statistics).map((s) => [s, s])));
  return {
    name,
    reset: () => sums.clear(),
    add() {
      for (const [total, formula] of totals) addTo(total, compute(formula, statistic));
    },
    result: () =>
      shaped(
        compute(spec.result, (total) => scalarOr(sums.get(total)!)),
        spec.shape,
      ),
  };
}

function shaped(value: FormulaValue, shape: readonly number[]): Measure {
  if (shape.length === 0) return typeof value === "number" ? value : (value[0] ?? NaN);
  const list = typeof value === "number" ? [value] : Array.from(value);
  if (shape.length === 1) return list;
  const columns = shape.slice(1).reduce((a, b) => a * b, 1);
  return Array.from({ length: shape[0]! }, (_, row) => list.slice(row * columns, (row + 1) * columns));
}
