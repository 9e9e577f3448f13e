// Lines that grow while one looks, in an SVG element of the page.

import { bounds, COLORS, isDrawn, label, ticks } from "../train/curves.js";
import * as say from "./messages.js";
import { MOST, thinned, type Point } from "./points.js";

/** Lines that grow. {@link liveCurve} makes them. */
export interface LiveCurve {
  /**
   * One more point of a line, at an x of at least 0 that is not left of the line's last one. Where x or y is no finite
   * number, it is left out. It is drawn in the page's next frame. Throws UNKNOWN_NAME.
   */
  add(line: string, x: number, y: number): void;
  /** Takes all points away. */
  clear(): void;
  /** Looks no more at the element's size; what is drawn stays. */
  dispose(): void;
}

const [LEFT, TOP, RIGHT, BOTTOM] = [44, 24, 12, 24];

/**
 * Draws lines in an SVG element, with axes that say their numbers and fit what there is; x begins at 0. It may be given many
 * points: where a line has more than a thousand, every second one is dropped. It is as large as CSS makes the element.
 *
 * Text and axes have the element's CSS `color`, lines those of Okabe and Ito unless the page's style says otherwise
 * (`[data-line="loss"] { stroke: … }`). What the element had in it is gone: name it by `aria-label`.
 * @param svg where it is drawn
 * @param lines names, which it shows
 * @returns what adds points
 * @throws BAD_ELEMENT
 * @example
 * ```ts page
 * const x = input("x", ["batch", 1]);
 * const y = target("y", ["batch", 1]);
 * const net = network("line", { batch: 4, loss: meanSquaredError(dense(x, 1), y), optimizer: sgd({ rate: 0.1 }) });
 * const curve = liveCurve(document.querySelector("svg")!, ["loss"]);
 * const data = { inputs: { x: [1, 2, 3, 4] }, targets: { y: [2, 4, 6, 8] } };
 * await fitAsync(compile(net).create(), data, {
 *   epochs: 20,
 *   callbacks: [(event) => event.type === "epochEnd" && curve.add("loss", event.epoch + 1, event.loss)],
 * });
 * ```
 */
export function liveCurve(svg: SVGSVGElement, lines: readonly string[]): LiveCurve {
  if (!(svg instanceof SVGSVGElement)) {
    throw say.notAnElement({ caller: "liveCurve", expected: "an svg element", value: svg });
  }
  let points = new Map<string, Point[]>(lines.map((name) => [name, []]));
  let isUpToDate = true;
  const draw = (): void => {
    isUpToDate = true;
    const [width, height] = [svg.clientWidth, svg.clientHeight];
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.replaceChildren(...drawing([...points], width, height));
  };
  const due = (): void => {
    if (!isUpToDate) return;
    isUpToDate = false;
    requestAnimationFrame(draw);
  };
  const observer = new ResizeObserver(due);
  observer.observe(svg);
  return {
    add(line, x, y) {
      const known = points.get(line);
      if (known === undefined) throw say.unknownLine({ name: line, known: lines });
      if (!isDrawn(x) || !isDrawn(y)) return;
      known.push([x, y]);
      if (known.length > MOST) points.set(line, thinned(known));
      due();
    },
    clear() {
      points = new Map(lines.map((name) => [name, []]));
      due();
    },
    dispose: () => observer.disconnect(),
  };
}

function drawing(
  lines: readonly (readonly [name: string, points: readonly Point[]])[],
  width: number,
  height: number,
): readonly SVGElement[] {
  const all = lines.flatMap(([, points]) => points);
  const [low, high] = bounds(all.map(([, y]) => y));
  const last = all.reduce((most, [x]) => Math.max(most, x), 1);
  const across = (x: number): number => LEFT + (x / last) * (width - LEFT - RIGHT);
  const down = (y: number): number => TOP + ((high - y) / (high - low)) * (height - TOP - BOTTOM);
  const grid = ticks(low, high).flatMap((value) => [
    element("path", { d: `M${LEFT} ${down(value)}H${width - RIGHT}`, stroke: "currentColor", "stroke-opacity": 0.15 }),
    words(LEFT - 6, down(value) + 4, "end", label(value)),
  ]);
  const below = ticks(0, last)
    .filter(Number.isInteger)
    .map((value) => words(across(value), height - 6, "middle", label(value)));
  const drawn = lines.flatMap(([name, points], i) => {
    const stroke = COLORS[i % COLORS.length]!;
    const path = points.map(([x, y]) => `${across(x).toFixed(1)} ${down(y).toFixed(1)}`).join("L");
    const legend = LEFT + i * Math.min(120, (width - LEFT) / lines.length);
    return [
      element("path", {
        "data-line": name,
        d: path && `M${path}`,
        fill: "none",
        stroke,
        "stroke-width": 2,
        "stroke-linejoin": "round",
      }),
      element("path", { "data-line": name, d: `M${legend} 10h14`, stroke, "stroke-width": 3 }),
      words(legend + 18, 14, "start", name),
    ];
  });
  return [...grid, ...below, ...drawn];
}

const words = (x: number, y: number, anchor: "start" | "middle" | "end", text: string): SVGElement => {
  const made = element("text", { x, y, "text-anchor": anchor, "font-size": 12, fill: "currentColor" });
  made.textContent = text;
  return made;
};

function element(name: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, String(value));
  return made;
}
