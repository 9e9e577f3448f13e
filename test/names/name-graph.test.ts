import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { nameGraph, nameProblem } from "../../compiler/names/index.js";
import { loadDefinition } from "../../compiler/tools/load.js";
import { entriesOf } from "../../src/entries.js";
import type { Node } from "../../src/graph/node.js";
import type { TapelessErrors } from "../../src/messages.js";
import { topological } from "../../src/graph/walk.js";
import { workspace } from "../tools/workspace.js";
import { elementwiseRule } from "../../src/graph/rules.js";

vi.mock("../../compiler/tools/own-modules.js", () => ({
  ownModules: { tapeless: () => import("../tools/language.js") },
}));

const HEAD = `import { add, batchNorm, dense, dropout, input, layer, matmul, network, pair, parameter, relu, softmax, state } from "tapeless";\n`;

async function load(files: Readonly<Record<string, string>>) {
  const folder = workspace(files);
  const definition = await loadDefinition(join(folder, "a.net.ts"));
  const roots = Object.values(definition.network.outputs);
  return { folder, roots, names: nameGraph(roots, definition.constNames), nodes: topological(roots) };
}

/** The names of the parameters and states of a definition, in order of use. */
async function stored(body: string, others: Readonly<Record<string, string>> = {}): Promise<string[]> {
  const { nodes, names } = await load({ ...others, "a.net.ts": HEAD + body });
  return nodes.filter(isStored).map(names.of);
}

const isStored = (node: Node): boolean => node.def.name === "parameter" || node.def.name === "state";

const OUT = (expression: string): string => `\nexport default network("a", { outputs: { y: ${expression} } });`;

const both = (...layers: string[]): string[] => layers.flatMap((layer) => [`${layer}.weight`, `${layer}.bias`]);

