// The names that a function checks its options against are those of the options' type. Compiled by the type check; an expected
// error is a control that fails when the mistake beneath it becomes legal.

import type { CallSite } from "../../src/graph/origin.js";
import { requireOptions, type Known } from "../../src/ops/options.js";

interface Base {
  readonly axis?: number;
}

interface Options extends Base {
  readonly flag?: boolean;
}

declare const site: CallSite;
declare const options: Options;

const BASE = { axis: true } satisfies Known<Base>;
requireOptions(site, options, { axis: true, flag: true });
requireOptions(site, options, { ...BASE, flag: true });
// @ts-expect-error one is forgotten
requireOptions(site, options, BASE);
// @ts-expect-error one is extra
requireOptions(site, options, { axis: true, flag: true, axes: true });
// @ts-expect-error one is forgotten
export const few = { axis: true } satisfies Known<Options>;
// @ts-expect-error one is extra
export const many = { ...BASE, flag: true, axes: true } satisfies Known<Options>;
