// The rule of docs/options.md holds of every public function: operands and what a call cannot do without stand by themselves, and
// all else is an options object, which may be left out.

import { readFileSync } from "node:fs";
import { expect, describe, test } from "vitest";
import { CALLS } from "../../src/graph/calls.js";
import { functionsOf, publicFunctions, type Parameter, type PublicFunction } from "./signatures.js";

/** Arguments that are records and no options, with what they are. */
const RECORDS: Readonly<Record<string, string>> = {
  "network options": "a declaration: the parts of a network",
  "metric definition": "a declaration: the parts of a metric",
  "evaluate model": "an operand: a generated model",
  "evaluate data": "an operand: columns by their names",
  "fit model": "an operand: a generated model",
  "fit data": "an operand: columns by their names",
  "fitAsync model": "an operand: a generated model",
  "fitAsync data": "an operand: columns by their names",
  "evaluateAsync model": "an operand: a generated model",
  "evaluateAsync data": "an operand: columns by their names",
  "predict model": "an operand: a generated model",
  "predict data": "an operand: columns by their names",
  "load model": "an operand: a generated model",
  "load parameters": "an operand: values by the parameters' names",
  "save model": "an operand: a generated model",
  "tensorsOf model": "an operand: a generated model",
  "checkpointOf model": "an operand: a generated model",
  "restore model": "an operand: a generated model",
  "restore bytes": "an operand: the bytes of a file",
  "readSafetensors bytes": "an operand: the bytes of a file",
  "writeSafetensors tensors": "an operand: tensors by their names",
  "fromPyTorch tensors": "an operand: tensors by their names",
  "fromPyTorch names": "an operand: their names by ours",
  "fromKeras tensors": "an operand: tensors by their names",
  "fromKeras names": "an operand: their names by ours",
  "checkpointStore files": "a declaration: the functions of a store",
  "recurrentWeights given": "an operand: weights as another framework keeps them",
  "historyToCsv history": "an operand: columns by their names",
  "historyToJsonLines history": "an operand: columns by their names",
  "lossCurve history": "an operand: columns by their names",
  "readIdx source": "an operand: bytes, whatever holds them",
  "readNpy source": "an operand: bytes, whatever holds them",
  "readCsv source": "an operand: bytes, whatever holds them",
  "readPng source": "an operand: bytes, whatever holds them",
  "idxBatches source": "an operand: bytes, whatever holds them",
  "npyBatches source": "an operand: bytes, whatever holds them",
  "csvBatches source": "an operand: bytes, whatever holds them",
  "parseIdx bytes": "an operand: bytes",
  "parseNpy bytes": "an operand: bytes",
  "imageTensor image": "an operand: pixels",
  "normalize x": "an operand: numbers with their shape",
  "takeRows from": "an operand: numbers with their shape",
  "zipBatches inputs": "an operand: columns by their names",
  "zipBatches targets": "an operand: columns by their names",
  "bars element": "an operand: an element of a page",
  "drawingPad canvas": "an operand: an element of a page",
  "liveCurve svg": "an operand: an element of a page",
  "mnistImage picture": "an operand: pixels",
  "glorotNormal origin": "an initialiser, which is given as it is: the layer calls it",
  "glorotUniform origin": "an initialiser, which is given as it is: the layer calls it",
  "heNormal origin": "an initialiser, which is given as it is: the layer calls it",
  "heUniform origin": "an initialiser, which is given as it is: the layer calls it",
  "zeros origin": "an initialiser, which is given as it is: the layer calls it",
};

/** Arguments that may be left out and are no options, with why. */
const ALONE: Readonly<Record<string, string>> = {
  "leakyRelu slope": "the parameter of its formula",
  "elu alpha": "the parameter of its formula",
  "flatten axis": "it only moves axes",
  "transpose order": "it only moves axes",
  "flip axis": "it only moves axes",
  "size axis": "it only counts axes",
  "causalMask keys": "it is made of sizes",
};

const concepts: ReadonlySet<string> = new Set(
  [...readFileSync(new URL("../../docs/options.md", import.meta.url), "utf8").matchAll(/^\| `(\w+)`/gm)].map(
    ([, name]) => name!,
  ),
);

const isRecord = (name: string, parameter: Parameter): boolean => `${name} ${parameter.name}` in RECORDS;

const hasOptions = (name: string, parameter: Parameter): boolean =>
  parameter.members !== undefined && !isRecord(name, parameter);

