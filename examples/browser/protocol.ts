// What the page and its worker say to one another.

import type { WeightsImage } from "tapeless/page";

export type ToWorker =
  | { readonly type: "train" | "pause" | "reset" | "save" }
  | { readonly type: "look"; readonly atChanges: boolean }
  /** 784 numbers from 0 to 1. */
  | { readonly type: "classify"; readonly image: Float32Array }
  /** The bytes of a safetensors file. */
  | { readonly type: "load"; readonly name: string; readonly bytes: ArrayBuffer };

/** Where the network stands. */
export interface Standing {
  readonly is: "starting" | "untrained" | "training" | "stopped";
  /** In words, for people. */
  readonly text: string;
}

export type FromWorker =
  | { readonly type: "standing"; readonly standing: Standing }
  /** `at` counts epochs; `line` is one of the curve's. */
  | { readonly type: "loss"; readonly line: "loss" | "held-out loss"; readonly at: number; readonly loss: number }
  | { readonly type: "accuracy"; readonly share: number }
  | { readonly type: "began" }
  | { readonly type: "classified"; readonly probability: Float32Array }
  | { readonly type: "weights"; readonly image: WeightsImage }
  | { readonly type: "saved"; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly type: "error"; readonly message: string };
