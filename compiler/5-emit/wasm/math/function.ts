// A vector routine as a function of the module.

import { f32x4, FunctionText, i32x4, shuffle } from "../text.js";
import type { Routine, VectorBuilder, VectorOp } from "./builder.js";

export type Routines = Readonly<Record<VectorOp, Routine>>;

export interface RoutineText {
  readonly text: string;
  /** The other routines that it calls. */
  readonly calls: ReadonlySet<VectorOp>;
}

/** The function of one routine. `relaxed`: multiply-adds may round once. */
export function routineFunction(op: VectorOp, routines: Routines, relaxed: boolean): RoutineText {
  const routine = routines[op];
  const calls = new Set<VectorOp>();
  const writer = new FunctionText();
  const x = `(local.get ${writer.parameter("x")})`;
  const y = `(local.get ${writer.parameter("y")})`;
  const operands = routine.parameters === 2 ? "(param $x v128) (param $y v128)" : "(param $x v128)";
  const v: VectorBuilder = {
    x,
    y,
    f32: f32x4,
    i32: (value) => i32x4(value, value, value, value),
    op: (name, ...args) => `(${name} ${args.join(" ")})`,
    shift: (name, value, by) => `(${name} ${value} (i32.const ${by}))`,
    shuffle,
    madd: (a, b, c) => (relaxed ? `(f32x4.relaxed_madd ${a} ${b} ${c})` : `(f32x4.add ${c} (f32x4.mul ${a} ${b}))`),
    let: (value) => writer.let("t", "v128", value),
    call: (other, ...args) => {
      calls.add(other);
      return `(call $${other} ${args.join(" ")})`;
    },
  };
  writer.line(routine.build(v));
  return { text: writer.print(`$${op} ${operands} (result v128)`), calls };
}
