// Numbers for names that are taken.

/** Appends the lowest number that makes a name unique. */
export function uniquely(taken: Set<string>): (base: string) => string {
  const next = new Map<string, number>();
  return (base) => {
    let name = base;
    let count = next.get(base) ?? 1;
    while (taken.has(name)) name = `${base}${/\d$/.test(base) ? "_" : ""}${++count}`;
    next.set(base, count);
    taken.add(name);
    return name;
  };
}
