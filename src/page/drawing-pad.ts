// A canvas to draw on, by mouse, pen or finger.

import { badOption } from "../train/messages.js";
import { type OptionChecks, checkOptions, elsewhere } from "../train/options.js";
import * as say from "./messages.js";

/** How a pad draws, and whom it tells. {@link drawingPad} takes it. */
export interface DrawingPadOptions {
  /** Width of the pen, as a share of the canvas's width, above 0 and up to 1. Default 0.08: as thick as MNIST's lines. */
  readonly penWidth?: number | undefined;
  /** Called after ink has come or was cleared, at most once for each frame of the page. Default: nothing is called. */
  readonly onChange?: (() => void) | undefined;
}

/** A canvas that people draw on. {@link drawingPad} makes it. */
export interface DrawingPad {
  /** Whether nothing was drawn since it was made or cleared. */
  readonly isEmpty: boolean;
  /** All pixels of the canvas, as {@link mnistImage} and {@link imageTensor} take them: ink is opaque, paper is not. */
  picture(): ImageData;
  /** Takes all ink away. */
  clear(): void;
  /** Draws and tells no more; what is drawn stays, and a finger scrolls the page again. */
  dispose(): void;
}

const action: OptionChecks<DrawingPadOptions>["onChange"] = {
  expected: "a function",
  accepts: (value) => typeof value === "function",
};

const OPTIONS = { penWidth: elsewhere, onChange: action } satisfies OptionChecks<DrawingPadOptions>;

/** Keys that clear it, where it has the focus. */
const CLEARING = ["Delete", "Backspace", "Escape"];

/**
 * Lets people draw on a canvas, with the primary button of a mouse, a pen or a finger. Delete, Backspace or Escape clears it
 * where it has the focus. The ink has the canvas's CSS `color`, the paper is its CSS background.
 *
 * The canvas keeps its size in pixels (`width`, `height`), whatever size CSS shows it in and however many pixels the screen
 * has. It may have a border, but no padding and no rotation. Setting its size afterwards takes the ink away without a word:
 * call `clear()` then. A finger that draws does not scroll the page. One pointer draws at a time on each pad.
 *
 * Give the canvas a label and `tabindex="0"`, and a button beside it that calls `clear()`.
 * @param canvas one without a context, or with a 2d context
 * @returns what reads and clears it
 * @throws BAD_ELEMENT, BAD_OPTION, UNKNOWN_NAME
 * @example
 * ```ts page
 * const canvas = document.querySelector("canvas")!;
 * const pad = drawingPad(canvas, { penWidth: 0.1, onChange: () => console.log(mnistImage(pad.picture())) });
 * document.querySelector("button")!.onclick = () => pad.clear();
 * ```
 */
export function drawingPad(canvas: HTMLCanvasElement, options: DrawingPadOptions = {}): DrawingPad {
  if (!(canvas instanceof HTMLCanvasElement)) {
    throw say.notAnElement({ caller: "drawingPad", expected: "a canvas", value: canvas });
  }
  checkOptions(options, OPTIONS);
  const { penWidth = 0.08, onChange } = options;
  if (!(typeof penWidth === "number" && penWidth > 0 && penWidth <= 1)) {
    throw badOption({ option: "penWidth", value: penWidth, expected: "a number above 0 and up to 1" });
  }
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) throw say.noContext();

  const end = new AbortController();
  const { signal } = end;
  let pointer: number | undefined;
  let isEmpty = true;
  let isTold = true;
  const changed = (): void => {
    if (!isTold) return;
    isTold = false;
    requestAnimationFrame(() => {
      isTold = true;
      if (!signal.aborted) onChange?.();
    });
  };
  const placeOf = (event: PointerEvent): readonly [x: number, y: number] => {
    // The box is as it is seen, where a transform or zoom has made it larger; the other sizes are those before.
    const box = canvas.getBoundingClientRect();
    const right = ((event.clientX - box.left) / box.width) * canvas.offsetWidth - canvas.clientLeft;
    const below = ((event.clientY - box.top) / box.height) * canvas.offsetHeight - canvas.clientTop;
    return [(right / canvas.clientWidth) * canvas.width, (below / canvas.clientHeight) * canvas.height];
  };
  /** What is drawn goes on from here: a path that grows would be drawn again and again. */
  const begin = (x: number, y: number): void => {
    context.beginPath();
    context.moveTo(x, y);
    isEmpty = false;
  };
  const lineTo = (event: PointerEvent): void => {
    const [x, y] = placeOf(event);
    context.lineTo(x, y);
    context.stroke();
    begin(x, y);
  };
  const down = (event: PointerEvent): void => {
    // A pointer that is no longer captured has left without a word, as where its canvas was taken out of the page.
    const isTaken = pointer !== undefined && canvas.hasPointerCapture(pointer);
    if (isTaken || event.button !== 0) return;
    pointer = event.pointerId;
    // An event that a program has made has no pointer that could be captured.
    if (event.isTrusted) canvas.setPointerCapture(pointer);
    const color = getComputedStyle(canvas).color;
    Object.assign(context, {
      lineCap: "round",
      lineJoin: "round",
      lineWidth: penWidth * canvas.width,
      strokeStyle: color,
      fillStyle: color,
    });
    // A line without length would leave no ink.
    const [x, y] = placeOf(event);
    context.beginPath();
    context.arc(x, y, context.lineWidth / 2, 0, 2 * Math.PI);
    context.fill();
    begin(x, y);
    changed();
  };
  const move = (event: PointerEvent): void => {
    if (event.pointerId !== pointer) return;
    // Where it was released elsewhere, as above a dialog, nobody has said so.
    if (event.buttons % 2 === 0) return up(event);
    // A browser tells where a fast pen was between two events; some tell nothing for an event that was made by a program.
    const between = event.getCoalescedEvents?.() ?? [];
    for (const each of between.length > 0 ? between : [event]) lineTo(each);
    changed();
  };
  const up = (event: PointerEvent): void => {
    if (event.pointerId === pointer) pointer = undefined;
  };
  const clear = (): void => {
    context.clearRect(0, 0, canvas.width, canvas.height);
    isEmpty = true;
    changed();
  };
  const key = (event: KeyboardEvent): void => {
    if (!CLEARING.includes(event.key)) return;
    event.preventDefault();
    clear();
  };

  const { touchAction } = canvas.style;
  canvas.style.touchAction = "none";
  canvas.addEventListener("pointerdown", down, { signal });
  canvas.addEventListener("pointermove", move, { signal });
  for (const name of ["pointerup", "pointercancel"] as const) canvas.addEventListener(name, up, { signal });
  canvas.addEventListener("keydown", key, { signal });
  return {
    get isEmpty() {
      return isEmpty;
    },
    picture: () => context.getImageData(0, 0, canvas.width, canvas.height),
    clear,
    dispose() {
      end.abort();
      canvas.style.touchAction = touchAction;
    },
  };
}
