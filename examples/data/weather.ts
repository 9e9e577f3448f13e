// Seattle's weather, day by day from 2012 to 2015, from the npm package vega-datasets (NOAA's records). Node only.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { parseCsv } from "tapeless/data";

export interface Day {
  /** As in 2012-01-31. */
  readonly date: string;
  /** Millimetres. */
  readonly precipitation: number;
  /** Degrees Celsius. */
  readonly high: number;
  readonly low: number;
  /** Metres per second. */
  readonly wind: number;
}

export function seattle(): readonly Day[] {
  const entry = createRequire(import.meta.url).resolve("vega-datasets");
  const text = readFileSync(join(dirname(entry), "../data/seattle-weather.csv"), "utf8");
  const { date, precipitation, temp_max, temp_min, wind } = parseCsv(text, { columns: COLUMNS }).columns;
  return date.map((day, i) => ({
    date: day,
    precipitation: precipitation[i]!,
    high: temp_max[i]!,
    low: temp_min[i]!,
    wind: wind[i]!,
  }));
}

const COLUMNS = {
  date: "text",
  precipitation: "number",
  temp_max: "number",
  temp_min: "number",
  wind: "number",
} as const;

/** Days and the days after them, of the years from `from` up to `to`: [rows, 6] numbers about 0, and [rows] degrees. */
export function forecasts(days: readonly Day[], from: number, to: number) {
  const rows = days.slice(0, -1).flatMap((day, i) => {
    const next = days[i + 1]!;
    const year = Number(next.date.slice(0, 4));
    return year >= from && year <= to ? [{ day, next }] : [];
  });
  return {
    today: Float32Array.from(rows.flatMap(({ day, next }) => features(day, next.date))),
    high: Float32Array.from(rows, ({ next }) => next.high),
    /** What it is now, which is the simplest forecast. */
    before: Float32Array.from(rows, ({ day }) => day.high),
  };
}

function features({ high, low, precipitation, wind }: Day, tomorrow: string): readonly number[] {
  const start = Date.UTC(Number(tomorrow.slice(0, 4)), 0);
  const season = (2 * Math.PI * (Date.parse(tomorrow) - start)) / (365.25 * 86_400_000);
  return [
    Math.sin(season),
    Math.cos(season),
    (high - 16) / 7,
    (low - 8) / 5,
    Math.log1p(precipitation) - 0.5,
    (wind - 3) / 1.5,
  ];
}
