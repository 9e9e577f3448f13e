// What may be a name: names become property keys of the emitted module, file keys of checkpoints and labels in prints.

const LONGEST = 200;

const FORBIDDEN = new Set(["__proto__", "constructor", "prototype"]);

/** Why a text cannot be a name; undefined when it can. */
export function nameProblem(name: string): string | undefined {
  if (name === "") return "it is empty";
  if (name.length > LONGEST) return `it has ${name.length} characters, and ${LONGEST} are the most`;
  if (FORBIDDEN.has(name)) return "JavaScript gives that property a meaning of its own";
  if (!/^[\p{L}_$]/u.test(name)) return "it must start with a letter or _";
  const stray = /[^\p{L}\p{M}\p{N}_.[\]$/-]/u.exec(name);
  if (stray) return `it may hold letters, digits and _ . - / $ [ ] only, not ${JSON.stringify(stray[0])}`;
  return undefined;
}
