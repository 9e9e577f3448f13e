// Constants of vector routines as globals. An engine puts a constant of four lanes together anew wherever it stands, from two
// integers of 64 bits; what a global holds is one load. They are mutable, so that nothing makes constants of them again.

const CONSTANT = /\(v128\.const (?:f32x4|i32x4|f64x2) [^()]*\)/g;

/** All bits the same: one instruction makes it. */
const isPlain = (constant: string): boolean => /x\d(?: 0)+\)$|i32x4(?: -1)+\)$/.test(constant);

/** The functions with globals in place of their constants, and the globals. */
export function withGlobals(functions: readonly string[]): {
  readonly functions: readonly string[];
  readonly globals: readonly string[];
} {
  const names = new Map<string, string>();
  const nameOf = (constant: string): string => {
    const name = names.get(constant) ?? `$constant.${names.size}`;
    names.set(constant, name);
    return name;
  };
  const replaced = functions.map((text) =>
    text.replace(CONSTANT, (constant) => (isPlain(constant) ? constant : `(global.get ${nameOf(constant)})`)),
  );
  const globals = [...names].map(([constant, name]) => `(global ${name} (mut v128) ${constant})`);
  return { functions: replaced, globals };
}
