// Handwritten digits from MNIST, in the files that build.mjs has put beside the page.

import { readIdx } from "tapeless/data";

export interface Digits {
  readonly inputs: { readonly image: Float32Array };
  readonly targets: { readonly digit: Int32Array };
}

/** Digits to learn from, and others to measure on. */
export async function readDigits(): Promise<{ readonly train: Digits; readonly test: Digits }> {
  const [train, test] = await Promise.all([read("train"), read("test")]);
  return { train, test };
}

async function read(part: string): Promise<Digits> {
  const [images, labels] = await Promise.all(
    ["images", "labels"].map((what) => readIdx(fetch(`data/${part}-${what}.idx.gz`))),
  );
  return {
    inputs: { image: Float32Array.from(images!.data, (grey) => grey / 255) },
    targets: { digit: Int32Array.from(labels!.data) },
  };
}
