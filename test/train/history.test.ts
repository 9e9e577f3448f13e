// A history as a table, as lines and as a picture.

import { describe, expect, test } from "vitest";
import { parseCsv } from "../../src/data/index.js";
import { historyToCsv, historyToJsonLines, lossCurve } from "../../src/train/index.js";

const history = { epoch: [2, 3, 4], loss: [0.1, 1e-9, NaN], val_loss: [1 / 3, Infinity, 2], accuracy: [0.5, 0.75, 1] };
const empty = { epoch: [], loss: [] };

test("CSV reads back as it was", () => {
  const text = historyToCsv(history);
  expect(text.split("\n").slice(0, 2)).toEqual(["epoch,loss,val_loss,accuracy", "2,0.1,0.3333333333333333,0.5"]);
  const { columns } = parseCsv(text.replace("Infinity", "NaN"));
  expect([...columns["loss"]!]).toEqual(history.loss);
  expect([...columns["accuracy"]!]).toEqual(history.accuracy);
  expect(historyToCsv(empty)).toBe("epoch,loss\n");
  expect(historyToCsv({ ...empty, 'a,"b"': [] })).toBe('epoch,loss,"a,""b"""\n');
});

test("lines of JSON", () => {
  const lines = historyToJsonLines(history).trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { epoch: 2, loss: 0.1, val_loss: 1 / 3, accuracy: 0.5 },
    { epoch: 3, loss: 1e-9, val_loss: null, accuracy: 0.75 },
    { epoch: 4, loss: null, val_loss: 2, accuracy: 1 },
  ]);
  expect(historyToJsonLines(empty)).toBe("");
});

describe("a picture", () => {
  test("has a line for each loss, within its frame, and says its numbers", () => {
    const svg = lossCurve({ epoch: [0, 1, 2], loss: [3, 2, 1], val_loss: [3.5, 2.5, 2], accuracy: [0, 0, 1] });
    expect(svg).toMatch(/^<svg [^>]*viewBox="0 0 640 360"/);
    const lines = [...svg.matchAll(/<path d="M([^"]+)" fill="none"/g)].map(([, path]) =>
      path!.split("L").map((point) => point.split(" ").map(Number)),
    );
    expect(lines.map((points) => points.length)).toEqual([3, 3]);
    expect(lines[0]!.map(([x]) => x)).toEqual([64, 344, 624]);
    for (const [x, y] of lines.flat()) {
      expect(x).toBeGreaterThanOrEqual(64);
      expect(y! >= 40 && y! <= 324).toBe(true);
    }
    // Falling values are drawn downward.
    expect(lines[0]!.map(([, y]) => y!)).toEqual(lines[0]!.map(([, y]) => y!).toSorted((a, b) => a - b));
    expect(svg).toContain(">val_loss</text>");
    expect(svg).not.toContain("accuracy");
    expect(lossCurve({ epoch: [0, 1], loss: [1, 2], accuracy: [0, 1] }, { columns: "accuracy" })).toContain(
      ">accuracy<",
    );
  });

  test("of a gap, one epoch, equal values, huge ones and none at all", () => {
    const drawn = (loss: readonly number[]): string => lossCurve({ epoch: loss.map((_, i) => i), loss });
    expect(drawn([1, NaN, 3, 2]).match(/<path d="M[^"]+" fill="none"/g)).toHaveLength(1);
    expect(drawn([1, NaN, 3, 2])).toContain("<circle");
    for (const values of [
      [],
      [5],
      [1, 1, 1],
      [0, 0],
      [NaN],
      [Infinity],
      [1e308, -1e308],
      [5e-324, 0],
      [1e299, -1e299],
      [-3, -2],
    ]) {
      expect(drawn(values), `${values}`).not.toMatch(/NaN|Infinity|undefined/);
    }
  });

  test("has no markup but its own", () => {
    const svg = lossCurve({ epoch: [0], loss: [1], "<b>&": [1] }, { title: '"><script>', columns: ["<b>&"] });
    expect(svg).not.toMatch(/<script|<b>/);
    expect(svg).toContain("&lt;b&gt;&amp;");
  });

  test.each<[object, RegExp]>([
    [{ columns: ["los"] }, /^UNKNOWN_NAME: there is no column named "los"\n.*"loss"/],
    [{ columns: 3 }, /^BAD_OPTION: columns/],
    [{ name: "x" }, /^UNKNOWN_NAME/],
  ])("%o is refused", (options, message) => expect(() => lossCurve(history, options)).toThrow(message));
});
