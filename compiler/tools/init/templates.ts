// The files of a new project. Each is as short as what it shows; JavaScript is the TypeScript without its types.

import type { Language } from "../config.js";
import { FLOWERS } from "./flowers.js";
import { pageFiles } from "./page-files.js";

export interface Wanted {
  /** What the network is called. */
  readonly name: string;
  readonly language: Language;
  /** The ending that imports of these files have: "ts" or "js". */
  readonly imports: string;
  /** Is a new project given a page too? */
  readonly page: boolean;
}

const definition = ({
  name,
}: Wanted): string => `// What the network is: four measures of a flower in, one of three species out.
import { accuracy, crossEntropy, dense, input, labels, network, relu, sgd, softmax } from "tapeless";

const flower = input("flower", ["batch", 4]);
const species = labels("species", ["batch"], 3);
const hidden = relu(dense(flower, 8));
const logits = dense(hidden, 3);

export default network(${JSON.stringify(name)}, {
  batch: 30,
  outputs: { probability: softmax(logits) },
  loss: crossEntropy(logits, species),
  optimizer: sgd({ rate: 0.1 }),
  metrics: { accuracy: accuracy(logits, species) },
});
`;

const data = ({ language }: Wanted): string => {
  const typed = language !== "javascript";
  const [doc, type] = typed ? ["", ": number[][]"] : ["/** @param {number[][]} rows */\n", ""];
  const [docOne, typeOne] = typed ? ["", ": readonly number[]"] : ["/** @param {readonly number[]} measures */\n", ""];
  return `// Fisher's iris flowers (1936): sepal length and width, petal length and width in cm, and the number of the species.

export const SPECIES = ["setosa", "versicolor", "virginica"];

const FLOWERS = \`
${FLOWERS}
\`;

const flowers = FLOWERS.trim()
  .split("\\n")
  .map((line) => line.split(" ").map(Number));
// Every fifth flower is kept for the test.
const learnt = flowers.filter((_, i) => i % 5 !== 0);
const kept = flowers.filter((_, i) => i % 5 === 0);

// Networks learn sooner from numbers around 0: each measure less its mean, over its deviation, both of the flowers learnt from.
const scales = [0, 1, 2, 3].map((k) => {
  const values = learnt.map((flower) => Number(flower[k]));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) };
});

${docOne}export const scaled = (measures${typeOne}) =>
  scales.map(({ mean, deviation }, k) => (Number(measures[k]) - mean) / deviation);

${doc}const columns = (rows${type}) => ({
  inputs: { flower: Float32Array.from(rows.flatMap((row) => scaled(row))) },
  targets: { species: Int32Array.from(rows, (row) => Number(row[4])) },
});

export const train = columns(learnt);
export const test = columns(kept);
`;
};

const trainingFile = ({
  name,
  imports,
}: Wanted): string => `// How the network is trained, for \`tapeless train ${name}\`.
import { training } from "tapeless/config";
import { test, train } from "./${name}.data.${imports}";

export default training({
  epochs: 100,
  load: () => ({ train, test }),
});
`;

const config = ({ language }: Wanted): string => `import { defineConfig } from "tapeless/config";

export default defineConfig({
  output: "src/generated",${language === "javascript" ? '\n  language: "javascript",' : ""}
});
`;

/** For editors, in a project that has no settings of its own. */
const settings = ({ language }: Wanted): string => {
  const options = {
    target: "ES2022",
    lib: ["ES2023", "DOM"],
    module: "NodeNext",
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    ...(language === "javascript" ? { checkJs: true } : { allowImportingTsExtensions: true, isolatedModules: true }),
  };
  return `${JSON.stringify({ compilerOptions: options, include: ["src", "*.ts", "*.js"] }, undefined, 2)}\n`;
};

/** The files of a first network by their paths in the project. `isNew`: those that a project has once, too. */
export function firstFiles(wanted: Wanted, isNew: boolean): Readonly<Record<string, string>> {
  const { name, language } = wanted;
  const ending = language === "javascript" ? "js" : "ts";
  return {
    [`src/${name}.net.${ending}`]: definition(wanted),
    [`src/${name}.data.${ending}`]: data(wanted),
    [`src/${name}.train.${ending}`]: trainingFile(wanted),
    [`tapeless.config.${ending}`]: config(wanted),
    ...(isNew && { [language === "javascript" ? "jsconfig.json" : "tsconfig.json"]: settings(wanted) }),
    ...(isNew && wanted.page && pageFiles(wanted)),
  };
}
