// Networks whose entries share and change things: several steps over shared parameters, states, tied and frozen weights,
// updates that read what others write, gradients of gradients, dropout, embeddings.

import type { Network, Optimizer } from "../../src/graph/network.js";
import type { Node } from "../../src/graph/node.js";
import type { Tensor } from "../../src/graph/tensor.js";
import * as tapeless from "../../src/index.js";
import { layers } from "./layers.js";
import { once } from "./once.js";

const {
  adam,
  add,
  batchNorm,
  constant,
  dense,
  dropout,
  flatten,
  gradient,
  groupNorm,
  input,
  instanceNorm,
  labels,
  layerNorm,
  matmul,
  mean,
  meanSquaredError,
  mul,
  neg,
  norm,
  parameter,
  randomNormal,
  relu,
  reshape,
  rmsNorm,
  sgd,
  sigmoid,
  square,
  state,
  stopGradient,
  sub,
  sum,
  take,
  tanh,
  target,
  transpose,
  updating,
  variance,
} = tapeless;

export const CAPACITY = 4;
const batch = CAPACITY;
const optimizer = sgd({ rate: 0.1, momentum: 0.9 });

const x = (): Tensor<readonly ["batch", 3]> => input("x", ["batch", 3]);
const t = (): Tensor<readonly ["batch", 2]> => target("t", ["batch", 2]);

/** An optimizer of one's own: what each parameter becomes is a graph over all of them. */
const rule = (name: string, next: (parameter: Node, gradient: Node) => Node): Optimizer => ({
  kind: "optimizer",
  name,
  updates: (gradients) => [...gradients].map(([leaf, gradient]) => ({ leaf, value: next(leaf, gradient) })),
  groups: [],
  notes: [],
});

