// What the page of parts.test.ts has: the functions of tapeless/page, called from outside.

import { bars, drawingPad, liveCurve } from "../../src/page/index.js";

const messageOf = (act: () => unknown): string => {
  try {
    act();
    return "nothing";
  } catch (error) {
    return (error as Error).message;
  }
};

const made = (): { canvas: HTMLCanvasElement; svg: SVGSVGElement; element: HTMLElement } => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 100, height: 50 });
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const element = document.createElement("div");
  svg.setAttribute("width", "300");
  svg.setAttribute("height", "200");
  document.body.replaceChildren(canvas, svg, element);
  return { canvas, svg, element };
};

/** The size is seen in one picture, asks for the next one, and is then drawn. */
async function threePictures(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((done) => void requestAnimationFrame(done));
}

/** Everything that is refused. */
function refusals(): readonly string[] {
  const { canvas, svg, element } = made();
  const taken = document.createElement("canvas");
  void taken.getContext("bitmaprenderer");
  const curve = liveCurve(svg, ["loss"]);
  return [
    () => drawingPad(document.querySelector<HTMLCanvasElement>("#none")!),
    () => drawingPad(element as HTMLCanvasElement),
    () => drawingPad(taken),
    () => drawingPad(canvas, { penWidth: 0 }),
    () => drawingPad(canvas, { penWidth: "0.1" as never }),
    () => drawingPad(canvas, { onChange: 3 as never }),
    () => drawingPad(canvas, { width: 3 } as never),
    () => bars("classes" as never, []),
    () => bars(element, ["a", "b"]).set([1]),
    () => liveCurve(canvas as never, []),
    () => curve.add("lost", 1, 1),
  ].map(messageOf);
}

/** The paths of the lines after these points. */
async function pathsOf(points: readonly (readonly [x: number, y: number])[]): Promise<readonly (string | null)[]> {
  const { svg } = made();
  const curve = liveCurve(svg, ["loss", "other"]);
  for (const [x, y] of points) curve.add("loss", x, y);
  await threePictures();
  curve.dispose();
  return [...svg.querySelectorAll("path[data-line=loss]")].map((path) => path.getAttribute("d"));
}

/** What each row shows of these numbers, as bars: its meter, its text, and whether it is the largest. */
function rowsOf(values: readonly number[]): readonly (readonly [meter: number, text: string, isLargest: boolean])[] {
  const { element } = made();
  bars(element, values.map(String)).set(values);
  return [...element.children].map((row) => [
    row.querySelector("meter")!.value,
    row.querySelector("span")!.textContent,
    row.hasAttribute("data-largest"),
  ]);
}

/** A pad of 200 by 100 pixels with a border, which shows 100 by 50, and what it says as it is drawn on. */
function openPad(style: Readonly<Record<string, string>> = {}): void {
  const { canvas } = made();
  Object.assign(canvas.style, { width: "200px", height: "100px", border: "10px solid", ...style });
  const pad = drawingPad(canvas, { penWidth: 0.1, onChange: () => void state.changes++ });
  const state = { pad, changes: 0 };
  Object.assign(globalThis, { state });
}

declare const state: { readonly pad: ReturnType<typeof drawingPad>; readonly changes: number };

/** The box around the ink, in the canvas's own pixels. */
function inkOf(): readonly number[] {
  const { width, data } = state.pad.picture();
  const places = Array.from(data).flatMap((byte, i) => (i % 4 === 3 && byte > 0 ? [(i - 3) / 4] : []));
  const columns = places.map((place) => place % width);
  const rows = places.map((place) => Math.floor(place / width));
  return places.length === 0 ? [] : [Math.min(...columns), Math.max(...columns), Math.min(...rows), Math.max(...rows)];
}

const canvasOf = (): HTMLCanvasElement => document.querySelector("canvas")!;

/** Takes the canvas out of the page and puts it back. */
function replace(): void {
  const canvas = canvasOf();
  canvas.remove();
  document.body.prepend(canvas);
}

/** A stroke by events that a program makes, in the canvas's own pixels. */
function stroke(fromX: number, toX: number, y: number): void {
  const canvas = canvasOf();
  const box = canvas.getBoundingClientRect();
  const tell = (type: string, x: number, buttons: number): void =>
    void canvas.dispatchEvent(
      new PointerEvent(type, { clientX: box.x + 10 + 2 * x, clientY: box.y + 10 + 2 * y, pointerId: 77, buttons }),
    );
  tell("pointerdown", fromX, 1);
  tell("pointermove", toX, 1);
  tell("pointerup", toX, 0);
}

const tests = {
  refusals,
  pathsOf,
  rowsOf,
  replace,
  stroke,
  openPad,
  inkOf,
  changes: () => state.changes,
  isEmpty: () => state.pad.isEmpty,
  clear: () => state.pad.clear(),
  dispose: () => state.pad.dispose(),
  touchAction: () => canvasOf().style.touchAction,
  threePictures,
};

export type PartsTests = typeof tests;

Object.assign(globalThis, { partsTests: tests });