describe("parameters are named after the consts on the way to them", () => {
  const x = `const x = input("x", ["batch", 8]);\n`;
  const cases: Record<string, [body: string, expected: string[]]> = {
    "a const": [`const h1 = dense(x, 4);${OUT("h1")}`, both("h1")],
    "a const around a nested call": [`const h1 = relu(dense(x, 4));${OUT("softmax(h1)")}`, both("h1")],
    "a call over several lines": [`const h1 = relu(\n  dense(\n    x,\n    4,\n  ),\n);${OUT("h1")}`, both("h1")],
    "an assignment": [`let y; y = dense(x, 4);${OUT("y")}`, both("y")],
    "a plain parameter": [`const w = parameter([8, 2], 0);${OUT("matmul(x, w)")}`, ["w"]],
    "a parameter within a call": [`const h = matmul(x, parameter([8, 2], 0));${OUT("h")}`, ["h.parameter"]],
    "an explicit name": [`const h = dense(x, 4, { name: "head" });${OUT("h")}`, both("head")],
    "no const at all": [OUT("softmax(dense(x, 4))"), both("dense")],
    "object properties": [
      `const att = { query: dense(x, 4), key: relu(dense(x, 4)) };${OUT("add(att.query, att.key)")}`,
      both("att.query", "att.key"),
    ],
    "an array of layers": [`const hs = [dense(x, 4), dense(x, 4)];${OUT("add(hs[0], hs[1])")}`, both("hs[0]", "hs[1]")],
    "a loop": [
      `let y = x;\nfor (const u of [4, 4, 2]) y = relu(dense(y, u));${OUT("y")}`,
      both("y[0]", "y[1]", "y[2]"),
    ],
    "a loop that runs once": [`let y = x;\nfor (const u of [4]) y = relu(dense(y, u));${OUT("y")}`, both("y")],
    "a loop over two places": [
      `let y = x;\nfor (let i = 0; i < 2; i++) {\n  const a = dense(y, 4);\n  const b = dense(a, 8);\n  y = relu(b);\n}${OUT("y")}`,
      both("a[0]", "b[0]", "a[1]", "b[1]"),
    ],
    pushing: [
      `const list = [];\nfor (let i = 0; i < 2; i++) list.push(dense(x, 4));${OUT("add(list[0], list[1])")}`,
      both("dense[0]", "dense[1]"),
    ],
    "a callback": [`const hs = [4, 4].map((u) => dense(x, u));${OUT("add(hs[0], hs[1])")}`, both("hs[0]", "hs[1]")],
    "a callback with consts": [
      `const hs = [4, 4].map((u) => { const q = dense(x, 8); const k = dense(q, u); return k; });${OUT("add(hs[0], hs[1])")}`,
      both("hs.q[0]", "hs.k[0]", "hs.q[1]", "hs.k[1]"),
    ],
    "a helper function": [
      `function mlp(x) { const h = relu(dense(x, 8)); return dense(h, 4); }\nconst body = mlp(x);${OUT("body")}`,
      [...both("body.h"), ...both("body")],
    ],
    "a helper called from two consts": [
      `const mlp = (x) => relu(dense(x, 8));\nconst a = mlp(x);\nconst b = mlp(a);${OUT("b")}`,
      both("a", "b"),
    ],
    "a helper called in a loop": [
      `function block(x) { const q = dense(x, 8); const k = dense(q, 8); return add(q, k); }\nlet y = x;\nfor (let i = 0; i < 3; i++) y = block(y);${OUT("y")}`,
      both("y[0].q", "y[0].k", "y[1].q", "y[1].k", "y[2].q", "y[2].k"),
    ],
    "a helper of one layer called in a loop": [
      `function block(x) { const q = dense(x, 8); return relu(q); }\nlet y = x;\nfor (let i = 0; i < 2; i++) y = block(y);${OUT("y")}`,
      both("y[0].q", "y[1].q"),
    ],
    "loops within loops": [
      `function block(x) {\n  let z = x;\n  for (let i = 0; i < 2; i++) z = dense(z, 8);\n  const out = dense(z, 8);\n  return out;\n}\nlet y = x;\nfor (let i = 0; i < 2; i++) y = block(y);${OUT("y")}`,
      both("y[0].z[0]", "y[0].z[1]", "y[0].out", "y[1].z[0]", "y[1].z[1]", "y[1].out"),
    ],
    "different helpers at one place": [
      `const one = (x) => { const h = dense(x, 8); return h; };\nconst two = (x) => { const h = relu(dense(x, 8)); return h; };\nlet y = x;\nfor (const f of [one, two, one]) y = f(y);${OUT("y")}`,
      both("y[0].h", "y[1].h", "y[2].h"),
    ],
    "a layer that is made of layers": [`const p = pair(x);${OUT("p")}`, ["p.first.scale", "p.second.scale"]],
    "such a layer in a loop": [
      `let y = x;\nfor (let i = 0; i < 2; i++) y = pair(y);${OUT("y")}`,
      ["y[0].first.scale", "y[0].second.scale", "y[1].first.scale", "y[1].second.scale"],
    ],
    "a shared leaf": [`const w = parameter([8, 8], 0);${OUT("matmul(relu(matmul(x, w)), w)")}`, ["w"]],
    "a state": [`const s = state("seen", [], 0);${OUT("add(x, s)")}`, ["seen"]],
    "names of letters beyond ASCII": [
      `const größe = dense(x, 4); const ω = dense(größe, 4);${OUT("ω")}`,
      both("größe", "ω"),
    ],
    "a loop over two places in a helper": [
      `function enc(x) {\n  let y = x;\n  for (let i = 0; i < 2; i++) {\n    const a = dense(y, 4);\n    const b = dense(a, 8);\n    y = b;\n  }\n  return y;\n}\nconst e = enc(x);${OUT("e")}`,
      both("e.a[0]", "e.b[0]", "e.a[1]", "e.b[1]"),
    ],
    "a call of the network with a call in it": [
      `const spec = (y) => ({ outputs: { y } });\nconst net = network("a", spec(dense(x, 4)));\nexport default net;`,
      both("dense"),
    ],
    "a key named outputs": [
      `const spec = { outputs: { y: dense(x, 4) } };\nexport default network("a", spec);`,
      both("dense"),
    ],
    "outputs built apart from the network": [
      `const outputs = { y: softmax(dense(x, 4)) };\nexport default network("a", { outputs });`,
      both("outputs.y"),
    ],
    "a network in a const": [
      `const net = network("a", { outputs: { y: dense(x, 4) } });\nexport default net;`,
      both("dense"),
    ],
    "TypeScript around the call": [`const h = (dense(x, 4)! as any) satisfies any;${OUT("h")}`, both("h")],
    destructuring: [`const { node, ...rest } = { node: dense(x, 4) };${OUT("node")}`, both("node.node")],
    "a class": [
      `class Block { q = dense(x, 8); run(v: any) { this.last = dense(v, 8); return this.last; } last: any; }\nconst b = new Block();\nconst y = b.run(b.q);${OUT("y")}`,
      both("b.q", "y.last"),
    ],
  };
  test.each(Object.entries(cases))("%s", async (_, [body, expected]) => {
    expect((await stored(x + body)).sort()).toEqual([...expected].sort());
  });

  const nested: Record<string, [body: string, expected: string[]]> = {
    "a layer in a layer": [`const code = dense(relu(dense(x, 32)), 4);${OUT("code")}`, both("code.dense1", "code")],
    "four of them": [
      `const code = dense(dense(relu(dense(batchNorm(dense(x, 8)), 8)), 8), 4);${OUT("code")}`,
      [
        ...both("code.dense1", "code.batchNorm1", "code.dense2", "code.dense3", "code"),
        "code.batchNorm1.runningMean",
        "code.batchNorm1.runningVariance",
      ],
    ],
    "layers beside one another": [`const h = add(dense(x, 8), dense(x, 8));${OUT("h")}`, both("h.dense1", "h.dense2")],
    "a layer around layers beside one another": [
      `const h = dense(add(dense(x, 8), dense(x, 8)), 4);${OUT("h")}`,
      both("h.dense1", "h.dense2", "h"),
    ],
    "a helper in itself": [
      `const residual = (x) => add(x, dense(relu(dense(x, 4)), 8));\nconst y = residual(residual(x));${OUT("y")}`,
      both("y.residual1.dense1", "y.residual1", "y.dense1", "y"),
    ],
    "a helper with consts in itself": [
      `function block(x) { const q = dense(x, 8); return relu(q); }\nconst y = block(block(block(x)));${OUT("y")}`,
      both("y.block1.q", "y.block2.q", "y.q"),
    ],
    "a layer around a helper with a const keeps both names": [
      `function block(x) { const q = dense(x, 8); return relu(q); }\nconst y = dense(block(x), 4);${OUT("y")}`,
      both("y.q", "y"),
    ],
    "in a loop": [
      `let y = x;\nfor (let i = 0; i < 2; i++) y = dense(relu(dense(y, 4)), 8);${OUT("y")}`,
      both("y[0].dense1", "y[0]", "y[1].dense1", "y[1]"),
    ],
    "in a callback": [
      `const hs = [4, 4].map((u) => dense(dense(x, 8), u));${OUT("add(hs[0], hs[1])")}`,
      both("hs[0].dense1", "hs[0]", "hs[1].dense1", "hs[1]"),
    ],
    "without a const": [OUT("softmax(dense(relu(dense(x, 8)), 4))"), both("dense1", "dense")],
    "a helper without a const": [
      `const residual = (x) => add(x, dense(x, 8));${OUT("residual(residual(x))")}`,
      both("residual1", "dense"),
    ],
    "a property": [
      `const att = { query: dense(dense(x, 8), 4), key: dense(x, 4) };${OUT("add(att.query, att.key)")}`,
      both("att.query.dense1", "att.query", "att.key"),
    ],
    "a member of a namespace": [
      `import * as nn from "tapeless";\nconst y = nn.dense(nn.dense(x, 8), 4);${OUT("y")}`,
      both("y.dense1", "y"),
    ],
    "parameters in one expression": [
      `const y = matmul(matmul(x, parameter([8, 8], 0)), parameter([8, 2], 0));${OUT("y")}`,
      ["y.parameter1", "y.parameter2"].map((name) => `${name}`),
    ],
  };
  test.each(Object.entries(nested))("nested: %s", async (_, [body, expected]) => {
    expect((await stored(x + body)).sort()).toEqual([...expected].sort());
  });

  const shared: Record<string, [body: string, expected: string[]]> = {
    "two towers": [
      `const tower = layer((x) => dense(relu(dense(x, 32)), 16));\nconst a = tower(x), b = tower(relu(x));${OUT("add(a, b)")}`,
      both("tower.dense1", "tower"),
    ],
    "with consts": [
      `const tower = layer((x) => { const h = relu(dense(x, 4)); return dense(h, 2); });\nconst y = add(tower(x), tower(relu(x)));${OUT("y")}`,
      both("tower.h", "tower"),
    ],
    "where only the second application is used": [
      `const tower = layer((x) => dense(x, 4));\nconst a = tower(x), b = tower(relu(x));${OUT("b")}`,
      both("tower"),
    ],
    "without a const": [OUT("layer((x) => dense(relu(dense(x, 4)), 2))(x)"), both("dense1", "dense")],
    "by its own name": [
      `const tower = layer((x) => { const h = dense(x, 8); return h; }, { name: "critic" });${OUT("tower(tower(x))")}`,
      both("critic.h"),
    ],
    "a property and a list": [
      `const net = { up: layer((x) => dense(x, 8)), down: [layer((x) => dense(x, 8)), layer((x) => dense(x, 8))] };\nconst y = net.down[1](net.down[0](net.up(net.up(x))));${OUT("y")}`,
      both("net.up", "net.down[0]", "net.down[1]"),
    ],
    "layers made in a loop": [
      `const blocks = [1, 2].map(() => layer((x) => { const q = dense(x, 8); return relu(q); }));\nlet y = x;\nfor (const block of [...blocks, ...blocks]) y = block(y);${OUT("y")}`,
      both("blocks[0].q", "blocks[1].q"),
    ],
    "a loop in a layer": [
      `const deep = layer((x) => { let y = x; for (let i = 0; i < 2; i++) y = relu(dense(y, 8)); return y; });\nconst z = deep(deep(x));${OUT("z")}`,
      both("deep.y[0]", "deep.y[1]"),
    ],
    "made by a helper": [
      `const mlp = (units) => layer((x) => { const h = dense(x, units); return dense(h, 8); });\nconst f = mlp(4), g = mlp(2);\nconst y = g(f(g(f(x))));${OUT("y")}`,
      both("f.h", "f", "g.h", "g"),
    ],
    "a layer in a layer": [
      `const inner = layer((x) => dense(x, 8));\nconst outer = layer((x) => { const h = inner(inner(x)); return dense(h, 8); });\nconst y = outer(inner(outer(x)));${OUT("y")}`,
      both("inner", "outer"),
    ],
    "a layer that is declared in a layer": [
      `const outer = layer((x) => { const inner = layer((x) => dense(relu(dense(x, 8)), 8)); return dense(inner(inner(x)), 8); });\nconst y = outer(outer(x));${OUT("y")}`,
      both("outer.inner.dense1", "outer.inner", "outer"),
    ],
    "helpers called in a layer": [
      `const residual = (x) => add(x, dense(x, 8));\nconst f = layer((x) => residual(residual(x)));\nconst y = f(f(x));${OUT("y")}`,
      both("f.residual1", "f"),
    ],
    "applied in another function than it is declared in": [
      `const tower = layer((x) => dense(x, 8));\nconst run = (x) => { const inside = relu(tower(x)); return inside; };\nconst y = run(run(x));${OUT("y")}`,
      both("tower"),
    ],
    "two layers in one const": [
      `const y = layer((x) => dense(x, 8))(layer((x) => dense(x, 8))(x));${OUT("y")}`,
      both("y.layer1", "y.layer2"),
    ],
    "a parameter and a state": [
      `const f = layer((x) => { const w = parameter([8, 8], 0); return add(matmul(x, w), state("seen", [], 0)); });\nconst y = f(f(x));${OUT("y")}`,
      ["f.w", "seen"],
    ],
    "a library function": [`const d = layer(dense);\nconst y = d(d(x, 8), 8);${OUT("y")}`, both("d")],
  };
  test.each(Object.entries(shared))("applied twice: %s", async (_, [body, expected]) => {
    expect((await stored(x + body)).sort()).toEqual([...expected].sort());
  });

  test("a layer from another file, applied in two", async () => {
    const towers = `import { dense, layer, relu } from "tapeless"; export const tower = layer((x) => dense(relu(dense(x, 8)), 8));`;
    const first = `import { tower } from "./towers.js"; export const encode = (x) => { const code = tower(x); return code; };`;
    const body = `import { encode } from "./lib/first.js";\nimport { tower } from "./lib/towers.js";\n${x}const y = tower(encode(x));${OUT("y")}`;
    expect(await stored(body, { "lib/towers.ts": towers, "lib/first.ts": first })).toEqual(
      both("tower.dense1", "tower"),
    );
  });

  test("helpers in imported files", async () => {
    const lib = `import { dense, relu } from "tapeless";
      export function encoder(x) {
        let y = x;
        for (let i = 0; i < 2; i++) { const block = layer(y); y = block; }
        return y;
      }
      function layer(x) { const query = dense(x, 8); return relu(query); }`;
    const body = `import { encoder } from "./lib/encoder.js";\n${x}const enc = encoder(x);${OUT("enc")}`;
    expect(await stored(body, { "lib/encoder.ts": lib })).toEqual(both("enc.block[0].query", "enc.block[1].query"));
  });

  test("an alias of network and of dense", async () => {
    const body = `import { network as net, dense as layer } from "tapeless";\n${x}const h = layer(x, 4);
      export default net("a", { outputs: { y: layer(h, 2) } });`;
    expect(await stored(body)).toEqual(both("h", "dense"));
  });
});