export const networks = once<() => Network>({
  "an actor and a critic over shared features": () => {
    const features = tanh(dense(x(), 5, { name: "shared" }));
    const action = tanh(dense(features, 2, { name: "actor" }));
    const value = dense(features, 1, { name: "critic" });
    const reward = target("reward", ["batch", 1]);
    const error = sub(reward, value) as Tensor;
    const critic = { loss: mean(square(error)), optimizer: adam({ rate: 0.01 }) };
    const actor = {
      loss: neg(mean(mul(sum(action, { axis: 1, keepAxes: true }), stopGradient(error) as never))),
      optimizer,
    };
    return tapeless.network("agent", { batch, outputs: { action, value }, steps: { critic, actor: actor as never } });
  },
  "two players": () => {
    const made = dense(input("noise", ["batch", 2]), 3, { name: "maker" });
    const weight = parameter([3, 1], 0.3, { name: "judge" });
    const judged = (real: Tensor): Tensor => sigmoid(matmul(real as never, weight as never)) as Tensor;
    const judge = {
      loss: mean(sub(judged(made as Tensor), judged(x() as Tensor) as never)),
      optimizer,
      parameters: [weight as Tensor],
    };
    const parameters = everyParameter(made);
    const maker = { loss: mean(neg(judged(made as Tensor))), optimizer, parameters };
    return tapeless.network("players", {
      batch,
      outputs: { made },
      steps: { judge: judge as never, maker: maker as never },
    });
  },
  "several inputs, outputs and weighted losses over dense connections, with metrics": () => {
    const [left, right] = [x(), input("right", ["batch", 2])];
    const h1 = tanh(dense(left, 4, { name: "h1" }));
    const h2 = relu(dense(tapeless.concat([left, h1] as never, { axis: 1 }) as Tensor, 4, { name: "h2" }));
    const joined = tapeless.concat([left, h1, add(h1, h2), right] as never, { axis: 1 }) as Tensor;
    const logits = dense(joined, 5, { name: "logits" });
    const y = dense(joined, 2, { name: "y" });
    const kind = labels("kind", ["batch"], 5);
    const weights = input("weights", ["batch"]);
    const classes = tapeless.crossEntropy(logits, kind, { weights });
    const wanted = t();
    const error = meanSquaredError(y, wanted);
    const { accuracy, auc, average, confusionMatrix, f1, perplexity, rSquared, topKAccuracy } = tapeless;
    return tapeless.network("several", {
      batch,
      outputs: { probability: tapeless.softmax(logits), y },
      loss: add(add(mul(classes, 0.7), mul(error, 0.3)), tapeless.l2(0.01, everyParameter(y)[0]!)),
      optimizer: adam({ rate: 0.01 }),
      metrics: {
        accuracy: accuracy(logits, kind),
        top: topKAccuracy(logits, kind, { k: 2, weights }),
        f1: f1(logits, kind, { weights }),
        table: confusionMatrix(logits, kind),
        perplexity: perplexity(logits, kind, { ignoreIndex: 3 }),
        auc: auc(sum(y, { axis: 1 }), tapeless.greater(kind, 2), { bins: 7, from: "logits" }),
        rSquared: rSquared(y, wanted),
        average: average(y, { weights }),
        error,
      },
    });
  },
  "a variational autoencoder": () => {
    const seen = x();
    const hidden = tanh(dense(seen, 5, { name: "encoder" }));
    const [centre, spread] = [dense(hidden, 2, { name: "mean" }), dense(hidden, 2, { name: "spread" })];
    const noise = randomNormal(["batch", 2]);
    const decoder = [parameter([2, 5], 0.3, { name: "d1" }), parameter([5, 3], 0.2, { name: "d2" })] as const;
    const decode = (code: Tensor): Tensor =>
      matmul(tanh(matmul(code, decoder[0] as never)) as never, decoder[1] as never) as Tensor;
    const code = add(centre, mul(tapeless.exp(mul(spread, 0.5)), noise));
    const divergence = sub(add(square(centre), tapeless.exp(spread)), add(spread, 1));
    const loss = add(mean(square(sub(decode(code), seen as never) as Tensor)), mul(mean(divergence as Tensor), 0.05));
    const sample = sigmoid(decode(input("code", ["batch", 2])));
    return tapeless.network("vae", { batch, outputs: { sample }, loss, optimizer: adam({ rate: 0.01 }) });
  },
  "running statistics": () => {
    const y = dense(x(), 2, { name: "layer" });
    const running = state("running", [2], 0);
    const spread = state("spread", [2], 1);
    const [now, wide] = [mean(y, { axis: 0 }), variance(y, { axis: 0 })] as [Tensor, Tensor];
    const average = (old: unknown, fresh: Tensor): Tensor =>
      add(mul(old as never, 0.9), mul(stopGradient(fresh), 0.1) as never) as Tensor;
    const centred = updating(sub(y, running), [
      [running as Tensor, average(running, now)],
      [spread as Tensor, average(spread, wide)],
    ]);
    return tapeless.network("statistics", {
      batch,
      outputs: { centred },
      loss: meanSquaredError(centred as never, t() as never),
      optimizer,
    });
  },
  "batch norms between layers": () => {
    const hidden = batchNorm(dense(x(), 5, { name: "first", bias: false }), { name: "inner", momentum: 0.3 });
    const wide = reshape(relu(hidden), ["batch", 5, 1]);
    const image = batchNorm(mul(wide, constant([[1, -0.5, 2]])) as Tensor, { axis: 1, scale: false, name: "image" });
    const frozen = batchNorm(flatten(image), { trainable: false, name: "frozen" });
    const y = dense(tanh(frozen) as never, 2, { name: "head" }) as Tensor;
    return tapeless.network("batches", {
      batch,
      outputs: { y, hidden },
      loss: meanSquaredError(y as never, t() as never),
      optimizer: adam({ rate: 0.01 }),
    });
  },
  "norms of each example": () => {
    const normal = layerNorm(dense(x(), 6, { name: "first" }), { name: "rows" });
    const image = reshape(normal, ["batch", 3, 2]);
    const groups = groupNorm(image, 3, { axis: 1, name: "groups" });
    const instances = instanceNorm(mul(image, 0.5) as Tensor, { name: "instances" });
    const all = layerNorm(add(groups, instances as never) as Tensor, { axis: [1, 2], name: "all" });
    const y = dense(rmsNorm(flatten(all), { name: "root" }) as never, 2, { name: "head" }) as Tensor;
    return tapeless.network("examples", {
      batch,
      outputs: { y },
      loss: meanSquaredError(y as never, t() as never),
      optimizer: adam({ rate: 0.01 }),
    });
  },
  // Not with Adam: a bias of keys has the gradient 0, and Adam makes large numbers of what rounding leaves of it.
  "an encoder and a decoder, masked": () => {
    const ids = input("ids", ["batch", 4], { dtype: "int32", below: 5 });
    const tokens = tapeless.embedding(ids, 5, 4, { name: "tokens" }) as Tensor;
    const placed = add(tokens, tapeless.sinusoidalEncoding(4, 4) as never) as Tensor;
    const real = tapeless.greater(ids, 0) as Tensor;
    const memory = tapeless.transformerEncoder(placed, 2, {
      name: "encoder",
      norm: "pre",
      dropout: 0.2,
      paddingMask: real,
    });
    const memoryPaddingMask = tapeless.slice(real, [null, [1, 4]]) as Tensor;
    const seen = tapeless.slice(memory, [null, [1, 4]]) as Tensor;
    const y = tapeless.transformerDecoder(tokens, seen, 1, {
      name: "decoder",
      activation: tapeless.gelu,
      memoryPaddingMask,
    });
    const next = labels("next", ["batch", 4], 5, { ignoreIndex: -100 });
    const logits = dense(y as never, 5, { name: "head" }) as Tensor;
    const loss = tapeless.sequenceCrossEntropy(logits, next, { ignoreIndex: -100 });
    return tapeless.network("translation", { batch, outputs: { y, logits }, loss, optimizer });
  },
  "two states that change places": () => {
    const [a, b] = [state("a", [2], 1), state("b", [2], -2)] as [Tensor, Tensor];
    const y = updating(add(dense(x(), 2, { name: "layer" }), mul(a, b as never) as never) as Tensor, [
      [a, b],
      [b, add(a, 1) as Tensor],
    ]);
    return tapeless.network("swap", {
      batch,
      outputs: { y },
      loss: meanSquaredError(y as never, t() as never),
      optimizer,
    });
  },
  "three states in a ring, one reversed": () => {
    const [a, b, c] = [1, 2, 3].map((n) => state(`s${n}`, [2, 2], n)) as unknown as [Tensor, Tensor, Tensor];
    const y = updating(
      add(dense(x(), 2, { name: "layer" }), sum(mul(a, sub(b, c as never) as never), { axis: 0 }) as never) as Tensor,
      [
        [a, transpose(b) as Tensor],
        [b, tapeless.flip(mul(c, 1.5) as Tensor) as Tensor],
        [c, a],
      ],
    );
    return tapeless.network("ring", {
      batch,
      outputs: { y },
      loss: meanSquaredError(y as never, t() as never),
      optimizer,
    });
  },
  "a weight used twice, once transposed": () => {
    const weight = parameter([3, 2], 0.2, { name: "tied" });
    const point = x();
    const code = tanh(matmul(point, weight));
    const y = matmul(code, transpose(weight) as never) as Tensor;
    return tapeless.network("tied", {
      batch,
      outputs: { y },
      loss: mean(square(sub(y, point as never) as Tensor)),
      optimizer,
    });
  },
  "frozen parameters": () => {
    const fixed = parameter([3, 4], 0.3, { name: "fixed", trainable: false });
    const hidden = tanh(matmul(x(), fixed));
    const y = dense(hidden, 2, { name: "head" });
    return tapeless.network("frozen", { batch, outputs: { y }, loss: meanSquaredError(y, t() as never), optimizer });
  },
  "two tables of embeddings that read each other": () => {
    const [word, near] = ["word", "near"].map((name) => input(name, ["batch"], { dtype: "int32", below: 6 }));
    const [a, b] = ["a", "b"].map((name) => parameter([6, 3], tapeless.uniform(-1, 1), { name }));
    const far = input("far", ["batch", 2], { dtype: "int32", below: 6 });
    const score = sum(mul(take(a!, word!), add(take(b!, near!), take(a!, near!)) as never) as never, { axis: [1] });
    const others = sum(mul(tapeless.expandDims(take(a!, word!), 1) as never, take(b!, far)) as never, { axis: [2] });
    const loss = add(mean(tapeless.softplus(neg(score as Tensor))), mean(tapeless.softplus(others as Tensor)));
    return tapeless.network("tables", { batch, loss, optimizer: sgd({ rate: 0.1 }) });
  },
  "an embedding": () => {
    const table = parameter([6, 3], 0.1, { name: "table" });
    const word = input("word", ["batch", 2], { dtype: "int32", below: 6 });
    const y = dense(sum(take(table, word as never) as Tensor, { axis: 1 }) as never, 2, { name: "head" }) as Tensor;
    return tapeless.network("embedding", {
      batch,
      outputs: { y },
      loss: meanSquaredError(y as never, t() as never),
      optimizer,
    });
  },
  "embedding layers with padding, one of them tied": () => {
    const word = input("word", ["batch", 2], { dtype: "int32", below: 6 });
    const rows = tapeless.embedding(word, 6, 3, { name: "rows", paddingIndex: 0 });
    const tied = parameter([6, 3], tapeless.normal(0, 1), { name: "tied" });
    const other = tapeless.embedding(word, 6, 3, { parameters: { weight: tied }, paddingIndex: -1 });
    const score = matmul(sum(mul(rows, other), { axis: 1 }) as never, transpose(tied) as never) as Tensor;
    const loss = tapeless.crossEntropy(score, labels("class", ["batch"], 6));
    return tapeless.network("padded", { batch, outputs: { score }, loss, optimizer: adam({ rate: 0.01 }) });
  },
  "an embedding layer under plain descent": () => {
    const word = input("word", ["batch", 2], { dtype: "int32", below: 6 });
    const rows = tapeless.embedding(word, 9, 3, { name: "rows", paddingIndex: 2 });
    const y = dense(mean(rows, { axis: 1 }) as never, 2, { name: "head" }) as Tensor;
    const loss = meanSquaredError(y as never, t() as never);
    return tapeless.network("lookup", { batch, outputs: { y }, loss, optimizer: sgd({ rate: 0.1 }) });
  },
  "ordered values, running sums and a diagonal": () => {
    const y = dense(x(), 6, { name: "layer" });
    const sorted = tapeless.sort(tanh(y), { descending: true });
    const { values, indices } = tapeless.topK(y, 2);
    const running = tapeless.cumsum(sorted, { reverse: true });
    const batchwise = tapeless.cumsum(y, { axis: 0, exclusive: true });
    const long = tapeless.cumsum(tapeless.tile(y, [1, 7]), { axis: 1 });
    const picked = tapeless.takeAlong(running, indices);
    const trace = tapeless.einsum(
      "bij,bij,bkk->b",
      ...([
        reshape(running, ["batch", 2, 3]),
        reshape(y, ["batch", 2, 3]),
        reshape(tapeless.slice(batchwise, [null, [0, 4]]), ["batch", 2, 2]),
      ] as never[]),
    );
    const parts = [mean(tanh(values)), mean(mul(picked, 0.5)), mean(tanh(trace)), mul(mean(long), 0.01)];
    const loss = parts.reduce((a, b) => add(a, b as never) as never);
    return tapeless.network("ordered", { batch, outputs: { sorted, values, indices }, loss, optimizer });
  },
  "updates that read what others write": () => {
    const a = parameter([2, 2], 0.5, { name: "a" }) as Tensor;
    const b = parameter([2, 2], -0.25, { name: "b" }) as Tensor;
    const wide = dense(x(), 2, { name: "layer" });
    const y = matmul(wide as never, add(a, matmul(b, a as never) as never) as never) as Tensor;
    // Each takes the other's old value, once as it is and once across its rows.
    const crossing = rule("crossing", (parameter, slope) => {
      const step = (from: Node): Node => sub(from as Tensor, mul(slope as Tensor, 0.1) as never) as Node;
      if (parameter === (a as Node)) return step(transpose(b));
      if (parameter === (b as Node)) return step(matmul(a, b as never));
      return step(parameter);
    });
    return tapeless.network("crossing", {
      batch,
      outputs: { y },
      loss: meanSquaredError(y as never, t() as never),
      optimizer: crossing,
    });
  },
  "a gradient penalty": () => {
    const point = x();
    const y = dense(tanh(dense(point, 4, { name: "hidden" })), 1, { name: "head" });
    const slope = gradient(sum(y), point);
    const penalty = mean(square(sub(norm(slope, { axis: 1 }), 1) as Tensor));
    return tapeless.network("penalty", {
      batch,
      outputs: { y, slope },
      loss: add(mean(square(y)), penalty),
      optimizer,
    });
  },
  "dropout and noise": () => {
    const hidden = dropout(tanh(dense(x(), 6, { name: "hidden" })), 0.5);
    const y = dense(add(hidden, randomNormal(["batch", 6], { deviation: 0.1 })), 2, { name: "head" });
    return tapeless.network("noise", { batch, outputs: { y }, loss: meanSquaredError(y, t() as never), optimizer });
  },
  "an output that is an input, a parameter, a constant": () => {
    const point = x();
    const w = parameter([3], 0.5, { name: "w" });
    const y = mul(point, w);
    const outputs = { same: point, w, fixed: constant([1, 2.5]), y, again: y };
    return tapeless.network("plain", { batch, outputs: outputs as never, loss: mean(square(y)), optimizer });
  },
  "classes, with the loss among the outputs' values": () => {
    const logits = dense(x(), 4, { name: "layer" });
    const loss = tapeless.crossEntropy(logits, labels("class", ["batch"], 4), { labelSmoothing: 0.1 });
    return tapeless.network("classes", {
      batch,
      outputs: { p: tapeless.softmax(logits), best: tapeless.argMax(logits) },
      loss,
      optimizer,
    });
  },
  ...layers,
});

function everyParameter(node: Node): Tensor[] {
  const found: Tensor[] = [];
  const visit = (n: Node): void => {
    if (n.def.name === "parameter") found.push(n as Tensor);
    n.inputs.forEach(visit);
  };
  visit(node);
  return found;
}
