// A look at the derived gradient, for those who have just trained with it.

const LINES = 3;

/** A recurrent network's line can be a page. */
const LONGEST = 120;

/** The first lines of what `print gradient` shows that are derived: adjoints (δ) and gradients (∂). None where nothing is. */
export function derivedLines(printed: string): readonly string[] {
  const derived = printed.split("\n").filter((line) => /^[δ∂]/.test(line));
  return derived.slice(0, LINES).map((line) => (line.length > LONGEST ? `${line.slice(0, LONGEST - 2)} …` : line));
}
