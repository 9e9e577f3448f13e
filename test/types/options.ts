// The names that a function checks its options against are those of the options' type. Compiled by the type check; an expected
// error is a control that fails when the mistake beneath it becomes legal.

import type { CallSite } from "../../src/graph/origin.js";
import * as is from "../../src/ops/call/checks.js";
import { requireOptions, type Known } from "../../src/ops/call/options.js";

interface Base {
  readonly axis?: number;
}

interface Options extends Base {
  readonly flag?: boolean;
}

declare const site: CallSite;
declare const options: Options;

const BASE = { axis: is.wholeNumber } satisfies Known<Base>;
requireOptions(site, options, { axis: is.wholeNumber, flag: is.flag });
requireOptions(site, options, { ...BASE, flag: is.flag });
// @ts-expect-error one is forgotten
requireOptions(site, options, BASE);
// @ts-expect-error one is extra
requireOptions(site, options, { axis: is.wholeNumber, flag: is.flag, axes: is.axes });
// @ts-expect-error one is forgotten
export const few = { axis: is.wholeNumber } satisfies Known<Options>;
// @ts-expect-error one is extra
export const many = { ...BASE, flag: is.flag, axes: is.axes } satisfies Known<Options>;
// @ts-expect-error a value that is no check
export const unchecked = { ...BASE, flag: true } satisfies Known<Options>;
