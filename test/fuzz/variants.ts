// The ways in which an emitted module runs.

import type { Draw } from "./draw.js";
import type { Variant } from "./emitted.js";

const variant = (target: Variant["target"], dtype: Variant["dtype"], relaxed = false, threads = 1): Variant => {
  const traits = [
    ...(relaxed ? ["relaxed"] : target === "wasm" && dtype === "float32" ? ["plain"] : []),
    ...(threads > 1 ? [`${threads} threads`] : []),
  ];
  return { name: [target, dtype, ...traits].join(" "), target, dtype, relaxed, threads };
};

export const VARIANTS: readonly Variant[] = [
  variant("typescript", "float64"),
  variant("typescript", "float32"),
  variant("wasm", "float32"),
  variant("wasm", "float32", true),
  variant("wasm", "float32", true, 2),
  variant("wasm", "float64"),
  variant("wasm", "float64", false, 2),
];

/** Those that one graph runs in: the slow ones take turns. */
export function variantsFor(draw: Draw, isAll: boolean): readonly Variant[] {
  return VARIANTS.filter(({ target, dtype, threads }) => {
    if (isAll || target === "typescript") return true;
    if (threads > 1) return draw.chance(0.08);
    return dtype === "float32" || draw.chance(0.3);
  });
}

/** Where the engine has relaxed SIMD behind a flag, it is switched on. */
export function allowRelaxed(setFlags: (flags: string) => void): void {
  setFlags("--experimental-wasm-relaxed-simd");
}
