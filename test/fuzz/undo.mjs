// The mends of faults that were found, each as text that takes it back, put in where esbuild loads the file: what is on disk stays
// as it is. `npm run fuzz -- --undo guards` shows whether random networks find the fault again, with all proofs switched off.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const before = (file, text, inserted) => ({ file, from: text, to: inserted + text });

/** What states that a kernel, a plan or a graph is right, so that numbers alone are left to find the fault. */
const PROOFS = [
  before("compiler/ir/verify/memory.ts", "  const sizes = call.uses.map(elementsOf);\n", "  if (pass) return;\n"),
  before("compiler/ir/verify/memory.ts", "  verifyScope(after);\n", "  if (pass) return;\n"),
  before("compiler/ir/verify/scope.ts", "  if (verified.has(kernel)) return;\n", "  if (kernel) return;\n"),
  {
    file: "compiler/ir/verify/plan.ts",
    from: " && !takeOverProblem(kernel, from, to);",
    to: " && takeOverProblem.length > 0;",
  },
  before("compiler/5-emit/typescript/verify-names.ts", "  const fail = ", "  if (owner) return;\n"),
  before("compiler/3-fuse/compared.ts", "  for (const [root, { computes }] of stored) {\n", "  if (stored) return;\n"),
  before("compiler/5-emit/wasm/sizes.ts", "  const name = printDim(size);\n", "  if (size) return;\n"),
  before("src/ops/scan/region-gradients.ts", "  if (!region) return true;\n", "  if (node) return true;\n"),
];

const handedIn = [
  {
    file: "compiler/1-differentiate/hand-in.ts",
    from: "  return free.size === 0 ? roots : handed(roots, free);",
    to: "  return free.size < Infinity ? roots : handed(roots, free);",
  },
  { file: "src/ops/scan/scan-record.ts", from: "    captures: outer,\n", to: "" },
  { file: "src/ops/scan/scan-record.ts", from: "[...own, ...handed];", to: "[...own, ...outer];" },
  {
    file: "src/ops/scan/scan-record.ts",
    from: "gradientAt(origin, scalar, handed[k]!)",
    to: "gradientAt(origin, scalar, outer[k]!)",
  },
  { file: "src/ops/scan/scan-record.ts", from: "(sums, given, handed) =>", to: "(sums, given) =>" },
];

const between = {
  file: "src/ops/scan/region.ts",
  from: "  const again = computedAgain(order, dependent);",
  to: "  const again: ReadonlySet<Node> = order.length < 0 ? computedAgain(order, dependent) : new Set();",
};

export const MENDS = {
  "axes-of-one": [before("compiler/3-fuse/position.ts", "  return shape.some(strays)", "  if (shape) return index;\n")],
  "own-output": [
    {
      file: "compiler/3-fuse/build/tree.ts",
      from: 'if (item.kind === "store" || item.kind === "kept") yield item.root;',
      to: 'if (item.kind === "store") yield item.root;',
    },
    {
      file: "compiler/3-fuse/bind/group.ts",
      from: "if (!ownOrderProblem(accessesOf(bound.call.kernel.body))) return",
      to: "if (ownOrderProblem.length > 0) return",
    },
  ],
  "take-over": [
    {
      file: "compiler/4-plan/liveness.ts",
      from: " && !takeOverProblem(call.kernel, slot, target)",
      to: "",
    },
  ],
  guards: [
    {
      file: "compiler/3-fuse/bind/levels.ts",
      from: "const guarded = guards.length > 0 && readsMemory(expr);",
      to: "const guarded = false;",
    },
  ],
  equality: [
    {
      file: "compiler/3-fuse/decide/must-store.ts",
      from: '    for (const compared of comparedBy(node)) requests.ask(compared, "compared");\n',
      to: "",
    },
  ],
  cubes: [
    {
      file: "compiler/5-emit/wasm/sizes.ts",
      from: "const power = Array.from({ length: size.power }, () => ROWS).reduce(multiply, i32(1));",
      to: "const power = size.power === 0 ? i32(1) : size.power === 1 ? ROWS : multiply(ROWS, ROWS);",
    },
  ],
  names: [
    before(
      "compiler/5-emit/typescript/names.ts",
      "  /** Notes a name that must",
      "  fixed(hint: string): string {\n    this.take(hint);\n    return hint;\n  }\n\n",
    ),
    { file: "compiler/5-emit/typescript/tile.ts", from: "names.declare(", to: "names.fixed(", every: true },
  ],
  "gradients-in-loops": [between, ...handedIn],
  "what-lies-between": [between],
};

const changed = (text, { file, from, to, every }) => {
  if (!text.includes(from)) throw new Error(`${file} has no text ${JSON.stringify(from)}`);
  return every ? text.replaceAll(from, to) : text.replace(from, to);
};

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Texts of the files that a mend's undoing changes, by path. */
export function undone(name) {
  const changes = MENDS[name];
  if (!changes) throw new Error(`--undo takes one of ${Object.keys(MENDS).join(", ")}, not ${JSON.stringify(name)}`);
  const texts = new Map();
  for (const change of [...PROOFS, ...changes]) {
    const path = root + change.file;
    texts.set(path, changed(texts.get(path) ?? readFileSync(path, "utf8"), change));
  }
  return texts;
}

export const undoing = (name) => ({
  name: "undo",
  setup({ onLoad }) {
    const texts = undone(name);
    onLoad({ filter: /\.ts$/ }, ({ path }) =>
      texts.has(path) ? { contents: texts.get(path), loader: "ts" } : undefined,
    );
  },
});
