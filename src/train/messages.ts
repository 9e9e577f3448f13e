// Every message of tapeless/train in one place, in the format of the rest of tapeless: CODE: a sentence with the
// values, then a hint. This folder imports nothing, so that a page can ship it beside an emitted module.

/**
 * What `tapeless/train`, `tapeless/data` and `tapeless/page` throw. `message` has the code, the sentence and the hint.
 * @example
 * ```ts
 * const model = compile(network("example", { batch: 4, outputs: { y: input("x", ["batch", 2]) } })).create();
 * let sentence = "";
 * try {
 *   predict(model, { inputs: { x: [1, 2, 3] } });
 * } catch (error) {
 *   if (error instanceof TrainError) sentence = error.sentence;
 * }
 * sentence; // "inputs.x has 3 numbers, which is not a multiple of the 2 numbers of one row [batch, 2]"
 * ```
 */
export class TrainError extends Error {
  /** "TrainError". */
  override readonly name = "TrainError";
  /** Which error it is, such as "BAD_LENGTH". Codes are stable. */
  readonly code: string;
  /** What is wrong, with the values. */
  readonly sentence: string;
  /** What to do about it, where something is known. */
  readonly hint: string | undefined;
  /** The single errors, where one call has several things wrong; otherwise only this one. */
  readonly errors: readonly TrainError[];

  constructor(code: string, sentence: string, hint?: string, errors?: readonly TrainError[]) {
    super(errors ? errors.map((error) => error.message).join("\n") : format(code, sentence, hint));
    this.code = code;
    this.sentence = sentence;
    this.hint = hint;
    this.errors = errors ?? [this];
  }
}

const format = (code: string, sentence: string, hint: string | undefined): string =>
  `${code}: ${sentence}${hint ? `\n  hint: ${hint}` : ""}`;

/** Throws all of them at once; one is thrown as itself. */
export function throwAll(errors: readonly TrainError[]): void {
  const first = errors[0];
  if (first === undefined) return;
  throw errors.length === 1 ? first : new TrainError(first.code, first.sentence, first.hint, errors);
}

// Names

type Named = { kind: string; name: string; known: readonly string[] };

export const unknownName = (d: Named): TrainError =>
  new TrainError("UNKNOWN_NAME", `there is no ${d.kind} named ${shown(d.name)}`, didYouMean(d.name, d.known));

export const unknownOption = (d: { name: string; known: readonly string[]; hints: Hints | undefined }): TrainError =>
  new TrainError(
    "UNKNOWN_NAME",
    `there is no option named ${shown(d.name)}`,
    d.hints && Object.hasOwn(d.hints, d.name) ? d.hints[d.name] : didYouMean(d.name, d.known),
  );

/** What takes the place of an option that another framework has. */
export type Hints = Readonly<Record<string, string>>;

export const HINTS: Hints = {
  metrics:
    "metrics are declared with the network: network(name, { ..., metrics: { accuracy: accuracy(logits, digit) } }); " +
    "`fit` measures them on the validation rows, and with trainingMetrics: true on the training rows",
};

export const missingName = (d: { kind: string; name: string; given: readonly string[] }): TrainError =>
  new TrainError(
    "MISSING_DATA",
    `${d.kind} ${quote(d.name)} has no data`,
    d.given.length > 0 ? `given: ${list(d.given)}` : undefined,
  );

export const weightsOfOtherNaming = (d: { naming: "source" | "ordinal"; theirs: string; ours: string }): TrainError => {
  const ordinal = (name: string): string => `calls with numbers (${name})`;
  const source = (name: string): string => `those of its source (${name})`;
  const [them, us] = d.naming === "ordinal" ? [ordinal, source] : [source, ordinal];
  return new TrainError(
    "OTHER_NAMING",
    `these weights were saved by a build whose names are ${them(d.theirs)}, and the names of this model are ${us(d.ours)}`,
    `${d.naming === "ordinal" ? "save the weights from a build" : "build the model"} that has the definition's file: ` +
      "`tapeless generate`, or compile where the file or its source map can be read",
  );
};

