// Every message a user can see, in one place: a stable code, a sentence with the values, a hint.
// Call sites read like English: `throw shapeMismatch({ op: "matmul", left, right, site })`.

import { argumentsOf, callOf } from "./graph/calls.js";
import { userFrames, type CallSite, type Frame } from "./graph/origin.js";
import { printDim, printShape, type Shape } from "./graph/shape.js";

export interface Details {
  readonly hint?: string | undefined;
  /** The call in the user's definition that the message is about. */
  readonly site?: CallSite | undefined;
  /** The place itself, where it is already known. */
  readonly at?: Frame | undefined;
  /** Other places that the sentence speaks of, as `placeText` has them. */
  readonly places?: readonly (Frame | undefined)[];
  readonly cause?: unknown;
}

/** A place in a sentence. */
export const placeText = ({ file, line, column }: Frame): string => `${file}:${line}:${column}`;

/**
 * What the language, the compiler and the command line throw. `message` has the code, the sentence, the hint and the
 * place in the definition.
 * @example
 * ```ts
 * const x: Tensor = input("x", ["batch", 3]);
 * let code = "";
 * try {
 *   reshape(x, ["batch", 4]);
 * } catch (error) {
 *   if (error instanceof TapelessError) code = error.code;
 * }
 * code; // "SHAPE_MISMATCH"
 * ```
 */
export class TapelessError extends Error {
  /** "TapelessError". */
  override readonly name = "TapelessError";
  /** Which error it is, such as "SHAPE_MISMATCH". Codes are stable. */
  readonly code: string;
  /** What is wrong, with the values. */
  readonly sentence: string;
  /** What to do about it, where something is known. */
  readonly hint: string | undefined;
  /** The call in the definition that it is about. */
  readonly site: CallSite | undefined;
  /** The place in the user's file: file, line and column. */
  readonly at: Frame | undefined;
  /** Other places that the sentence speaks of. */
  readonly places: readonly Frame[];

  constructor(code: string, sentence: string, details: Details = {}) {
    const at = details.at ?? (details.site ? userFrames(details.site)[0] : undefined);
    const place = at ? `\n  at ${placeText(at)}` : "";
    const hint = details.hint ? `\n  hint: ${details.hint}` : "";
    super(`${code}: ${sentence}${hint}${place}`, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.sentence = sentence;
    this.hint = details.hint;
    this.site = details.site;
    this.at = at;
    this.places = (details.places ?? []).filter((one) => one !== undefined);
  }
}

/**
 * Several errors of one network, reported together. Its code is that of the first.
 * @example
 * ```ts
 * const x = input("x", ["batch", 3]);
 * const codes: string[] = [];
 * try {
 *   network("two words", { batch: 0, outputs: { x } });
 * } catch (error) {
 *   if (error instanceof TapelessErrors) codes.push(...error.errors.map(({ code }) => code));
 * }
 * codes; // ["BAD_NAME", "BAD_ARGUMENT"]
 * ```
 */
export class TapelessErrors extends TapelessError {
  /** Each of them, in order. */
  readonly errors: readonly TapelessError[];

