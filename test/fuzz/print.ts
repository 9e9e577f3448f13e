// A sketch as the text of a definition: what is found is read, mended and kept in this form.

import {
  exportsOf,
  isCall,
  isLambda,
  isList,
  isNamed,
  isOptions,
  isRef,
  type Arg,
  type Call,
  type Pattern,
  type Sketch,
  type Step,
} from "./sketch.js";

const nameOf = (id: number): string => `v${id}`;

const isIdentifier = (key: string): boolean => /^[A-Za-z_$][\w$]*$/.test(key);
const keyed = (key: string): string => (isIdentifier(key) ? key : JSON.stringify(key));

function printNumber(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? "-0" : String(value);
  return Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
}

function printArg(arg: Arg): string {
  if (typeof arg === "number") return printNumber(arg);
  if (arg === null || typeof arg === "boolean" || typeof arg === "string") return JSON.stringify(arg);
  if (isList(arg)) return `[${arg.map(printArg).join(", ")}]`;
  if (isRef(arg)) {
    const path = (arg.path ?? []).map((key) => (typeof key === "number" ? `[${key}]` : `.${key}`)).join("");
    return `${nameOf(arg.$ref)}${path}`;
  }
  if (isNamed(arg)) return arg.$fn;
  if (isCall(arg)) return printCall(arg);
  if (isLambda(arg)) return printLambda(arg);
  if (!isOptions(arg)) return "";
  const entries = Object.entries(arg).map(([key, value]) => `${keyed(key)}: ${printArg(value)}`);
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}

const printCall = ({ $call, args }: Call): string =>
  `${typeof $call === "string" ? $call : printArg($call)}(${args.map(printArg).join(", ")})`;

const printPattern = (pattern: Pattern): string =>
  typeof pattern === "number" ? nameOf(pattern) : `[${pattern.map(printPattern).join(", ")}]`;

function printLambda({ $lambda, body, result }: Extract<Arg, { readonly $lambda: unknown }>): string {
  const head = `(${$lambda.map(printPattern).join(", ")}) => `;
  const value = printArg(result);
  if (body.length === 0) return head + (value.startsWith("{") ? `(${value})` : value);
  const lines = [...body.map(printStep), `return ${value};`];
  return `${head}{\n${indent(lines.join("\n"))}\n}`;
}

const indent = (text: string): string => text.replace(/^(?=.)/gm, "  ");

const printStep = ({ id, call, args }: Step): string => `const ${nameOf(id)} = ${printCall({ $call: call, args })};`;

const record = (entries: Readonly<Record<string, Arg>>): string => printArg(entries as Arg);

/** The statements and the call of `network`, as they stand in a definition. */
export function printBody({ capacity, steps, outputs, training, metrics, entries }: Sketch): string {
  const declared = Object.entries(training);
  const [only] = declared;
  const short = declared.length === 1 && only![0] === "step" && only![1].parameters === undefined;
  const own = Object.entries(entries).map(([name, shown]) => [name, { outputs: shown }] as const);
  const parts = [
    `batch: ${capacity}`,
    ...(Object.keys(outputs).length > 0 ? [`outputs: ${record(outputs)}`] : []),
    ...(short ? [`loss: ${printArg(only![1].loss)}`, `optimizer: ${printArg(only![1].optimizer)}`] : []),
    ...(!short && declared.length > 0 ? [`steps: ${printArg(training as unknown as Arg)}`] : []),
    ...(Object.keys(metrics).length > 0 ? [`metrics: ${record(metrics)}`] : []),
    ...(own.length > 0 ? [`entries: ${record(Object.fromEntries(own))}`] : []),
  ];
  return [...steps.map(printStep), `export default network("fuzz", { ${parts.join(", ")} });`].join("\n");
}

/** A whole definition, such as can be given to `tapeless generate`. */
export function printSketch(sketch: Sketch): string {
  const names = [...exportsOf(sketch).keys(), "network"].sort();
  return `import { ${names.join(", ")} } from "tapeless";\n\n${printBody(sketch)}\n`;
}