export const missingEntry = (d: { model: string; entry: string }): TrainError =>
  new TrainError(
    "MISSING_ENTRY",
    `the model ${quote(d.model)} has no function ${d.entry}`,
    `generate it with an entry list that includes ${quote(d.entry)}`,
  );

export const chooseStep = (d: { model: string; steps: readonly string[] }): TrainError =>
  new TrainError(
    "CHOOSE_STEP",
    d.steps.length > 0
      ? `the model ${quote(d.model)} has several steps: ${list(d.steps)}`
      : `the model ${quote(d.model)} has no training step`,
    d.steps.length > 0 ? `name one with the option step: ${quote(d.steps[0]!)}` : undefined,
  );

export const duplicateMetric = (d: { metric: string }): TrainError =>
  new TrainError(
    "DUPLICATE_METRIC",
    `two results would be named ${quote(d.metric)}`,
    "give the metric another name in the network",
  );

// Data

export const notARecord = (d: { field: string; value: unknown; names: readonly string[] }): TrainError =>
  new TrainError(
    "NOT_A_RECORD",
    `${d.field} must be an object of columns by name, but it is ${shown(d.value)}`,
    d.names.length > 0
      ? `write ${d.field === "data" ? "" : `${d.field}: `}{ ${d.names.map((name) => `${quote(name)}: ...`).join(", ")} }`
      : undefined,
  );

export const notAColumn = (d: { field: string; value: unknown }): TrainError =>
  new TrainError(
    "NOT_NUMBERS",
    `${d.field} must be a typed array or an array of numbers, but it is ${shown(d.value)}`,
    Array.isArray(d.value) ? "nested arrays are flattened with rows.flat(Infinity)" : undefined,
  );

export const badLength = (d: { field: string; length: number; rowLength: number; shape: string }): TrainError =>
  new TrainError(
    "BAD_LENGTH",
    `${d.field} has ${d.length} numbers, which is not a multiple of the ${d.rowLength} numbers of one row ${d.shape}`,
  );

export const badFixedLength = (d: { field: string; length: number; expected: number; shape: string }): TrainError =>
  new TrainError(
    "BAD_LENGTH",
    `${d.field} has ${d.length} numbers, but ${d.shape} has ${d.expected} (it has no batch axis)`,
  );

export const rowCounts = (d: { counts: readonly (readonly [string, number])[] }): TrainError =>
  new TrainError(
    "ROW_COUNTS",
    `the data has different numbers of rows: ${d.counts.map(([field, rows]) => `${field} ${rows}`).join(", ")}`,
  );

export const noRows = (d: { what: string }): TrainError => new TrainError("NO_ROWS", `${d.what} has no rows`);

export const rowsNotKnown = (): TrainError =>
  new TrainError(
    "NO_ROWS",
    "no input or target has a batch axis, so the number of rows is not known",
    "give it: { inputs, rows: 100 }",
  );

export const badValue = (d: {
  field: string;
  row: number;
  index: number;
  value: unknown;
  expected: string;
  hint?: string | undefined;
}): TrainError =>
  new TrainError(
    "BAD_VALUE",
    `${d.field} at row ${d.row}, index ${d.index} must be ${d.expected}, but it is ${shown(d.value)}`,
    d.hint,
  );

export const batchAxisNotFirst = (d: { field: string; shape: string }): TrainError =>
  new TrainError(
    "BATCH_AXIS",
    `${d.field} of shape ${d.shape} is not a sequence of rows: "batch" must be its first axis and no other`,
    d.field.startsWith("outputs")
      ? "name the outputs to collect with the option outputs: [...]"
      : "call the model's own functions for it",
  );

// Data that come batch by batch

export const notBatches = (d: { value: unknown }): TrainError =>
  new TrainError(
    "NOT_BATCHES",
    `data must give batches one after the other, but it gives ${shown(d.value)}`,
    "an iterable, an async iterable, or a function that returns one: async function* () { yield { inputs, targets }; }",
  );

export const mustWait = (d: { caller: string; instead: string }): TrainError =>
  new TrainError("MUST_WAIT", `${d.caller} cannot wait for batches of an async iterable`, `call await ${d.instead}(…)`);

