// Numbers for names that are taken.

/** The name with a number from 2 on; with 1 the name itself. */
export const numberedName = (name: string, number: number): string =>
  number === 1 ? name : `${name}${/\d$/.test(name) ? "_" : ""}${number}`;

/** Appends the lowest number that makes a name unique. */
export function uniquely(taken: Set<string>): (base: string) => string {
  const next = new Map<string, number>();
  return (base) => {
    let number = next.get(base) ?? 1;
    while (taken.has(numberedName(base, number))) number++;
    next.set(base, number);
    const name = numberedName(base, number);
    taken.add(name);
    return name;
  };
}
