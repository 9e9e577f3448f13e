// Shows the events of `fit` on a terminal: one line that is rewritten, or plain lines where there is no terminal.

import type { FitEvent } from "./events.js";

/** How what matters and what does not is marked. */
export interface Colors {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
}

const plain: Colors = { bold: (text) => text, dim: (text) => text };

export interface Sink {
  readonly write: (text: string) => unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** A callback for `fit` that writes to the stream. */
export function progress(stream: Sink, colors: Colors = plain): (event: FitEvent) => void {
  const terminal = stream.isTTY === true;
  let written: number | undefined;
  return (event) => {
    const text = describe(event, colors);
    if (text === undefined) return;
    const passing = event.type === "batchEnd" || (event.type === "epochEnd" && !isShown(event));
    if (terminal) {
      // A line that wraps could not be rewritten: what is too long for the terminal is cut, without colours.
      const width = (stream.columns ?? 80) - 1;
      const bare = describe(event, plain)!;
      const line = passing && bare.length > width ? bare.slice(0, width) : text;
      stream.write(`\r\x1b[2K${line}${passing ? "" : "\n"}`);
      return;
    }
    const now = performance.now();
    // The first event starts the clock: a short epoch shows its end only.
    written ??= now;
    if (passing && now - written < 10_000) return;
    written = now;
    stream.write(`${text}\n`);
  };
}

/** Epochs that leave a line. Of hundreds of short ones only each twentieth part does, beside the first and the last. */
const LINES = 20;

function isShown({ epoch, epochs }: Extract<FitEvent, { type: "epochEnd" }>): boolean {
  const every = Math.ceil(epochs / LINES);
  return epoch === 0 || epoch + 1 === epochs || (epoch + 1) % every === 0;
}

/** An event as one line; undefined for one that is not shown. Pure. */
export function describe(event: FitEvent, colors: Colors): string | undefined {
  if (event.type === "trainEnd") return ending(event);
  if (event.type === "epochBegin") return undefined;
  const epoch = colors.bold(`epoch ${event.epoch + 1}/${event.epochs}`);
  const digits = String(event.steps).length;
  const rate = colors.dim(`${amount(event.examplesPerSecond)} examples/s`);
  if (event.type === "batchEnd") {
    const all = Number.isNaN(event.steps) ? "" : `/${event.steps}`;
    const step = `step ${String(event.step + 1).padStart(digits)}${all}`;
    const left = `${duration(event.secondsLeft)} left`;
    return [epoch, step, rate, `loss ${value(event.loss)}`, left].join("  ");
  }
  const values = Object.entries(event.values).map(([name, x]) => `${name} ${value(x)}`);
  const last = event.epoch + 1 === event.epochs;
  const time = last ? duration(event.seconds) : `${duration(event.seconds)}, ${duration(event.secondsLeft)} left`;
  return [epoch, event.steps === 1 ? "1 step" : `${event.steps} steps`, rate, ...values, colors.dim(time)].join("  ");
}

function ending(event: Extract<FitEvent, { type: "trainEnd" }>): string | undefined {
  const best = event.bestEpoch === undefined ? "" : `; the best epoch was ${event.bestEpoch + 1}`;
  if (event.reason === "earlyStopping") return `stopped early${best}`;
  if (event.reason === "aborted") return `stopped by request after ${duration(event.seconds)}`;
  return event.reason === "nan" ? "stopped: the loss is NaN" : undefined;
}

/** Four significant digits, as short as they are: 0.0123, 2.303, 1.2e-7. */
function value(x: number): string {
  if (!Number.isFinite(x) || x === 0) return String(x);
  const size = Math.abs(x);
  if (size < 1e-3 || size >= 1e5) return x.toExponential(2);
  return size < 1 ? x.toFixed(4) : x.toPrecision(4);
}

/** Thousands separated by commas, without a fraction from 100 on. */
const amount = (x: number): string =>
  Number.isFinite(x) ? (x >= 100 ? Math.round(x).toLocaleString("en-US") : x.toPrecision(3)) : "?";

/** Seconds in words of a clock: 0.4 s, 12 s, 3 min 05 s, 1 h 04 min. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "?";
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const pad = (n: number): string => String(n).padStart(2, "0");
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${pad(whole % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
}