export const inBatch = (d: { batch: number; error: TrainError }): TrainError => {
  const told = d.error.errors.map(
    ({ code, sentence, hint }) => new TrainError(code, `batch ${d.batch}: ${sentence}`, hint),
  );
  const [first, ...more] = told;
  return more.length === 0 ? first! : new TrainError(first!.code, first!.sentence, first!.hint, told);
};

export const readOnce = (d: { epoch: number }): TrainError =>
  new TrainError(
    "READ_ONCE",
    `the batches ended with epoch ${d.epoch}: they can be gone through only once`,
    "give a function that begins anew: () => batches()",
  );

export const unshuffled = (): TrainError =>
  new TrainError(
    "BAD_OPTION",
    "batches that come one after the other cannot be shuffled by fit",
    "leave out shuffle, and shuffle where they come from",
  );

export const unsplit = (): TrainError =>
  new TrainError(
    "BAD_OPTION",
    "batches that come one after the other cannot be split by fit",
    "give validationData in place of validationSplit",
  );

export const uncheckpointed = (): TrainError =>
  new TrainError(
    "BAD_OPTION",
    "a run over batches that come one after the other has no checkpoints: it could not go on in the middle of them",
    "give the rows as columns, or keep the model yourself: checkpointOf(model)",
  );

// Said while training goes on

export const lossNotFinite = (d: { loss: number; epoch: number; step: number }): string =>
  `tapeless: the loss is ${d.loss} since epoch ${d.epoch + 1}, step ${d.step + 1}; a lower rate may help, or ` +
  "clip: clipByGlobalNorm(1) in the optimizer";

// Options and arguments

export const badOption = (d: {
  option: string;
  value: unknown;
  expected: string;
  hint?: string | undefined;
}): TrainError =>
  new TrainError("BAD_OPTION", `${d.option} must be ${d.expected}, but it is ${shown(d.value)}`, d.hint);

export const badRecurrentWeights = (d: {
  kind: string;
  from: string | undefined;
  lengths: readonly number[];
}): TrainError =>
  new TrainError(
    "BAD_RECURRENT_WEIGHTS",
    d.from === undefined
      ? "recurrentWeights needs weightIh and weightHh, kernel and recurrentKernel, or W and R"
      : `arrays of ${d.lengths.join(", ")} numbers are not the ${d.from} weights of one ${d.kind} layer`,
    "input weights, recurrent weights, then biases; one layer and one direction at a time",
  );

export const emptySplit = (d: { rows: number; fraction: number; side: string }): TrainError =>
  new TrainError("EMPTY_SPLIT", `validationSplit ${d.fraction} of ${d.rows} rows leaves no row for ${d.side}`);

// Files and checkpoints

export const badFile = (d: { what: string }): TrainError =>
  new TrainError("BAD_FILE", `this is no safetensors file: ${d.what}`);

export const badTensor = (d: { name: string; what: string }): TrainError =>
  new TrainError("BAD_TENSOR", `the tensor ${quote(d.name)} ${d.what}`);

export const headerTooLong = (d: { length: number; limit: number; names: number; most: number }): TrainError =>
  new TrainError(
    "HEADER_TOO_LONG",
    `the file's header would have ${d.length} bytes and ${d.names} names; ${d.limit} and ${d.most} are read`,
  );

export const badShape = (d: { field: string; shape: readonly number[]; expected: readonly number[] }): TrainError => {
  const turned = d.shape.length > 1 && same([...d.shape].reverse(), d.expected);
  return new TrainError(
    "BAD_SHAPE",
    `${d.field} has the shape [${d.shape.join(", ")}], but here it is [${d.expected.join(", ")}]`,
    turned ? "its transpose fits: fromPyTorch reads weights as PyTorch keeps them" : undefined,
  );
};

export const nothingChosen = (d: { known: readonly string[] }): TrainError =>
  new TrainError("UNKNOWN_NAME", "no parameter has a name that `only` and `except` choose", `known: ${some(d.known)}`);

export const notACheckpoint = (): TrainError =>
  new TrainError(
    "NOT_A_CHECKPOINT",
    "this file has weights, but not all that training goes on from",
    "load(net, readSafetensors(bytes).tensors) takes the weights alone",
  );

