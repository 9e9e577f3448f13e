// A canvas to draw on, by mouse, pen or finger.

import { badOption } from "../train/messages.js";
import { type Checks, checkOptions, elsewhere } from "../train/options.js";
import * as say from "./messages.js";

export interface DrawingPadOptions {
  /** Width of the pen, as a share of the canvas's width, above 0 and up to 1. Default 0.08: as thick as MNIST's lines. */
  readonly penWidth?: number | undefined;
  /** Called after what is drawn has changed, at most once for each picture that the page draws. */
  readonly onChange?: (() => void) | undefined;
}

export interface DrawingPad {
  /** Whether nothing is drawn. */
  readonly isEmpty: boolean;
  /** The pixels, for `mnistImage` or, of tapeless/data, `imageTensor`: ink is opaque, paper is not. */
  picture(): ImageData;
  clear(): void;
  /** Leaves the canvas as it is, and draws no more. */
  dispose(): void;
}

const action: Checks<DrawingPadOptions>["onChange"] = {
  expected: "a function",
  accepts: (value) => typeof value === "function",
};

const OPTIONS = { penWidth: elsewhere, onChange: action } satisfies Checks<DrawingPadOptions>;

/** Keys that clear it, where it has the focus. */
const CLEARING = ["Delete", "Backspace", "Escape"];

/**
 * Lets people draw on a canvas with the primary button of a mouse, a pen or a finger; Delete, Backspace or Escape clears it where it has the focus.
 * The ink has the canvas's CSS `color`, its paper is the CSS background. The canvas keeps its size in pixels; CSS may show it larger. It has no padding.
 *
 *     const pad = drawingPad(canvas, { onChange: () => classify(mnistImage(pad.picture())) });
 *
 * Give the canvas a label, and a button that calls `clear()` beside it. A finger that draws does not scroll the page.
 *
 * Throws TrainError BAD_ELEMENT, BAD_OPTION, UNKNOWN_NAME.
 */
export function drawingPad(canvas: HTMLCanvasElement, options: DrawingPadOptions = {}): DrawingPad {
  if (!(canvas instanceof HTMLCanvasElement)) {
    throw say.notAnElement({ caller: "drawingPad", expected: "a canvas", value: canvas });
  }
  checkOptions(options, OPTIONS);
  const { penWidth = 0.08, onChange } = options;
  if (!(penWidth > 0 && penWidth <= 1)) {
    throw badOption({ option: "penWidth", value: penWidth, expected: "a number above 0 and up to 1" });
  }
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) throw say.noContext();

  let pointer: number | undefined;
  let isEmpty = true;
  let isTold = true;
  const changed = (): void => {
    if (!isTold) return;
    isTold = false;
    requestAnimationFrame(() => {
      isTold = true;
      onChange?.();
    });
  };
  const lineTo = (event: PointerEvent): void => {
    const box = canvas.getBoundingClientRect();
    const x = ((event.clientX - box.left - canvas.clientLeft) / canvas.clientWidth) * canvas.width;
    const y = ((event.clientY - box.top - canvas.clientTop) / canvas.clientHeight) * canvas.height;
    context.lineTo(x, y);
    context.stroke();
    // What is drawn goes on from here: a path that grows would be drawn again and again.
    context.beginPath();
    context.moveTo(x, y);
    isEmpty = false;
  };
  const down = (event: PointerEvent): void => {
    if (pointer !== undefined || event.button !== 0) return;
    pointer = event.pointerId;
    canvas.setPointerCapture(pointer);
    const color = getComputedStyle(canvas).color;
    Object.assign(context, {
      lineCap: "round",
      lineJoin: "round",
      lineWidth: penWidth * canvas.width,
      strokeStyle: color,
    });
    context.beginPath();
    lineTo(event);
    lineTo(event);
    changed();
  };
  const move = (event: PointerEvent): void => {
    if (event.pointerId !== pointer) return;
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

  const end = new AbortController();
  const { signal } = end;
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
    dispose: () => end.abort(),
  };
}
