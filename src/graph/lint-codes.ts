// The codes of warnings, which a network may silence. docs/warnings.md has a section for each.

export const LINT_CODES = [
  "SOFTMAX_TWICE",
  "PROBABILITIES_AS_LOGITS",
  "LOGITS_AS_PROBABILITIES",
  "WHERE_BEHIND_REDUCTION",
  "COLUMN_AGAINST_ROW",
  "CONSTANT_ROUNDED",
  "ZERO_GRADIENT",
  "INTEGERS_INTO_DENSE",
  "STATE_NOT_CARRIED",
  "CARRY_NEVER_UPDATED",
] as const;

/**
 * The codes of warnings, which docs/warnings.md explains. They are stable: `network(name, { silence: ["SOFTMAX_TWICE"]
 * })`. {@link network} takes them.
 */
export type LintCode = (typeof LINT_CODES)[number];
