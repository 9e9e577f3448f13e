// The hash of two words, for one pair and for four: the same bits as src/scalar/numeric.ts.

import { FunctionText, i32, i32x4 } from "./text.js";

interface Words {
  readonly type: "i32" | "v128";
  readonly op: (name: string, a: string, b: string) => string;
  readonly shift: (a: string, by: number) => string;
  readonly constant: (value: number) => string;
}

const one: Words = {
  type: "i32",
  op: (name, a, b) => `(i32.${name} ${a} ${b})`,
  shift: (a, by) => `(i32.shr_u ${a} ${i32(by)})`,
  constant: i32,
};

const four: Words = {
  type: "v128",
  op: (name, a, b) => `(${name === "xor" ? "v128" : "i32x4"}.${name} ${a} ${b})`,
  shift: (a, by) => `(i32x4.shr_u ${a} ${i32(by)})`,
  constant: (value) => i32x4(value, value, value, value),
};

function hashFunction(name: string, { type, op, shift, constant }: Words): string {
  const writer = new FunctionText();
  const [a, b] = [writer.parameter("a"), writer.parameter("b")];
  const [first, second] = [`(local.get ${a})`, `(local.get ${b})`];
  const mixed = (h: string, by: number): string => op("xor", h, shift(h, by));
  let h = writer.let("h", type, op("xor", first, op("mul", second, constant(0x9e3779b1))));
  h = writer.let("h", type, op("mul", mixed(h, 16), constant(0x21f0aaad)));
  h = writer.let("h", type, op("mul", op("add", mixed(h, 15), first), constant(0x735a2d97)));
  h = writer.let("h", type, op("mul", mixed(h, 15), constant(0x85ebca6b)));
  writer.line(mixed(h, 16));
  return writer.print(`$${name} (param ${a} ${type}) (param ${b} ${type}) (result ${type})`);
}

export const hashFunctions = `${hashFunction("hash", one)}\n${hashFunction("hash4", four)}`;
