// Line charts as SVG files, with axes that say what they measure. Node only.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

export interface Line {
  readonly name: string;
  readonly values: ArrayLike<number>;
  /** A CSS colour. */
  readonly color: string;
}

export interface Chart {
  readonly title: string;
  /** What lies across, with the names of equal parts of it. */
  readonly parts: readonly string[];
  /** What is measured, and its unit. */
  readonly measure: string;
  readonly lines: readonly Line[];
}

const [WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM] = [960, 360, 56, 40, 16, 32];

/** Writes the chart. Makes the folder where it is missing. */
export function writeChart(path: string, chart: Chart): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, svg(chart));
}

export function svg({ title, parts, measure, lines }: Chart): string {
  const all = lines.flatMap(({ values }) => Array.from(values));
  const step = tick(Math.max(...all) - Math.min(...all));
  const [low, high] = [Math.floor(Math.min(...all) / step) * step, Math.ceil(Math.max(...all) / step) * step];
  const y = (value: number): number => TOP + ((high - value) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const across = WIDTH - LEFT - RIGHT;
  const ticks = Array.from({ length: Math.round((high - low) / step) + 1 }, (_, i) => low + i * step);
  const text = (x: number, at: number, words: string, rest = ""): string =>
    `<text x="${round(x)}" y="${round(at)}"${rest}>${escape(words)}</text>`;
  const legend = lines.map(({ name, color }, i) =>
    text(WIDTH - RIGHT - 130 * (lines.length - i), 24, name, ` fill="${color}"`),
  );
  const body = [
    text(LEFT, 24, `${title} (${measure})`, ' font-weight="bold"'),
    ...legend,
    ...ticks.flatMap((value) => [
      `<path d="M${LEFT} ${round(y(value))}H${WIDTH - RIGHT}" stroke="#ddd"/>`,
      text(LEFT - 8, y(value) + 4, String(round(value)), ' text-anchor="end"'),
    ]),
    ...parts.map((name, i) =>
      text(LEFT + (across * (i + 0.5)) / parts.length, HEIGHT - 10, name, ' text-anchor="middle"'),
    ),
    ...lines.map(({ values, color }) => {
      const points = Array.from(
        values,
        (value, i) => `${round(LEFT + (across * i) / (values.length - 1))} ${round(y(value))}`,
      );
      return `<path d="M${points.join("L")}" fill="none" stroke="${color}" stroke-width="1.5"/>`;
    }),
  ];
  const frame = `xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="13"`;
  return `<svg ${frame}>\n<rect width="100%" height="100%" fill="white"/>\n${body.join("\n")}\n</svg>\n`;
}

/** 1, 2 or 5 times a power of ten: some five of them fill the range. */
function tick(range: number): number {
  const power = 10 ** Math.floor(Math.log10((range || 1) / 4));
  return [1, 2, 5, 10].map((factor) => factor * power).find((size) => range / size <= 6) ?? 10 * power;
}

const round = (value: number): number => Math.round(value * 100) / 100;

const escape = (words: string): string => words.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