const isBare = (name: string, parameter: Parameter): boolean =>
  parameter.isOptional && !parameter.isRest && !hasOptions(name, parameter);

/** What is wrong with a function's signature, each in a sentence. */
function problemsOf({ name, overloads }: PublicFunction): string[] {
  // What a caller may write without options.
  const without = overloads.map((parameters) => {
    const needed = parameters.filter((one) => !(hasOptions(name, one) && one.isOptional));
    return needed.map((one) => one.name).join();
  });
  const all = overloads.flat();
  const both = all.some((one) => hasOptions(name, one)) && all.some((one) => isBare(name, one));
  return [
    ...(both ? ["an optional positional argument beside options"] : []),
    ...overloads.flatMap((parameters) =>
      parameters.flatMap((one, i) => {
        const isLast = i === parameters.length - 1;
        const rest = parameters.slice(0, i).map((other) => other.name);
        if (hasOptions(name, one)) return ofOptions(one, isLast, without.includes(rest.join()));
        if (!isBare(name, one)) return [];
        return [
          ...(isLast ? [] : [`${one.name}, which may be left out, is not the last argument`]),
          ...(`${name} ${one.name}` in ALONE ? [] : [`${one.name}, which may be left out, is no option`]),
          ...(one.isWord ? [`${one.name}, a flag or a word, stands without its name`] : []),
        ];
      }),
    ),
  ];
}

/** `isForTypes`: another overload does without the options, so that one which needs them exists for its types. */
function ofOptions(options: Parameter, isLast: boolean, isForTypes: boolean): string[] {
  const members = options.members!;
  const isNeeded = !options.isOptional;
  return [
    ...(options.name === "options" ? [] : [`options are called ${options.name}`]),
    ...(isLast ? [] : ["options are not the last argument"]),
    ...(isNeeded && !isForTypes ? ["options cannot be left out"] : []),
    ...members.flatMap((member) =>
      member.isOptional || (isNeeded && isForTypes) ? [] : [`the option ${member.name} cannot be left out`],
    ),
    ...members.flatMap(({ name }) => (concepts.has(name) ? [] : [`the option ${name} has no line in docs/options.md`])),
  ];
}

const functions = publicFunctions();

describe("every public function", () => {
  test.each(functions.map((one) => [one.name, one] as const))("%s", (_, one) => {
    expect(problemsOf(one)).toEqual([]);
  });

  test("is among them", () => {
    expect(functions.length).toBeGreaterThan(190);
    for (const name of ["dense", "conv2d", "scan", "softmax", "adam", "cosineDecay", "fit", "network", "mean"]) {
      expect(functions.map((one) => one.name)).toContain(name);
    }
  });

  test("each record is an argument that there is, and each concept an option", () => {
    const records = functions.flatMap(({ name, overloads }) =>
      overloads.flat().flatMap((one) => (one.members === undefined ? [] : [`${name} ${one.name}`])),
    );
    expect(Object.keys(RECORDS).filter((record) => !records.includes(record))).toEqual([]);
    const options = new Set(
      functions.flatMap(({ name, overloads }) =>
        overloads.flat().flatMap((one) => (hasOptions(name, one) ? one.members!.map((member) => member.name) : [])),
      ),
    );
    const alone = functions.flatMap(({ name, overloads }) =>
      overloads.flat().flatMap((one) => (isBare(name, one) ? [`${name} ${one.name}`] : [])),
    );
    expect(Object.keys(ALONE).filter((argument) => !alone.includes(argument))).toEqual([]);
    expect([...concepts].filter((concept) => !options.has(concept))).toEqual([]);
  });
});

/** As `src/graph/calls.ts` writes it: what stands by itself, in its order. */
const written = ({ name, overloads }: PublicFunction): string[] =>
  overloads.map((parameters) => {
    const bare = parameters.filter((one) => one.members === undefined);
    return `${name}(${bare.map((one) => (one.isRest ? `...${one.name}` : one.name)).join(", ")})`;
  });