test("a layer inserted elsewhere renames nothing", async () => {
  const before = `const x = input("x", ["batch", 8]);
    const a = relu(dense(x, 8));
    let y = a; for (let i = 0; i < 2; i++) y = dense(y, 8);
    const code = dense(relu(dense(y, 8)), 8); y = code;
    const z = dropout(dense(y, 4), 0.5);${OUT("z")}`;
  const after = before.replace("let y = a;", "const mid = dropout(relu(dense(a, 8)), 0.5); let y = mid;");
  expect(after).not.toBe(before);
  const [old, now] = [await stored(before), await stored(after)];
  expect(now.filter((name) => !name.startsWith("mid"))).toEqual(old);
  const streams = async (body: string) => {
    const { nodes, names } = await load({ "a.net.ts": HEAD + body });
    return nodes.filter((node) => node.def.family === "random").map(names.of);
  };
  const [random] = await streams(before);
  expect(random).toMatch(/^z/);
  expect(await streams(after)).toContain(random);
});

describe("refused names", () => {
  const x = `const x = input("x", ["batch", 8]);\n`;
  const refusal = (body: string) =>
    stored(x + body).then(
      () => "nothing",
      (error: Error) => error.message,
    );

  test("two parameters with one name, both places named", async () => {
    const message = await refusal(
      `let y = x; { const h = dense(x, 8); y = h; } { const h = dense(y, 8); y = h; }${OUT("y")}`,
    );
    expect(message).toMatch(/DUPLICATE_NAME: two parameters are called "h.weight"/);
    expect(message).toMatch(/the other at .*a\.net\.ts:3:24/);
    expect(message).toMatch(/at .*a\.net\.ts:3:58/);
    expect(message).toMatch(/hint: give one of them another const/);
    // A layer is refused once, not for its bias as well.
    expect(message).not.toMatch(/bias/);
  });

  test("three layers of one name are two errors, whatever an optimizer keeps for them", async () => {
    const layer = (from: string) => `{ const h = batchNorm(${from}); y = h; }`;
    const body = `let y = x; ${layer("x")} ${layer("y")} ${layer("y")}`;
    const net = `${body}\nexport default network("a", { outputs: {}, steps: { step: { loss: mean(y), optimizer: adam() } } });`;
    const folder = workspace({
      "a.net.ts": `import { adam, batchNorm, input, mean, network } from "tapeless";\n${x}${net}`,
    });
    const { network, constNames } = await loadDefinition(join(folder, "a.net.ts"));
    const roots = entriesOf(network).flatMap(({ results, updates }) => [
      ...results.map(({ value }) => value),
      ...updates.flatMap(({ leaf, value }) => [leaf, value]),
    ]);
    const errors = ((): readonly unknown[] => {
      try {
        nameGraph(roots, constNames);
        return [];
      } catch (error) {
        return (error as TapelessErrors).errors;
      }
    })();
    expect(errors).toHaveLength(2);
  });

  test("an application that does not fit: both places are those of the file", async () => {
    const body = `// A line that no bundle has.
const tower = layer((x) => dense(x, 4));\nconst a = tower(x);\nconst b = tower(add(a, 1));${OUT("b")}`;
    expect(await refusal(body)).toMatch(
      /LAYER_MISMATCH: .*dense's weight \[4, 4\].* first application at \S*a\.net\.ts:5:11 made .*\n.*\n  at \S*a\.net\.ts:6:11$/,
    );
  });

  test("two explicit names", async () => {
    const body = `const a = dense(x, 8, { name: "n" }); const b = dense(a, 8, { name: "n" });${OUT("b")}`;
    expect(await refusal(body)).toMatch(/DUPLICATE_NAME/);
  });

  test.each([
    "__proto__",
    "constructor",
    "prototype",
    "a\nb",
    "a'b",
    'a"b',
    "a b",
    "9a",
    "-a",
    "a`${b}",
    "*/",
    "\u2028",
    "x".repeat(300),
  ])("%j as the name of a parameter", async (name) => {
    const body = `const w = parameter([8, 2], 0, { name: ${JSON.stringify(name)} });${OUT("matmul(x, w)")}`;
    expect(await refusal(body)).toMatch(/^BAD_NAME: .* cannot be the name of a parameter: .*a\.net\.ts:3:11$/s);
    expect(nameProblem(name)).toBeDefined();
  });

  test.each(["w", "_", "$x", "h1.weight", "encoder.block[3].query", "a-b/c", "class", "toString"])(
    "%j is a name",
    (name) => {
      expect(nameProblem(name)).toBeUndefined();
    },
  );

  test("a hostile input name", async () => {
    expect(await refusal(`const e = input("__proto__", ["batch", 8]);${OUT("add(x, e)")}`)).toMatch(/BAD_NAME.*input/);
  });

  test("two inputs of one name", async () => {
    expect(await refusal(`const e = input("x", ["batch", 8]);${OUT("add(x, e)")}`)).toMatch(
      /DUPLICATE_NAME.*two inputs/,
    );
  });
});