export const otherType = (d: { field: string; dtype: string; expected: string }): TrainError =>
  new TrainError(
    "OTHER_TYPE",
    `${d.field} is ${d.dtype} in the checkpoint and ${d.expected} in the model, which would not go on with the same numbers`,
    "load(net, readSafetensors(bytes).tensors) takes the weights alone, rounded to the model's type",
  );

export const otherDefinition = (d: { theirs: string; ours: string }): TrainError =>
  new TrainError(
    "OTHER_DEFINITION",
    `the checkpoint is of another definition (${quote(d.theirs)}) than the model (${quote(d.ours)})`,
    "load(net, readSafetensors(bytes).tensors) takes the weights alone",
  );

export const badCheckpoint = (d: { what: string }): TrainError => new TrainError("BAD_CHECKPOINT", d.what);

export const otherRun = (d: { what: string; theirs: unknown; ours: unknown }): TrainError =>
  new TrainError(
    "OTHER_RUN",
    `the checkpoint is of a run with ${d.what} ${shown(d.theirs)}, and this one has ${shown(d.ours)}`,
    "give the options of the run that is to go on, or begin a new one elsewhere",
  );

export const checkpointsExist = (d: { name: string }): TrainError =>
  new TrainError(
    "CHECKPOINTS_EXIST",
    `there are checkpoints of an earlier run, ${quote(d.name)} the newest`,
    "checkpoint: { resume: true } goes on from it; for a new run, name another place or remove them",
  );

export const storeWaits = (): TrainError =>
  new TrainError("BAD_OPTION", "this store has to be waited for, which fit cannot", "use fitAsync");

export const storeFailed = (d: { what: string; error: unknown }): TrainError =>
  new TrainError("STORE_FAILED", `${d.what}: ${d.error instanceof Error ? d.error.message : shown(d.error)}`);

export const noStore = (d: { what: string; hint: string }): TrainError =>
  new TrainError("NO_STORE", `there is no ${d.what} here`, d.hint);

export const unknownLayer = (d: { layer: unknown; known: readonly string[] }): TrainError =>
  new TrainError("BAD_OPTION", `a layer must be one of ${list(d.known)}, but it is ${shown(d.layer)}`);

export const nothingUnder = (d: {
  name: string;
  layer: string;
  expected: readonly string[];
  known: readonly string[];
}): TrainError =>
  new TrainError(
    "UNKNOWN_NAME",
    `there is no tensor ${list(d.expected)} for the ${d.layer} ${quote(d.name)}`,
    didYouMean(d.expected[0]!, d.known),
  );

// Words

const quote = (name: string): string => JSON.stringify(name);
const list = (names: readonly string[]): string => names.map(quote).join(", ");

/** Some names, or that there are none. */
export const listed = (names: readonly string[]): string => (names.length === 0 ? "nothing" : some(names));
const some = (names: readonly string[]): string => `${list(names.slice(0, 12))}${names.length > 12 ? ", ..." : ""}`;
const same = (a: readonly number[], b: readonly number[]): boolean => a.join() === b.join();

/** A value as a message shows it: short, on one line, and safe for any input. */
export function shown(value: unknown): string {
  if (typeof value === "string") return quote(value.length > 80 ? `${value.slice(0, 77)}...` : value);
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return `[${value.slice(0, 4).map(shown).join(", ")}${value.length > 4 ? ", ..." : ""}]`;
  if (typeof value !== "object" || value === null) return String(value);
  return `an object of type ${value.constructor?.name ?? "Object"}`;
}

function didYouMean(name: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const nearest = known.map((other) => [distance(name, other), other] as const).sort((a, b) => a[0] - b[0])[0]!;
  const near = nearest[0] <= Math.max(2, Math.floor(name.length / 3));
  return near ? `did you mean ${quote(nearest[1])}?` : `known: ${some(known)}`;
}

/** Levenshtein's edit distance, case ignored. */
function distance(left: string, right: string): number {
  const a = left.toLowerCase().slice(0, 64);
  const b = right.toLowerCase().slice(0, 64);
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