describe("how calls are written, for hints", () => {
  const all = functions.flatMap(written);

  test("is how they are declared", () => {
    expect(CALLS.filter((call) => !all.includes(call))).toEqual([]);
    expect(new Set(CALLS.map((call) => call.split("(")[0])).size).toBe(CALLS.length);
  });

  test("is known of each function with options, but for declarations and what trains", () => {
    const listed = CALLS.map((call) => call.split("(")[0]);
    const missing = functions.flatMap(({ name, overloads }) =>
      overloads.flat().some((one) => hasOptions(name, one)) && !listed.includes(name) ? [name] : [],
    );
    const data = [
      "classWeights csvBatches parseCsv readCsv idxBatches imageTensor normalize npyBatches readPng shuffledRows kFold splitRows",
    ];
    const train = ["evaluate evaluateAsync fit fitAsync lossCurve predict writeSafetensors load tensorsOf"];
    const page = ["drawingPad recentLoss weightsImage"];
    expect(missing.toSorted()).toEqual([...train, ...data, ...page].flatMap((names) => names.split(" ")).toSorted());
  });

  test("controls: another name or order is found", () => {
    expect(all).not.toContain("dense(units, x)");
    expect(all).not.toContain("dense(x, size)");
    expect(all).toContain("dense(x, units)");
  });
});

describe("controls: what breaks the rule is found", () => {
  const tensor = "interface Tensor { readonly def: object }\n";
  test.each<[string, string, string]>([
    [
      "options that cannot be left out",
      "f(x: Tensor, options: { readonly axis?: number; readonly keepAxes?: boolean }): void",
      "options cannot be left out",
    ],
    [
      "an option that cannot be left out",
      "f(x: Tensor, options: { readonly axis: number; readonly keepAxes?: boolean } = {} as never): void",
      "the option axis cannot be left out",
    ],
    [
      "the same behind a type parameter",
      "f<O extends { axis: number; keepAxes?: boolean }>(x: Tensor, options?: O): void",
      "the option axis cannot be left out",
    ],
    [
      "options amid the arguments",
      "f(options: { readonly axis?: number; readonly keepAxes?: boolean } | undefined, x: Tensor): void",
      "options are not the last argument",
    ],
    [
      "options by another name",
      "f(x: Tensor, settings: { readonly axis?: number; readonly keepAxes?: boolean } = {}): void",
      "options are called settings",
    ],
    [
      "both",
      "f(x: Tensor, factor = 1, options: { readonly axis?: number; readonly keepAxes?: boolean } = {}): void",
      "an optional positional argument beside options",
    ],
    [
      "two that may be left out",
      "f(x: Tensor, low = 0, high = 1): void",
      "low, which may be left out, is not the last argument",
    ],
    ["an axis that stands by itself", "f(x: Tensor, axis = -1): void", "axis, which may be left out, is no option"],
    ["a bare flag", "f(x: Tensor, keepAxes = false): void", "keepAxes, a flag or a word, stands without its name"],
    ["a bare word", 'f(x: Tensor, mode: "a" | "b" = "a"): void', "mode, a flag or a word, stands without its name"],
    [
      "a synonym",
      "f(x: Tensor, options: { readonly axis?: number; readonly learningRate?: number } = {}): void",
      "the option learningRate has no line in docs/options.md",
    ],
  ])("%s", (_, signature, problem) => {
    const [found] = functionsOf(`${tensor}export function ${signature} {}`);
    expect(problemsOf(found!)).toContain(problem);
  });

  test.each<[string, string]>([
    ["options", "f(x: Tensor, options: { readonly axis?: number; readonly keepAxes?: boolean } = {}): void {}"],
    ["the parameter of a formula", "leakyRelu(x: Tensor, slope = 0.01): void {}"],
    ["one option", "f(x: Tensor, options: { readonly axis?: number } = {}): void {}"],
    ["a flag by its name", "f(x: Tensor, options: { readonly keepAxes?: boolean } = {}): void {}"],
    ["as many as there are", "f(factor: number, ...parameters: readonly Tensor[]): void {}"],
    [
      "an overload that needs an option for its types",
      "f(x: Tensor, options: { axis: number; keepAxes?: boolean }): 1;\n" +
        "export function f(x: Tensor, options?: { axis?: number; keepAxes?: boolean }): 2;\n" +
        "export function f(x: Tensor, options: { axis?: number; keepAxes?: boolean } = {}): 1 | 2 { return 1; }",
    ],
    [
      "an overload for its types",
      "f(x: Tensor): 1;\nexport function f(x: Tensor, options: { axis?: number; keepAxes?: boolean }): 2;\n" +
        "export function f(x: Tensor, options: { axis?: number; keepAxes?: boolean } = {}): 1 | 2 { return 1; }",
    ],
  ])("nothing in %s", (_, signature) => {
    const [found] = functionsOf(`${tensor}export function ${signature}`);
    expect(problemsOf(found!)).toEqual([]);
  });
});