  constructor(errors: readonly TapelessError[]) {
    const { code } = errors[0]!;
    // The first message starts with the code that is put before all of them.
    super(
      code,
      errors
        .map((e) => e.message)
        .join("\n")
        .slice(`${code}: `.length),
    );
    this.errors = errors;
  }
}

/** Throws all of them at once; one is thrown as itself. */
export function throwAll(errors: readonly TapelessError[]): void {
  if (errors.length === 1) throw errors[0]!;
  if (errors.length > 1) throw new TapelessErrors(errors);
}

/** Our fault, not the user's. */
export function invariant(condition: unknown, sentence: string): asserts condition {
  if (!condition)
    throw new Error(`tapeless invariant broken: ${sentence}. This is a bug in tapeless; please report it.`);
}

// Shapes and types

export const shapeMismatch = (d: { op: string; left: Shape; right: Shape; why?: string } & Details): TapelessError =>
  new TapelessError(
    "SHAPE_MISMATCH",
    `${d.op} cannot combine ${printShape(d.left)} and ${printShape(d.right)}${d.why ? `: ${d.why}` : ""}`,
    d,
  );

export const wrongRank = (
  d: { op: string; operand: string; shape: Shape; expected: string } & Details,
): TapelessError =>
  new TapelessError(
    "WRONG_RANK",
    `${d.op} needs ${d.operand} with ${d.expected}, but its shape is ${printShape(d.shape)}`,
    d,
  );

export const wrongDtype = (
  d: { op: string; operand: string; dtype: string; expected: string } & Details,
): TapelessError =>
  new TapelessError("WRONG_DTYPE", `${d.op} needs ${d.operand} of dtype ${d.expected}, but it is ${d.dtype}`, d);

export const badArgument = (
  d: { op: string; argument: string; value: unknown; expected: string } & Details,
): TapelessError =>
  new TapelessError("BAD_ARGUMENT", `${d.op}: ${d.argument} must be ${d.expected}, but it is ${printValue(d.value)}`, {
    ...d,
    hint: d.hint ?? bareHint(d),
  });

export const notInFloat32 = (d: { what: string; value: number } & Details): TapelessError =>
  new TapelessError("NOT_IN_FLOAT32", `${d.what} is ${d.value}, which float32 has no number for`, {
    hint: 'write Infinity if that is meant, or compile with dtype: "float64"',
    ...d,
  });

/** `argument` is "options", or which part of them it is. */
export const unknownOption = (
  d: { op: string; argument: string; name: string; known: readonly string[] } & Details,
): TapelessError =>
  new TapelessError(
    "BAD_ARGUMENT",
    d.argument === "options"
      ? `${d.op} has no option ${printValue(d.name)}`
      : `${d.op}: there is no ${printValue(d.name)} in ${d.argument}`,
    { ...d, hint: d.hint ?? nearestHint(d.name, d.known) },
  );

// Hints of calls that were written as in another framework

/** A name or a word that is spelt in another way here. */
export const meantHint = (known: string): string => `did you mean ${known}?`;

export const calledHint = (names: readonly string[]): string =>
  names.length === 1 ? `it is called ${names[0]!} here` : `they are called ${names.join(" and ")} here`;

export const settingHint = (written: string): string => `write ${written}`;

/** `call`: how the function is written, such as "dense(x, units)". */
export const positionalHint = (argument: string, call: string): string => `${argument} stands by itself: ${call}`;

/** For an object, such as `{ kernel: 3 }`, where an argument is wanted that stands by itself. */
function bareHint({ op, argument, value }: { op: string; argument: string; value: unknown }): string | undefined {
  const isSettings = Object.prototype.toString.call(value) === "[object Object]" && !("def" in (value as object));
  const isBare = isSettings && argumentsOf(op).some((name) => argument.split(" ").includes(name));
  return isBare ? `arguments stand by themselves: ${callOf(op)!}` : undefined;
}

export const aroundHint = (name: string, call: string, beside: string): string =>
  `call it around: ${name}(${call}${beside})`;

export const functionHint = (option: string, name: string): string => `give the function: ${option}: ${name}`;

export const unknownWarning = (d: { code: string; known: readonly string[] } & Details): TapelessError =>
  new TapelessError("BAD_ARGUMENT", `network: silence names the warning ${printValue(d.code)}, which there is not`, {
    hint: nearestHint(d.code, d.known),
    ...d,
  });

export const groupsDoNotDivide = (
  d: { op: string; groups: number; channels: number; shape: Shape } & Details,
): TapelessError =>
  new TapelessError(
    "BAD_GROUPS",
    `${d.op} cannot divide the ${d.channels} channels of ${printShape(d.shape)} into ${d.groups} equal groups`,
    { hint: `the number of groups divides the number of channels`, ...d },
  );

export const headsDoNotDivide = (
  d: { op: string; heads: number; features: number; shape: Shape } & Details,
): TapelessError =>
  new TapelessError(
    "BAD_HEADS",
    `${d.op} cannot divide the ${d.features} features of ${printShape(d.shape)} among ${d.heads} equal heads`,
    { hint: "the number of heads divides the features; a multiHeadAttention may state keySize instead", ...d },
  );

/** A value as a message shows it: short, on one line, and safe for any input. */
export function printValue(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 80 ? `${value.slice(0, 77)}...` : value);
  if (typeof value === "function") return `a function${value.name ? ` (${value.name})` : ""}`;
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value))
    return `[${value.slice(0, 8).map(printValue).join(", ")}${value.length > 8 ? ", ..." : ""}]`;
  return `an object of type ${value.constructor?.name ?? "Object"}`;
}

