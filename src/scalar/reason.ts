// Why a step is right: a rule of differentiation or a law of rewriting, as data. What is derived refers to the object, and
// nobody reads its text to find out what it is.

/**
 * What a step is to a reader: "algebra" and "stability" belong into a derivation; "size" is about how many rows there are,
 * "housekeeping" about how values are laid out, "loop" about what runs inside of a recurrence, "memory" about what need
 * not be kept or computed.
 */
export const REASON_CLASSES = ["algebra", "stability", "housekeeping", "size", "loop", "memory"] as const;
export type ReasonClass = (typeof REASON_CLASSES)[number];

/** A rule of differentiation or a law of rewriting. */
export interface Reason {
  /** Stable, in lower case, words joined by hyphens; a dot before what it is a case of: "product.left". */
  readonly id: string;
  /** For a reader, in a few words: "product", "x + 0 = x". */
  readonly title: string;
  /** What it states, as LaTeX in math mode. Of rules: δ_x is the adjoint of x. */
  readonly tex: string;
  readonly class: ReasonClass;
}
