// WebAssembly text: constants, and a function under construction. Loops keep a prologue, to which what does not change in
// them is moved while their bodies are written.

/** Numbers of 32 bits in a vector. */
export const LANES = 4;

export type WasmType = "i32" | "f32" | "f64" | "v128";

export const i32 = (value: number): string => `(i32.const ${value | 0})`;

export function float(type: "f32" | "f64", value: number): string {
  return `(${type}.const ${numberText(type === "f32" ? Math.fround(value) : value)})`;
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  return Object.is(value, -0) ? "-0" : String(value);
}

export const f32x4 = (value: number): string =>
  `(v128.const f32x4 ${Array.from({ length: 4 }, () => numberText(Math.fround(value))).join(" ")})`;

export const i32x4 = (...lanes: readonly [number, number, number, number]): string =>
  `(v128.const i32x4 ${lanes.map((lane) => lane | 0).join(" ")})`;

const CONSTANT = /^\(i32\.const (-?\d+)\)$/;

/** The value of a constant's text. */
export function constantOf(text: string): number | undefined {
  const match = CONSTANT.exec(text);
  return match ? Number(match[1]) : undefined;
}

export function add(a: string, b: string): string {
  const [x, y] = [constantOf(a), constantOf(b)];
  if (x !== undefined && y !== undefined) return i32(x + y);
  if (x === 0) return b;
  if (y === 0) return a;
  return `(i32.add ${a} ${b})`;
}

export function multiply(a: string, b: string): string {
  const [x, y] = [constantOf(a), constantOf(b)];
  if (x !== undefined && y !== undefined) return i32(Math.imul(x, y));
  if (x === 0 || y === 0) return i32(0);
  if (x === 1) return b;
  if (y === 1) return a;
  return `(i32.mul ${a} ${b})`;
}

/** The lanes of 32 bits of two vectors in a new order. */
export const shuffle = (a: string, b: string, lanes: readonly number[]): string =>
  `(i8x16.shuffle ${lanes.flatMap((lane) => [0, 1, 2, 3].map((byte) => 4 * lane + byte)).join(" ")} ${a} ${b})`;

interface Level {
  /** Before the loop; then where each iteration begins. */
  readonly before: string[];
  readonly prologue: string[];
  readonly lines: string[];
  readonly known: Map<string, string>;
}

const newLevel = (): Level => ({ before: [], prologue: [], lines: [], known: new Map() });

export class FunctionText {
  private readonly locals: string[] = [];
  private readonly taken = new Map<string, number>();
  private readonly levels: Level[] = [newLevel()];
  private labels = 0;

  /** The number of loops around what is written now. */
  get level(): number {
    return this.levels.length - 1;
  }

  line(text: string): void {
    this.levels[this.level]!.lines.push(text);
  }

  /** A new local's name. */
  local(hint: string, type: WasmType): string {
    const count = (this.taken.get(hint) ?? 0) + 1;
    this.taken.set(hint, count);
    const name = count === 1 ? `$${hint}` : `$${hint}.${count}`;
    this.locals.push(`(local ${name} ${type})`);
    return name;
  }

  /** A parameter's name, so that no local has it. */
  parameter(name: string): string {
    this.taken.set(name, 1);
    return `$${name}`;
  }

  /** The value, computed here, in a local. */
  let(hint: string, type: WasmType, value: string): string {
    const name = this.local(hint, type);
    this.line(`(local.set ${name} ${value})`);
    return `(local.get ${name})`;
  }

  /** The value, computed once where the given level begins. */
  hoist(level: number, hint: string, type: WasmType, value: string): string {
    const at = this.levels[level]!;
    const key = `${type} ${value}`;
    const known = at.known.get(key);
    if (known !== undefined) return known;
    const name = this.local(hint, type);
    at.prologue.push(`(local.set ${name} ${value})`);
    const text = `(local.get ${name})`;
    at.known.set(key, text);
    return text;
  }

  /** The value, computed once before the loop of the given level. */
  hoistBefore(level: number, hint: string, type: WasmType, value: string): string {
    const at = this.levels[level]!;
    const key = `before ${type} ${value}`;
    const known = at.known.get(key);
    if (known !== undefined) return known;
    const name = this.local(hint, type);
    at.before.push(`(local.set ${name} ${value})`);
    const text = `(local.get ${name})`;
    at.known.set(key, text);
    return text;
  }

  /** `variable` runs from its present value while it is below `limit`. `entered`: there is at least one iteration. */
  loop(variable: string, step: number, limit: string, entered: boolean, body: () => void): void {
    const next = `(local.tee ${variable} ${add(`(local.get ${variable})`, i32(step))})`;
    const first = entered ? undefined : `(i32.lt_s (local.get ${variable}) ${limit})`;
    this.repeat(first, `(i32.lt_s ${next} ${limit})`, body);
  }

  /** What `body` writes, where `first` holds, again and again while `again` does. */
  repeat(first: string | undefined, again: string, body: () => void): void {
    const label = `$loop.${this.labels++}`;
    this.levels.push(newLevel());
    body();
    const { before, prologue, lines } = this.levels.pop()!;
    const text = [...before, `(loop ${label}`, ...prologue, ...lines, `(br_if ${label} ${again}))`].join("\n");
    this.line(first === undefined ? text : `(if ${first} (then\n${text}))`);
  }

  /** What `body` writes, at the given level: before the loop further in that is being written. */
  outside(level: number, body: () => void): void {
    const inner = this.levels.splice(level + 1);
    const at = this.levels[level]!;
    const start = at.lines.length;
    body();
    inner[0]!.before.push(...at.lines.splice(start));
    this.levels.push(...inner);
  }

  /** What `body` writes, where the condition holds. */
  guard(condition: string, body: () => void): void {
    const level = this.levels[this.level]!;
    const start = level.lines.length;
    body();
    const inner = level.lines.splice(start);
    this.line(`(if ${condition} (then\n${inner.join("\n")}))`);
  }

  print(head: string): string {
    const [level] = this.levels;
    return [`(func ${head}`, ...this.locals, ...level!.prologue, ...level!.lines, ")"].join("\n");
  }
}