/** The nearest known name as a hint, or the known names. */
export function nearestHint(name: string, known: readonly string[]): string | undefined {
  return nearHint(name, known) ?? (known.length === 0 ? undefined : knownHint(known));
}

function nearHint(name: string, known: readonly string[]): string | undefined {
  const ranked = known.map((other) => [editDistance(name, other), other] as const).sort((a, b) => a[0] - b[0]);
  const nearest = ranked[0];
  if (nearest === undefined) return undefined;
  return nearest[0] <= Math.max(1, Math.floor(name.length / 3)) ? meantHint(nearest[1]) : undefined;
}

export const knownHint = (known: readonly string[]): string =>
  `known: ${known.slice(0, 60).join(", ")}${known.length > 60 ? ", ..." : ""}`;

/** Levenshtein's, case ignored; long names are cut. */
function editDistance(left: string, right: string): number {
  const a = left.slice(0, 64).toLowerCase();
  const b = right.slice(0, 64).toLowerCase();
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

/** `window` as it is written, `padded`: the spatial sizes with the padding. */
export const windowTooLarge = (
  d: {
    op: string;
    window: readonly number[];
    dilation: readonly number[];
    padded: readonly number[];
    shape: Shape;
  } & Details,
): TapelessError => {
  const spans = d.window.map((n, i) => d.dilation[i]! * (n - 1) + 1);
  const dilated = spans.join() === d.window.join() ? "" : `, which spans ${printValue(spans)},`;
  const padded =
    d.padded.join() === d.shape.slice(1, -1).map(printDim).join() ? "" : `, padded to ${printValue(d.padded)}`;
  return new TapelessError(
    "WINDOW_TOO_LARGE",
    `${d.op}: a window of ${printValue(d.window)}${dilated} does not fit into x ${printShape(d.shape)}${padded}`,
    { hint: 'padding: "same" keeps the size at stride 1', ...d },
  );
};

export const badGroups = (
  d: { op: string; groups: number; what: string; channels: number; left: Shape; right: string } & Details,
): TapelessError =>
  new TapelessError(
    "BAD_GROUPS",
    `${d.op} cannot divide ${d.channels} ${d.what} into ${d.groups} groups: x is ${printShape(d.left)}, the weight ${d.right}`,
    d,
  );

// Formulas

/** `column` counts from 1. */
export const formulaError = (d: { text: string; column: number; why: string } & Details): TapelessError =>
  new TapelessError("FORMULA_ERROR", `formula ${printValue(d.text)}, column ${d.column}: ${d.why}`, d);

// Names

export const duplicateName = (
  d: { what: string; name: string; other: Frame | undefined; otherCall: string } & Details,
): TapelessError =>
  new TapelessError(
    "DUPLICATE_NAME",
    `two ${d.what} are called ${printValue(d.name)}: one is made here, the other ` +
      (d.other ? `at ${placeText(d.other)}` : `by an earlier call of ${d.otherCall}`),
    { ...d, places: [d.other] },
  );

export const badName = (d: { what: string; name: string; why: string } & Details): TapelessError =>
  new TapelessError(
    "BAD_NAME",
    `${printValue(d.name)} cannot be the name of ${/^[aeiou]/.test(d.what) ? "an" : "a"} ${d.what}: ${d.why}`,
    d,
  );

// Definition files and generated files

export const fileNotFound = (d: { what: string; path: string } & Details): TapelessError =>
  new TapelessError("FILE_NOT_FOUND", `there is no ${d.what} ${d.path}`, d);

export const badSyntax = (d: { text: string } & Details): TapelessError => new TapelessError("BAD_SYNTAX", d.text, d);

export const noExport = (d: { module: string; name: string; known: readonly string[] } & Details): TapelessError =>
  new TapelessError("NO_EXPORT", `${d.module} has no export ${d.name}`, {
    ...d,
    hint: nearHint(d.name, d.known) ?? "docs/reference/README.md lists what there is, CHANGELOG.md what was renamed",
  });

/** `later`: when the file was loaded already, such as in a timer. */
export const definitionThrows = (d: { path: string; message: string; later?: boolean } & Details): TapelessError =>
  new TapelessError(
    "DEFINITION_THROWS",
    `${d.path} threw ${d.later ? "after it was loaded, in something that it had started" : "while it was loaded"}: ${d.message}`,
    d,
  );

export const definitionEnds = (d: { path: string; code: unknown } & Details): TapelessError =>
  new TapelessError(
    "DEFINITION_ENDS",
    `${d.path} called process.exit(${d.code === undefined ? "" : printValue(d.code)}), which would end the command before it has done anything`,
    { hint: "throw an error in its place", ...d },
  );

/** `seconds`: how long it was waited for; absent: nothing is left that could end the waiting. */
export const definitionWaits = (d: { path: string; seconds?: number } & Details): TapelessError =>
  new TapelessError(
    "DEFINITION_WAITS",
    d.seconds === undefined
      ? `${d.path} awaits something that never comes: nothing is running any more that could bring it`
      : `${d.path} was not done after ${d.seconds} seconds`,
    { hint: "look for a top-level await of a promise that nobody settles", ...d },
  );

/** A warning. */
export const definitionKeepsRunning = (d: { path: string; what: string } & Details): TapelessError =>
  new TapelessError("DEFINITION_KEEPS_RUNNING", `${d.path} left ${d.what} running, which is not waited for`, {
    hint: "clear or close it where the definition is done with it",
    ...d,
  });

export const trainingThrows = (d: { path: string; part: string; message: string } & Details): TapelessError =>
  new TapelessError("TRAINING_THROWS", `${d.part} of ${d.path} threw: ${d.message}`, d);

export const diverged = (
  d: { loss: number; step: number; steps: number; epoch: number; epochs: number; goesOn: boolean } & Details,
) =>
  new TapelessError(
    "DIVERGED",
    `the loss is ${d.loss} at ${d.epoch === 0 ? `update ${d.step} before training` : `step ${d.step} of ${d.steps} in epoch ${d.epoch} of ${d.epochs}`}` +
      `${d.goesOn ? "; training goes on" : ", so training stops"}`,
    {
      hint: `a smaller rate, or clipped gradients${d.goesOn ? "" : "; --keep-going trains on"}`,
      ...d,
    },
  );

export const noNetwork = (d: { path: string; found: string } & Details): TapelessError =>
  new TapelessError("NO_NETWORK", `${d.path} must have a network as its default export, but ${d.found}`, d);

export function notMadeHere(d: { call: string; value: unknown; isNetwork: boolean }): TapelessError {
  const { call, value, isNetwork } = d;
  const what = isNetwork ? "one that another copy of tapeless made" : printValue(value);
  const hint = isNetwork
    ? "install tapeless once, and import network(...) and the compiler from it"
    : 'pass what network("name", { outputs, loss, optimizer }) returns';
  return new TapelessError("NO_NETWORK", `${call} needs a network, but got ${what}`, { hint });
}

export const noTraining = (d: { path: string; found: string } & Details): TapelessError =>
  new TapelessError("NO_TRAINING", `${d.path} must have a training({ ... }) as its default export, but ${d.found}`, d);

export const foreignFile = (d: { path: string } & Details): TapelessError =>
  new TapelessError("FOREIGN_FILE", `${d.path} was not written by tapeless and is left as it is`, d);

export const cannotWrite = (d: { path: string; why: string } & Details): TapelessError =>
  new TapelessError("CANNOT_WRITE", `${d.path} cannot be written: ${d.why}`, d);

export const badSchedule = (d: { text: string } & Details): TapelessError =>
  new TapelessError("BAD_SCHEDULE", d.text, { hint: "write it again with tapeless tune, or delete it", ...d });

export const badData = (d: { text: string } & Details): TapelessError =>
  new TapelessError("BAD_DATA", d.text, {
    hint: 'values are flat lists: { "inputs": { "x": [1, 2] }, "targets": { "y": [0] } }',
    ...d,
  });

/** A warning; `generate --check` fails for it. */
export const staleSchedule = (
  d: { path: string; stale: readonly { kernel: string; loops: string }[] } & Details,
): TapelessError =>
  new TapelessError(
    "STALE_SCHEDULE",
    `${d.path} has tiles for kernels that the network has no more, which are ignored: ` +
      d.stale.map(({ kernel, loops }) => `${kernel} (${loops})`).join(", "),
    { hint: "measure again with tapeless tune", ...d },
  );

export const sameOutput = (d: { output: string; first: string; second: string } & Details): TapelessError =>
  new TapelessError("SAME_OUTPUT", `${d.first} and ${d.second} would both be written to ${d.output}`, d);

export const noDefinition = (d: { where: string } & Details): TapelessError =>
  new TapelessError("NO_DEFINITION", `there is no definition in ${d.where}`, d);

/** `text`: what is wrong with it. */
export const badConfig = (d: { path: string; text: string } & Details): TapelessError =>
  new TapelessError("BAD_CONFIG", `${d.path}: ${d.text}`, d);

/** For an import of `./name.net.compiled` without its definition. */
export const noDefinitionFor = (d: { specifier: string; path: string; endings: string } & Details): TapelessError =>
  new TapelessError("NO_DEFINITION", `${printValue(d.specifier)} is imported, but there is no ${d.path}`, {
    hint: `the definition ends in one of ${d.endings}`,
    ...d,
  });

/** A bundler has the module's text alone. */
export const noWasmFile = (d: { network: string } & Details): TapelessError =>
  new TapelessError("BAD_CONFIG", `${d.network}: wasmFile is not for a module that a bundler compiles`, {
    hint: "say wasmFile: false in the plugin's options, which keeps the bytes in the script; or write the module with tapeless generate --wasm-file, and import that",
    ...d,
  });

export const badUsage = (d: { text: string } & Details): TapelessError => new TapelessError("BAD_USAGE", d.text, d);

// Memory

export const tooLarge = (d: { bytes: number; budget: number } & Details): TapelessError =>
  new TapelessError(
    "TOO_LARGE",
    `the network needs ${d.bytes.toLocaleString("en-US")} bytes, more than the budget of ${d.budget.toLocaleString("en-US")}`,
    { hint: "a smaller batch, or smaller layers", ...d },
  );

// Builds

export const unknownEntry = (d: { name: string; known: readonly string[] } & Details): TapelessError =>
  new TapelessError("UNKNOWN_ENTRY", `the network has no entry ${printValue(d.name)}`, {
    hint: nearestHint(d.name, d.known),
    ...d,
  });

export const missingValue = (d: { what: string; name: string; known: readonly string[] } & Details): TapelessError =>
  new TapelessError("MISSING_VALUE", `no value was given for the ${d.what} ${printValue(d.name)}`, {
    hint: nearestHint(d.name, d.known),
    ...d,
  });

// Values

export const indexOutOfRange = (
  d: { op: string; index: number; axis: number; size: number } & Details,
): TapelessError =>
  new TapelessError(
    "INDEX_OUT_OF_RANGE",
    `${d.op} reads index ${d.index} of axis ${d.axis}, which has ${d.size} entries`,
    d,
  );

// Gradients

export const wrongGradient = (
  d: {
    operand: number;
    operands: number;
    element: number;
    value: number;
    stated: number;
    measured: number;
  } & Details,
): TapelessError =>
  new TapelessError(
    "WRONG_GRADIENT",
    `customGradient: ${d.operands > 1 ? `backward's gradient of operand ${d.operand}` : "backward's gradient"} is ` +
      `${d.stated.toPrecision(6)} at element ${d.element} of a random point (${d.value.toPrecision(6)}), but differences ` +
      `of the forward function give ${d.measured.toPrecision(6)}`,
    { hint: "correct it, or say { check: false } if it is meant to be another gradient", ...d },
  );

export const pointNotFinite = (d: { step: string; loss: number } & Details): TapelessError =>
  new TapelessError(
    "POINT_NOT_FINITE",
    `the loss of ${d.step} is ${d.loss} at all the random values that were tried, so that no gradient can be compared`,
    { hint: "give inputs and targets for which it is finite: gradcheck(net, { inputs, targets }), or --data", ...d },
  );

// Networks

export const emptyNetwork = (d: { name: string } & Details): TapelessError =>
  new TapelessError("EMPTY_NETWORK", `network ${printValue(d.name)} has neither outputs, nor a loss, nor entries`, d);

export const halfStep = (d: { loss: boolean; optimizer: boolean; steps: boolean } & Details): TapelessError =>
  new TapelessError(
    "BAD_STEPS",
    d.steps
      ? "a network has either loss and optimizer, or steps, not both"
      : `a network that has ${d.loss ? "a loss" : "an optimizer"} also needs ${d.loss ? "an optimizer" : "a loss"}`,
    { hint: d.steps ? "move them into steps: { step: { loss, optimizer } }" : "optimizer: sgd({ rate: 0.1 })", ...d },
  );

export const nonScalarLoss = (d: { step: string; shape: Shape; dtype: string } & Details): TapelessError =>
  new TapelessError(
    "NON_SCALAR_LOSS",
    `the loss of ${d.step} must be a float32 scalar, but it is ${d.dtype} ${printShape(d.shape)}`,
    { hint: "mean(...) makes one number of it", ...d },
  );

export const unreachedParameter = (d: { parameter: string; step: string } & Details): TapelessError =>
  new TapelessError(
    "UNREACHED_PARAMETER",
    `no gradient of the loss of ${d.step} reaches ${d.parameter}, so nothing can train it`,
    {
      hint: "use it in the loss, or leave it out of the step's parameters and groups",
      ...d,
    },
  );

export const nothingToTrain = (d: { step: string } & Details): TapelessError =>
  new TapelessError("NOTHING_TO_TRAIN", `no gradient of the loss of ${d.step} reaches a trainable parameter`, {
    hint: "use a layer such as dense, or parameter(...)",
    ...d,
  });

export const outputNeedsTarget = (d: { output: string; target: string; entry: string } & Details): TapelessError =>
  new TapelessError(
    "OUTPUT_NEEDS_TARGET",
    `output ${d.output} depends on the target ${printValue(d.target)}, which ${d.entry} does not have`,
    {
      hint: "declare it with input(...) if it is known when predicting",
      ...d,
    },
  );

export const tooLargeTensor = (d: { shape: Shape; bytes: number; budget: number } & Details): TapelessError =>
  new TapelessError(
    "TOO_LARGE",
    `a tensor of shape ${printShape(d.shape)} needs ${d.bytes.toLocaleString("en-US")} bytes, more than the budget of ${d.budget.toLocaleString("en-US")}`,
    d,
  );

export const updatedTwice = (d: { what: string; state: string } & Details): TapelessError =>
  new TapelessError("UPDATED_TWICE", `${d.what} gives the state ${printValue(d.state)} two next values`, {
    hint: "make one updating(...) of the two",
    ...d,
  });

/** `float32 [3, 4]`. */
export const printType = ({ dtype, shape }: { readonly dtype: string; readonly shape: Shape }): string =>
  `${dtype} ${printShape(shape)}`;

export const badUpdate = (
  d: {
    optimizer: string;
    leaf: { readonly dtype: string; readonly shape: Shape; readonly def: { readonly name: string } };
    why: string;
  } & Details,
): TapelessError =>
  new TapelessError(
    "BAD_UPDATE",
    `the optimizer ${d.optimizer} gives a ${d.leaf.def.name} of ${printType(d.leaf)} ${d.why}`,
    {
      hint: "each parameter, slot and state that changes has one next value, of its own shape and dtype",
      ...d,
    },
  );

export const updateInLoop = (d: { state: string } & Details): TapelessError =>
  new TapelessError("UPDATE_IN_LOOP", `the state ${printValue(d.state)} is updated inside a loop, once for each turn`, {
    hint: "return the value from the loop and use updating(...) outside it",
    ...d,
  });

// Layers that are applied more than once

export const layerMismatch = (
  d: { what: string; why: string; first: Frame | undefined; inner: CallSite } & Details,
): TapelessError => {
  const inner = userFrames(d.inner)[0];
  const asked = inner ? ` (${placeText(inner)})` : "";
  const first = d.first ? ` at ${placeText(d.first)}` : "";
  return new TapelessError(
    "LAYER_MISMATCH",
    `this application of the layer asks for ${d.what}${asked}, and what the first application${first} made does not fit: ${d.why}`,
    {
      hint: "all applications of a layer share its parameters; what has others is a layer of its own",
      ...d,
      places: [inner, d.first],
    },
  );
};

export const layerInItself = (d: Details): TapelessError =>
  new TapelessError("LAYER_IN_ITSELF", "the layer is applied within its own application", {
    hint: "apply it to the result: f(f(x))",
    ...d,
  });

export const layerNotApplied = (d: Details): TapelessError =>
  new TapelessError("LAYER_NOT_APPLIED", "the layer has no parameters yet: its first application makes them", {
    hint: "read `parameters` after the layer has been applied",
    ...d,
  });

export const badInitial = (d: { what: string; why: string } & Details): TapelessError =>
  new TapelessError("BAD_INITIAL", `the initial value of ${d.what} depends on ${d.why}, which has no value yet`, {
    hint: "make it of constants, random numbers, and parameters and states that have initial values themselves",
    ...d,
  });
