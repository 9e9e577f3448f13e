// Which room may import which, checked by `npm run check:architecture`. test/workshop/architecture.test.ts breaks each of
// these rules once and sees it reported.

/** The rooms from the lowest upward. A room may import itself and what is below it. */
const RANKS = {
  scalar: "^src/scalar/",
  graph: "^src/graph/",
  ops: "^src/ops/",
  layers: "^src/(nn|optimizers)/",
  network: "^src/(?!index[.]|messages[.])[^/]+[.]ts$",
  language: "^src/index[.]ts$",
  ground: "^compiler/(formula|names|ir)/",
  phases: "^compiler/([0-5]-[a-z]+|outline|printers)/",
  pipeline: "^compiler/(?!index[.]ts)[^/]+[.]ts$",
  checks: "^compiler/(gradcheck|passes)/",
  tools: "^compiler/tools/",
};

const ranks = Object.entries(RANKS);

const downward = ranks.slice(0, -1).map(([room, path], i) => ({
  name: `${room}-imports-downward`,
  severity: "error",
  from: { path },
  to: { path: [...ranks.slice(i + 1).map(([, above]) => above), "^compiler/index[.]ts$"] },
}));

/** `to` may be imported from `from` alone. */
const only = (name, to, from) => ({
  name,
  severity: "error",
  from: { path: "^(src|compiler|generated)/", pathNot: from },
  to: { path: `(^|/)node_modules/(${to})/` },
});

/** From `from` nothing may be imported but what `allowed` matches. */
const nothingBut = (name, from, allowed) => ({
  name,
  severity: "error",
  from: { path: from },
  to: { pathNot: allowed },
});

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    ...downward,
    // Beside the ranks: every room may refuse what it is given.
    nothingBut("messages-know-only-places-and-shapes", "^src/messages[.]ts$", "^src/graph/(calls|origin|shape)[.]ts$"),
    nothingBut(
      "reading-calls-names-no-op",
      "^src/ops/call/",
      "^src/ops/(call/|define[.]ts$)|^src/graph/|^src/messages[.]ts$",
    ),
    nothingBut("train-stands-alone", "^src/train/", "^src/train/"),
    nothingBut("data-stand-beside-training", "^src/data/", "^src/(data|train)/"),
    nothingBut("pages-stand-beside-training", "^src/page/", "^src/(page|train)/"),
    nothingBut("language-needs-no-package", "^src/(?!train/)", "^(src|compiler)/"),
    {
      name: "language-never-trains",
      severity: "error",
      from: { path: "^(src/(?!train/|data/|page/)|compiler/(?!tools/))", pathNot: "^compiler/index[.]ts$" },
      to: { path: "^src/(train|data|page)/" },
    },
    {
      name: "phases-do-not-import-one-another",
      severity: "error",
      from: { path: "^compiler/([0-5]-[a-z]+|outline|printers)/" },
      to: { path: "^compiler/([0-5]-[a-z]+|outline|printers)/", pathNot: "^compiler/$1/" },
    },
    // A printer of graphs asks lowerings: it sees no op, no kernel's decisions and no other target.
    nothingBut(
      "printers-see-graphs-and-scalars",
      "^compiler/printers/",
      "^compiler/(printers|ir)/|^src/(graph|scalar)/|^src/messages[.]ts$",
    ),
    // Of the graph, the kernel IR carries positions, shapes and number types; an emitter sees no node and no op, and of the
    // language the list of a model's members.
    nothingBut(
      "emitters-see-kernels-and-scalars",
      "^compiler/5-emit/",
      "^compiler/(5-emit|ir)/|^src/scalar/|^src/graph/(affine|shape|dtype|lowering|members|memo)[.]ts$|^src/messages[.]ts$|node_modules/",
    ),
    nothingBut("generated-stands-alone", "^generated/", "^generated/$"),
    only("formulas-alone-know-mathjs", "mathjs", "^compiler/formula/"),
    only("tools-alone-know-the-terminal", "citty|picocolors", "^compiler/tools/"),
    // `compile(...).create()` strips the types of what it emitted.
    only("bundling-in-its-place", "esbuild", "^compiler/(tools/|instantiate[.]ts$)"),
    only("bundlers-in-their-place", "unplugin|vite|rollup|rolldown|webpack|@rspack", "^compiler/tools/plugin/"),
    nothingBut("what-a-page-runs-stands-alone", "^compiler/tools/plugin/hot[.]ts$", "^$"),
    // WebAssembly text to bytes, in a page as well: it knows neither kernels nor packages.
    nothingBut(
      "the-encoder-stands-alone",
      "^compiler/5-emit/wasm/encode/",
      "^compiler/5-emit/wasm/encode/|^src/messages[.]ts$",
    ),
    only("syntax-trees-in-their-place", "ts-morph|acorn|@sveltejs", "^compiler/(names|tools|5-emit)/"),
    only("formatting-in-its-place", "prettier", "^compiler/(tools|5-emit)/"),
    {
      name: "examples-use-the-public-names",
      severity: "error",
      from: { path: "^examples/" },
      to: {
        path: "^(src|compiler)/",
        pathNot: "^(src|src/train|src/data|src/page|compiler)/index[.]ts$|^compiler/tools/config[.]ts$",
      },
    },
    {
      name: "no-cycles",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    { name: "imports-resolve", severity: "error", from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    // Imports of types count too: a room that knows another's types knows the room.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["types", "import", "node", "default"] },
  },
};
