// One change to one file of the sources. It is applied where a file is loaded, never on disk.

export interface Change {
  /** Of the file's text, `end` excluded. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export interface Mutant extends Change {
  /** The name of the operator that made it. */
  readonly operator: string;
  /** From the root of the repository. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

export const mutated = (text: string, { start, end, text: inserted }: Change): string =>
  text.slice(0, start) + inserted + text.slice(end);

/** Equal for equal mutants. */
export const idOf = ({ file, start, end, text, operator }: Mutant): string =>
  `${file}:${start}-${end} ${operator} ${text}`;

/** Of a longer change only its first lines are shown. */
const MOST_LINES = 6;

/** The lines that change, as they were and as they are. */
export function diffOf(text: string, mutant: Mutant): string {
  const first = text.lastIndexOf("\n", mutant.start - 1) + 1;
  const lineEnd = text.indexOf("\n", mutant.end);
  const last = lineEnd < 0 ? text.length : lineEnd;
  const marked = (text: string, mark: string): string => {
    const lines = text.split("\n");
    const shown = lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES), "..."] : lines;
    return shown.map((line) => `${mark} ${line}`).join("\n");
  };
  const after = text.slice(first, mutant.start) + mutant.text + text.slice(mutant.end, last);
  return `${mutant.file}:${mutant.line} (${mutant.operator})\n${marked(text.slice(first, last), "-")}\n${marked(after, "+")}`;
}
