// Lines over epochs as SVG, with axes that say their numbers. Pure.

export interface Curve {
  readonly name: string;
  readonly values: readonly number[];
}

const [WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM] = [640, 360, 64, 40, 16, 36];

/** Told apart by people who see few colours too (Okabe and Ito 2008). */
export const COLORS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];

/** A picture of the curves. `epochs` count from 0 and are shown from 1 on. */
export function curves(title: string, epochs: readonly number[], lines: readonly Curve[]): string {
  const finite = lines.flatMap(({ values }) => values.filter(isDrawn));
  const [low, high] = bounds(finite);
  const [first, last] = [epochs[0] ?? 0, epochs.at(-1) ?? 0];
  const x = (epoch: number): number =>
    LEFT + (last === first ? 0.5 : (epoch - first) / (last - first)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number => TOP + ((high - value) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const rows = ticks(low, high).map(
    (value) =>
      `<path d="M${LEFT} ${short(y(value))}H${WIDTH - RIGHT}" stroke="#ddd"/>${words(LEFT - 8, y(value) + 4, label(value), "end")}`,
  );
  const columns = ticks(first + 1, last + 1)
    .filter((epoch) => Number.isInteger(epoch))
    .map((epoch) => words(x(epoch - 1), HEIGHT - 14, String(epoch), "middle"));
  const drawn = lines.map(({ name, values }, i) => {
    const color = COLORS[i % COLORS.length]!;
    const legend = words(WIDTH - RIGHT - 110 * (lines.length - 1 - i), 24, name, "end", ` fill="${color}"`);
    return `${stretches(values, epochs, x, y, color)}${legend}`;
  });
  const body = [words(LEFT, 24, title, "start", ' font-weight="bold"'), ...rows, ...columns, ...drawn];
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="13">\n` +
    `<rect width="100%" height="100%" fill="white"/>\n${body.join("\n")}\n</svg>\n`
  );
}

/** A line where numbers follow one another, a dot where one stands alone. */
function stretches(
  values: readonly number[],
  epochs: readonly number[],
  x: (epoch: number) => number,
  y: (value: number) => number,
  color: string,
): string {
  const runs: string[][] = [[]];
  values.forEach((value, i) => {
    if (isDrawn(value)) runs.at(-1)!.push(`${short(x(epochs[i]!))} ${short(y(value))}`);
    else runs.push([]);
  });
  return runs
    .filter((run) => run.length > 0)
    .map((run) => {
      const [cx, cy] = run[0]!.split(" ");
      if (run.length === 1) return `<circle cx="${cx}" cy="${cy}" r="2.5" fill="${color}"/>`;
      return `<path d="M${run.join("L")}" fill="none" stroke="${color}" stroke-width="1.5"/>`;
    })
    .join("");
}

/** Beyond this, differences are no numbers. */
export const isDrawn = (value: number): boolean => Math.abs(value) < 1e300;

/** What the axis spans: all values, and where they are equal something about them. */
export function bounds(values: readonly number[]): readonly [low: number, high: number] {
  if (values.length === 0) return [0, 1];
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  const step = tick(high - low || Math.abs(high) || 1);
  const [from, to] = [Math.floor(low / step) * step, Math.ceil(high / step) * step];
  return from < to ? [from, to] : [from - step, to + step];
}

/** Some round numbers between two. */
export function ticks(low: number, high: number): readonly number[] {
  const step = tick(high - low || 1);
  const from = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - from + 1;
  return Array.from({ length: Math.max(0, Math.min(count, 20)) }, (_, i) =>
    Number(((from + i) * step).toPrecision(12)),
  );
}

/** 1, 2 or 5 times a power of ten: some five of them fill the range. */
function tick(range: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(range, 1e-300) / 4));
  return [1, 2, 5, 10].map((factor) => factor * power).find((size) => range / size <= 6) ?? 10 * power;
}

const short = (value: number): number => Math.round(value * 100) / 100;

export const label = (value: number): string => {
  const size = Math.abs(value);
  return value !== 0 && (size < 1e-3 || size >= 1e6) ? value.toExponential(0) : String(value);
};

const words = (x: number, y: number, text: string, anchor: "start" | "middle" | "end", more = ""): string =>
  text === "" ? "" : `<text x="${short(x)}" y="${short(y)}" text-anchor="${anchor}"${more}>${escape(text)}</text>`;

const escape = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
