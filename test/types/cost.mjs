// What types of shapes cost the type checker: the same definitions with shapes and without, both compilers.
//
//   node test/types/cost.mjs [rounds]
//
// The library is seen as its users see it, by declarations. Each round runs every side once, in an order that turns; of each side
// the median of its processor time (user and system) is taken. Two sides are the same text: what they differ by is noise.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");
const ROUNDS = Number(process.argv[2] ?? 9);
const COMPILERS = {
  "typescript 6": "node_modules/typescript/bin/tsc",
  "typescript 7": "node_modules/typescript7/bin/tsc",
};

/** 100 dense layers of many widths. */
function dense(start) {
  const lines = Array.from(
    { length: 100 },
    (_, i) => `const h${i + 1} = dense(h${i}, ${64 + ((i * 7) % 61)}, { activation: relu });`,
  );
  return `import { adam, crossEntropy, dense, input, labels, network, relu, type Tensor } from "tapeless";
const h0 = input("image", ["batch", 784])${start};
const digit = labels("digit", ["batch"], 10);
${lines.join("\n")}
const logits = dense(h100, 10);
export default network("deep", { batch: 32, outputs: { logits }, loss: crossEntropy(logits, digit), optimizer: adam() });
`;
}

/** 30 convolutions with their norms, joints and pools, over images of 224 by 224. */
function cnn(start) {
  const lines = Array.from({ length: 30 }, (_, i) => {
    const filters = 8 * (1 + (i >> 2)) + (i % 3);
    const options = ["{ padding: 1 }", '{ padding: "same" }', "{ padding: [1, [0, 2]] }"][i % 3];
    const next = `const c${i} = relu(batchNorm(conv2d(x${i}, ${filters}, 3, ${options})));`;
    const joined = i % 2 === 0 ? `concat([c${i}, x${i}], { axis: -1 })` : `c${i}`;
    return `${next}\nconst x${i + 1} = ${i % 6 === 5 ? `maxPool(${joined}, 2)` : joined};`;
  });
  return `import { adam, batchNorm, concat, conv2d, crossEntropy, dense, flatten, globalAvgPool, input, labels, maxPool, network, relu, type Tensor } from "tapeless";
const x0 = input("image", ["batch", 224, 224, 3])${start};
const digit = labels("digit", ["batch"], 10);
${lines.join("\n")}
const logits = dense(globalAvgPool(x30), 10);
const flat = flatten(x30);
export default network("deep", { batch: 32, outputs: { logits, flat }, loss: crossEntropy(logits, digit), optimizer: adam() });
`;
}

const NETWORKS = { "100 dense layers": dense, "30 convolutions": cnn };
const SIDES = { shapes: "", "shapes again": "", none: " as Tensor" };

function tsc(compiler, folder, args = []) {
  const script = `TIMEFORMAT='%U %S'; time "$0" "$@"`;
  const { status, stdout, stderr } = spawnSync(
    "bash",
    ["-c", script, process.execPath, join(ROOT, compiler), "-p", folder, ...args],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(stdout + stderr);
  const [user, system] = stderr.trim().split("\n").at(-1).split(" ").map(Number);
  return user + system;
}

const config = (folder, compilerOptions, files) =>
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ extends: join(ROOT, "tsconfig.json"), compilerOptions, include: [], ...files }),
  );

const middle = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];

const home = mkdtempSync(join(tmpdir(), "tapeless-cost-"));
try {
  config(
    home,
    {
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      outDir: join(home, "types"),
      rootDir: join(ROOT, "src"),
      types: [],
    },
    { files: [join(ROOT, "src/index.ts")] },
  );
  tsc(COMPILERS["typescript 7"], home);
  for (const [name, write] of Object.entries(NETWORKS)) {
    const folders = Object.entries(SIDES).map(([side, start]) => {
      const folder = join(home, name, side);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
      writeFileSync(join(folder, "definition.ts"), write(start));
      config(
        folder,
        { types: [], noUnusedLocals: false, paths: { tapeless: [join(home, "types/index.d.ts")] } },
        { files: ["definition.ts"] },
      );
      return [side, folder];
    });
    for (const [version, compiler] of Object.entries(COMPILERS)) {
      const times = Object.fromEntries(folders.map(([side]) => [side, []]));
      for (let round = 0; round < ROUNDS; round++) {
        folders.forEach((_, i) => {
          const [side, folder] = folders[(i + round) % folders.length];
          times[side].push(tsc(compiler, folder));
        });
      }
      const [all, again, none] = Object.keys(SIDES).map((side) => middle(times[side]));
      const share = (a, b) => `${(100 * (a / b - 1)).toFixed(1)} %`;
      console.log(
        `${name}, ${version}: ${all.toFixed(2)} s with shapes, ${none.toFixed(2)} s without (${share(all, none)}; the same text twice ${share(again, all)})`,
      );
    }
  }
} finally {
  rmSync(home, { recursive: true, force: true });
}
