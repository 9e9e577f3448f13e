// The one function through which names reach emitted code as identifiers, and the one through which strings do.

const RESERVED = new Set(
  (
    "abstract any arguments as async await boolean break case catch class const constructor continue debugger declare default delete do " +
    "else enum eval export extends false finally for from function get if implements import in instanceof interface is let module " +
    "namespace never new null number object of package private protected prototype public require return set static string super " +
    "switch symbol this throw true try type typeof undefined unknown var void while with yield Math Infinity NaN Object Array " +
    "Float32Array Float64Array Int32Array Uint8Array ArrayBuffer Record Readonly ArrayLike RangeError TypeError Error Number String JSON globalThis Promise Memory Code Kernels Crew WorkerLike NodeThreads Address f i32 u8 rows"
  ).split(" "),
);

/** An ASCII identifier that resembles the name: `h1.weight` -> `h1_weight`, `∂loss/∂h1.weight` -> `d_loss_d_h1_weight`. */
export function identifier(name: string): string {
  const ascii = name
    .replace(/∂/g, "d_")
    .replace(/δ/g, "d_")
    .replace(/[^A-Za-z0-9_$]+/g, "_")
    .replace(/^_+|_+$/g, "");
  const start = /^[A-Za-z_$]/.test(ascii) ? ascii : `_${ascii}`;
  return RESERVED.has(start) ? `${start}_` : start.slice(0, 60);
}

/** What a network's type is called: `small-net` -> `SmallNet`. */
export const typeNameOf = (network: string): string =>
  identifier(
    network
      .split(/[^A-Za-z0-9]+/)
      .filter((part) => part !== "")
      .map((part) => part[0]!.toUpperCase() + part.slice(1))
      .join(""),
  );

/** Gives each name an identifier of its own. */
export class Identifiers {
  private readonly taken = new Set<string>();

  unique(name: string): string {
    const base = identifier(name);
    let candidate = base;
    for (let n = 2; this.taken.has(candidate); n++) candidate = `${base}_${n}`;
    this.taken.add(candidate);
    return candidate;
  }
}

/** A string literal of any text, safe in a module and in a script element. */
export const literal = (text: string): string =>
  JSON.stringify(text).replace(/[\u007f-\uffff<>]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** A property access or key for any name. */
export const property = (name: string): string =>
  /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(name) && name !== "__proto__" ? name : literal(name);

/** A number as source text: the shortest that reads back the same. */
export function numeral(value: number): string {
  if (value === Infinity) return "Infinity";
  if (value === -Infinity) return "-Infinity";
  if (Number.isNaN(value)) return "NaN";
  return Object.is(value, -0) ? "-0" : String(value);
}