describe("other nodes", () => {
  test("the const's own call has its name, inner ones say what they are", async () => {
    const { nodes, names } = await load({
      "a.net.ts": `${HEAD}const x = input("x", ["batch", 8]);\nconst h1 = relu(dense(x, 4));\nconst h2 = relu(relu(relu(h1)));${OUT("softmax(h2)")}`,
    });
    const shown = nodes
      .filter((node) => node.def.family !== "leaf")
      .map((node) => `${node.def.name} ${names.of(node)}`);
    expect(shown).toContain("relu h1");
    expect(shown.some((line) => /h1\.(matmul|contract)$/.test(line))).toBe(true);
    expect(shown.filter((line) => line.startsWith("relu h2"))).toEqual(["relu h2.relu", "relu h2.relu2", "relu h2"]);
    expect(shown).toContain("softmax softmax");
    const all = nodes.map(names.of);
    expect(new Set(all).size).toBe(all.length);
  });

  test("what a helper returns is the const's own value, a call of a call is the outer one", async () => {
    const { nodes, names } = await load({
      "a.net.ts": `${HEAD}const x = input("x", ["batch", 8]);
        const mlp = (x) => { const h = dense(x, 4); return relu(h); };
        const body = mlp(x);
        const choose = () => relu;
        const h = choose()(body);${OUT("h")}`,
    });
    expect(nodes.filter((node) => node.def.name === "relu").map(names.of)).toEqual(["body", "h"]);
  });

  test("a rebuilt node keeps its name, and frames point into the user's file", async () => {
    const { folder, nodes, names } = await load({
      "a.net.ts": `${HEAD}const x = input("x", ["batch", 8]);\nconst h1 = relu(dense(x, 4));${OUT("h1")}`,
    });
    const h1 = nodes.at(-1)!;
    expect(names.of({ ...h1 })).toBe("h1");
    expect(names.frame(h1)).toEqual({ file: join(folder, "a.net.ts"), line: 3, column: 12 });
    const weight = nodes.find((node) => node.origin.role === "weight")!;
    expect(names.frame(weight)).toEqual({ file: join(folder, "a.net.ts"), line: 3, column: 17 });
    expect(
      names.of({
        ...h1,
        origin: { site: h1.origin.site, derived: { of: h1, by: elementwiseRule, kind: "adjoint" as const } },
      }),
    ).toBe("δh1");
  });

  test("a derived node names what it stands for, once", async () => {
    const { nodes, names } = await load({
      "a.net.ts": `${HEAD}const x = input("x", ["batch", 8]);\nconst h1 = relu(x);${OUT("h1")}`,
    });
    const h1 = nodes.at(-1)!;
    const adjoint = () => ({
      ...h1,
      origin: { site: h1.origin.site, derived: { of: h1, by: elementwiseRule, kind: "adjoint" as const } },
    });
    const [a, b] = [adjoint(), adjoint()];
    expect([names.of(a), names.of(b), names.of(a)]).toEqual(["δh1", "δh1_2", "δh1"]);
    const second = {
      ...h1,
      origin: { site: h1.origin.site, derived: { of: a, by: elementwiseRule, kind: "adjoint" as const } },
    };
    expect(names.of(second)).toBe("δδh1");
  });
});
