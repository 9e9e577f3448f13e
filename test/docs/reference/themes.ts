// The pages of the reference: what a reader looks for together. An export belongs to the first page that names its file;
// what no page names stands on the page of its entry.

import type { Exported } from "./model.js";

export interface Theme {
  /** The file's name, without `.md`. */
  readonly page: string;
  readonly title: string;
  /** One sentence below the title. */
  readonly about: string;
  /** Files or beginnings of paths. */
  readonly files: readonly string[];
}

const ops = (...names: readonly string[]): string[] => names.map((name) => `src/ops/${name}.ts`);
const nn = (...names: readonly string[]): string[] => names.map((name) => `src/nn/${name}.ts`);
const train = (...names: readonly string[]): string[] => names.map((name) => `src/train/${name}.ts`);

const THEMES: readonly Theme[] = [
  {
    page: "networks",
    title: "Networks",
    about: "A network as a whole, and the errors that a definition can have.",
    files: ["src/network.ts", "src/messages.ts", "src/graph/network.ts", "src/graph/lint-codes.ts"],
  },
  {
    page: "leaves",
    title: "Inputs, parameters and state",
    about: "Where values come from, and the types of tensors.",
    files: [...ops("leaf/leaves", "leaf/carry"), "src/graph/"],
  },
  {
    page: "elementwise",
    title: "Arithmetic and comparisons",
    about: "Functions that compute each element of their result from the elements at the same place.",
    files: ops("pointwise/arithmetic", "pointwise/logic", "pointwise/formula"),
  },
  {
    page: "activations",
    title: "Activations",
    about:
      "Element by element. `sigmoid` and `tanh` are on the page of [arithmetic](elementwise.md); `softmax` is on that of [reductions](reductions.md).",
    files: ops("pointwise/activations"),
  },
  {
    page: "reductions",
    title: "Reductions and products",
    about: "Sums, means and extremes over axes; products of matrices.",
    files: ops(
      "reduce/reduce",
      "composite/log-sum-exp",
      "reduce/statistics",
      "composite/softmax",
      "composite/cumulative",
      "contract/contract",
      "contract/einsum",
    ),
  },
  {
    page: "shapes",
    title: "Shapes",
    about: "The same elements in another shape or order.",
    files: ops("view/broadcast", "view/views", "view/pad", "view/roll", "view/slicing", "view/concat"),
  },
  {
    page: "indexing",
    title: "Indexing, sorting and segments",
    about: "Elements by their positions.",
    files: ops(
      "scatter/add-at",
      "scatter/set-at",
      "gather/take",
      "gather/pick",
      "scatter/scatter-add",
      "gather/indices",
      "scatter/segments",
      "composite/segment-softmax",
      "gather/take-along",
      "view/iota",
      "gather/one-hot",
      "composite/sort",
    ),
  },
  {
    page: "gradients",
    title: "Gradients, updates and randomness",
    about: "What training does with values: derivatives, next values of states, random numbers.",
    files: ops("marker/markers", "marker/custom-gradient", "random/random", "pointwise/noise"),
  },
  {
    page: "layers",
    title: "Layers and initial values",
    about: "Functions that make parameters of their own, and where parameters start.",
    files: nn("dense", "layer", "embedding", "initializers", "orthogonal"),
  },
  {
    page: "recurrent",
    title: "Recurrent layers",
    about: "Sequences, step by step.",
    files: [...nn("rnn", "gru", "lstm", "bidirectional"), ...ops("scan/scan")],
  },
  {
    page: "convolution",
    title: "Convolution and pooling",
    about: "Windows over spatial axes.",
    files: [
      ...nn("convolution"),
      ...ops("window/convolution", "window/pooling", "window/unpooling", "window/geometry"),
    ],
  },
  {
    page: "normalization",
    title: "Normalisation",
    about: "Values brought to mean 0 and variance 1.",
    files: [...nn("batch-norm", "group-norm", "layer-norm"), ...ops("composite/standardize")],
  },
  {
    page: "attention",
    title: "Attention and transformers",
    about: "Sequences as a whole.",
    files: nn("attention", "attention-cache", "multi-head-attention", "positions", "transformer"),
  },
  {
    page: "losses",
    title: "Losses",
    about: "What training makes small: float scalars.",
    files: [
      ...nn("losses/", "sequence-cross-entropy").map((path) => path.replace("/.ts", "/")),
      ...ops("composite/entropy", "pointwise/entropy"),
    ],
  },
  {
    page: "metrics",
    title: "Metrics",
    about: "What `evaluate` measures over any number of rows.",
    files: ["src/nn/metrics/"],
  },
  {
    page: "schedules",
    title: "Schedules of the rate",
    about: "A factor of the rate for each step.",
    files: ["src/optimizers/schedules.ts"],
  },
  { page: "optimizers", title: "Optimizers", about: "How a step changes the parameters.", files: ["src/optimizers/"] },
  {
    page: "weights",
    title: "Weights in files",
    about: "Of `tapeless/train`: parameters and the state of training, written and read again.",
    files: train(
      "save",
      "checkpoint",
      "keeper",
      "store",
      "page-store",
      "folder",
      "framework-weights",
      "recurrent-weights",
      "safetensors-read",
      "safetensors-write",
      "pattern",
      "tensor",
    ),
  },
  {
    page: "training",
    title: "Training",
    about: "`tapeless/train`: the loop beside a compiled model. It imports nothing and runs in a page too.",
    files: ["src/train/"],
  },
  {
    page: "data",
    title: "Data",
    about: "`tapeless/data`: files to arrays, arrays to rows to train on. The guide is [data.md](../data.md).",
    files: ["src/data/"],
  },
  {
    page: "page",
    title: "Parts of a page",
    about:
      "`tapeless/page`: small parts of a page in which a network learns. The guide is [pages.md](../pages.md#parts-of-a-page).",
    files: ["src/page/"],
  },
  {
    page: "compiler",
    title: "The compiler, in process",
    about: "`tapeless/compiler`: a network compiled, interpreted and checked without files.",
    files: [
      "compiler/gradcheck/",
      "compiler/interpret.ts",
      "compiler/compile.ts",
      "compiler/options.ts",
      "compiler/trace.ts",
      "compiler/instantiate.ts",
      "compiler/ir/schedule.ts",
      "src/warnings.ts",
    ],
  },
  {
    page: "config",
    title: "Configuration",
    about: "`tapeless/config`: what a project says to the command line.",
    files: ["compiler/tools/config.ts", "compiler/tools/training.ts"],
  },
  {
    page: "bundlers",
    title: "Bundlers",
    about:
      "The plugin that compiles definitions where they are imported; [bundlers.md](../bundlers.md) says how it is used.",
    files: ["compiler/tools/plugin/"],
  },
];

/** The page of an entry that no theme speaks of. */
const ofEntry = (entry: string): Theme => ({
  page: entry.replace(/^[^/]*\//, "").replaceAll("/", "-"),
  title: `\`${entry}\``,
  about: `What \`${entry}\` exports.`,
  files: [],
});

export interface Page extends Theme {
  readonly exports: readonly Exported[];
}

export function pagesOf(all: readonly Exported[]): Page[] {
  const byPage = new Map<string, { theme: Theme; exports: Exported[] }>(
    THEMES.map((theme) => [theme.page, { theme, exports: [] }]),
  );
  for (const one of all) {
    const theme =
      THEMES.find(({ files }) =>
        files.some((file) => one.file === file || (file.endsWith("/") && one.file.startsWith(file))),
      ) ?? ofEntry(one.entry);
    if (!byPage.has(theme.page)) byPage.set(theme.page, { theme, exports: [] });
    byPage.get(theme.page)!.exports.push(one);
  }
  return [...byPage.values()]
    .filter(({ exports }) => exports.length > 0)
    .map(({ theme, exports }) => ({ ...theme, exports }));
}
