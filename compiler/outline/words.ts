// What equal parts of graphs have in common in their names.

/** δblock[2].norm1.gain and δblock[1].norm1.gain are both δnorm1.gain; h1 and h2 are h. */
export function sharedName(names: readonly string[], otherwise: string): string {
  const [first, ...others] = names.map(split);
  if (first === undefined) return otherwise;
  if (others.length === 0 || new Set(names).size === 1) return names[0]!;
  const isCommon = (k: number): boolean => others.every(({ words }) => words.at(-k) === first.words.at(-k));
  let common = 0;
  while (common < first.words.length && isCommon(common + 1)) common++;
  const tail = first.words.slice(first.words.length - common);
  const marks = others.every((other) => other.marks === first.marks) ? first.marks : "";
  if (tail.length > 0) return marks + tail.join(".");
  const head = headOf(names);
  return head === "" ? otherwise : head;
}

/** What several names begin with, without numbers: block[0].out and block[1].out give block. */
export function headOf(names: readonly string[]): string {
  const heads = names.map((name) => name.split(".")[0]!);
  let length = 0;
  const isCommon = (k: number): boolean => heads.every((head) => k < head.length && head[k] === heads[0]![k]);
  while (isCommon(length)) length++;
  return heads[0]!.slice(0, length).replace(/[[\]\d_]+$/, "");
}

function split(name: string): { readonly marks: string; readonly words: readonly string[] } {
  const [, marks, rest] = /^(δ*)(.*)$/s.exec(name)!;
  return { marks: marks!, words: rest!.split(".") };
}
