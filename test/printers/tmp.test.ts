import { test } from "vitest";
import * as t from "tapeless";
import { compile } from "../../compiler/compile.js";
import { files, load } from "../emitted/example.js";
import { topological } from "../../src/graph/walk.js";

function transformer(blocks: number, optimizer: t.Optimizer) {
  const text = t.input("text", ["batch", 8], { dtype: "int32", below: 10 });
  const next = t.labels("next", ["batch", 8], 10);
  let x: t.Tensor<any> = t.add(t.embedding(text, 10, 16), t.learnedEncoding(8, 16) as never);
  for (let i = 0; i < blocks; i++) {
    const block = t.transformerEncoder(x, 4, { norm: "pre", causal: true, activation: t.gelu, feedForward: 32, dropout: 0.1 });
    x = block;
  }
  const logits = t.dense(t.layerNorm(x), 10);
  return t.network("blocks", { batch: 4, outputs: { logits }, loss: t.sequenceCrossEntropy(logits as never, next), optimizer });
}
function show(net: t.Network) {
  const c = compile(net);
  const s = performance.now();
  const p = c.primitive;
  const ms = performance.now() - s;
  console.log(net.name, ms.toFixed(0) + "ms");
  for (const b of p.blocks) console.log("  block", b.name, "nodes", topological(b.region.results).length, "params", b.region.parameters.length, "results", b.region.results.length, b.region.parameters.map(b.nameOf).join(" ").slice(0, 300));
  for (const e of p.entries) {
    const calls: Record<string, number> = {};
    for (const st of e.statements) if (st.kind === "call") calls[st.block.name] = (calls[st.block.name] ?? 0) + 1;
    console.log("  ", e.name, "nodes", topological([...e.results, ...e.updates].map((r) => r.value)).length, "statements", e.statements.length, JSON.stringify(calls));
  }
}
test("transformers", () => {
  for (const n of [4, 12]) show(transformer(n, t.adam({ rate: 0.01 })));
}, 200000);
test("examples", async () => {
  for (const f of files) show(await load(f));
}, 300000);
