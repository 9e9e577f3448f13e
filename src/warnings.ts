// Every warning a user can see about a network, in one place: a stable code, a sentence with the values, a hint.
// Call sites read like English, as those of messages.ts do.

import type { LintCode } from "./graph/lint-codes.js";
import type { CallSite, Frame } from "./graph/origin.js";
import { printShape, type Shape } from "./graph/shape.js";

export interface Suspicion {
  /** Stable: SOFTMAX_TWICE. `network(name, { silence: [code] })` silences it; docs/warnings.md says what it means. */
  readonly code: LintCode;
  /** What is found, with its values. */
  readonly sentence: string;
  /** What to do about it. */
  readonly hint: string;
  /** The call in the user's definition. */
  readonly site: CallSite;
}

/**
 * What is legal but probably not meant, such as probabilities given to a loss that wants logits. docs/warnings.md
 * explains the codes. {@link compile} gives them.
 */
export interface Warning extends Suspicion {
  /** The place in the file that the engine ran; none where the stack has none. */
  readonly at: Frame | undefined;
}

interface At {
  readonly site: CallSite;
}

export const softmaxTwice = ({ op, site }: { readonly op: string } & At): Suspicion => ({
  code: "SOFTMAX_TWICE",
  sentence: `${op} is applied to probabilities: what it is given is a softmax already`,
  hint: "leave one of the two out",
  site,
});

export const probabilitiesAsLogits = ({ source, site }: { readonly source: string } & At): Suspicion => ({
  code: "PROBABILITIES_AS_LOGITS",
  sentence: `${site.call} wants logits, but it is given probabilities: the result of ${source}`,
  hint: `give it what ${source} was given; the loss applies ${source} itself`,
  site,
});

export const logitsAsProbabilities = ({ source, site }: { readonly source: string } & At): Suspicion => ({
  code: "LOGITS_AS_PROBABILITIES",
  sentence: `${site.call} wants probabilities, but it is given logits: the result of ${source}, which has no bounds`,
  hint: 'write from: "logits", or give it sigmoid of them; outside 0 to 1 the loss is NaN',
  site,
});

export const whereBehindReduction = (d: { readonly reduction: string; readonly pole: string } & At): Suspicion => ({
  code: "WHERE_BEHIND_REDUCTION",
  sentence:
    `where a branch of this ${d.site.call} is not selected, the gradient may be NaN: ` +
    `${d.reduction} lies between it and ${d.pole}`,
  hint: `select the operand of ${d.pole} instead: ${d.pole}(where(condition, x, 1))`,
  site: d.site,
});

export const columnAgainstRow = (d: { readonly left: Shape; readonly right: Shape; readonly result: Shape } & At) =>
  ({
    code: "COLUMN_AGAINST_ROW",
    sentence:
      `${d.site.call} of ${printShape(d.left)} and ${printShape(d.right)} is ${printShape(d.result)}: ` +
      "every row of the batch meets every other one",
    hint: 'give both one shape, such as reshape(x, ["batch"]); where all pairs are meant, write the row as [1, "batch"]',
    site: d.site,
  }) satisfies Suspicion;

export const constantRounded = (d: { readonly value: number } & At): Suspicion => ({
  code: "CONSTANT_ROUNDED",
  sentence: `float32 has no ${d.value}: this ${d.site.call} computes with ${Math.fround(d.value)}`,
  hint: "write the number that is meant, scale the values, or compile with dtype float64",
  site: d.site,
});

export const zeroGradient = (d: { readonly parameter: string; readonly op: string } & At): Suspicion => ({
  code: "ZERO_GRADIENT",
  sentence: `no step trains ${d.parameter}: only ${d.op} lies between it and the losses, whose slope is 0`,
  hint: "use straightThrough(hard, soft) or a smooth function; where it is to stay as it is, say trainable: false",
  site: d.site,
});

export const integersIntoDense = ({ site }: At): Suspicion => ({
  code: "INTEGERS_INTO_DENSE",
  sentence: `${site.call} is given int32: it takes indices for amounts, as if class 4 were twice class 2`,
  hint: 'use embedding(indices, ...) or oneHot(indices, ...); where they are amounts, write cast(x, "float32")',
  site,
});

export const stateNotCarried = ({ state, site }: { readonly state: string } & At): Suspicion => ({
  code: "STATE_NOT_CARRIED",
  sentence: `an entry of the network's own gives the state ${state} a next value, which training steps alone store`,
  hint: "make it by carry(...), so that the entry takes it from call to call",
  site,
});

export const carryNeverUpdated = ({ carry, site }: { readonly carry: string } & At): Suspicion => ({
  code: "CARRY_NEVER_UPDATED",
  sentence: `nothing gives ${carry} a next value: it stays as it was first`,
  hint: "put updating(value, [[carry, next]]) around an output of the entry",
  site,
});
