// A training step as one would write it down: typed arrays made once, three nested loops for each product, a sum in a
// local variable, and nothing clever.

import type { Dense, Optimizer } from "../networks.js";
import { inTurn, session, type Peer, type Session } from "../peer.js";
import { crossEntropyOf, layersOf, type Task } from "../task.js";

interface Layer {
  readonly fanIn: number;
  readonly fanOut: number;
  readonly weight: Float32Array;
  readonly bias: Float32Array;
  readonly weightGradient: Float32Array;
  readonly biasGradient: Float32Array;
  /** [rows, fan out]: the layer's output, and the loss' gradient with respect to its sums. */
  readonly output: Float32Array;
  readonly delta: Float32Array;
  readonly moments: readonly Float32Array[];
}

export const loops: Peer = { open };

function open(task: Task): Session {
  const { network, rows, batches, mode } = task;
  if (network.kind !== "dense") throw new Error("plain loops are written for dense layers");
  const layers = layersOf(task).map(({ weight, bias }, i): Layer => {
    const [fanIn, fanOut] = [network.sizes[i]!, network.sizes[i + 1]!];
    return {
      fanIn,
      fanOut,
      weight: weight.slice(),
      bias: bias.slice(),
      weightGradient: new Float32Array(weight.length),
      biasGradient: new Float32Array(bias.length),
      output: new Float32Array(rows * fanOut),
      delta: new Float32Array(rows * fanOut),
      moments: [weight, weight, bias, bias].map(({ length }) => new Float32Array(length)),
    };
  });
  const next = inTurn(batches);
  let count = 0;
  if (mode === "inference") {
    const { output, delta, fanOut } = layers.at(-1)!;
    const none = new Float32Array(rows * fanOut);
    return session(() => {
      const batch = next();
      forward(network, layers, rows, batch.inputs);
      // Against no target at all, the gradient is the probabilities over the rows.
      lossAndGradient(network.head, output, none, delta, rows, fanOut);
      return crossEntropyOf(
        delta.map((p) => p * rows),
        batch,
      );
    });
  }
  return session(() => {
    const batch = next();
    count++;
    return trainingStep(network, layers, rows, batch.inputs, batch.targets, count);
  });
}

function forward(network: Dense, layers: readonly Layer[], rows: number, inputs: Float32Array): void {
  layers.forEach((layer, l) => {
    const below = l === 0 ? inputs : layers[l - 1]!.output;
    multiply(below, layer.weight, layer.bias, layer.output, rows, layer.fanIn, layer.fanOut);
    if (l < layers.length - 1) activate(network.hidden, layer.output);
  });
}

function trainingStep(
  network: Dense,
  layers: readonly Layer[],
  rows: number,
  inputs: Float32Array,
  targets: Float32Array,
  count: number,
): number {
  const last = layers.length - 1;
  forward(network, layers, rows, inputs);
  const { output, delta, fanOut } = layers[last]!;
  const loss = lossAndGradient(network.head, output, targets, delta, rows, fanOut);
  for (let l = last; l >= 0; l--) {
    const layer = layers[l]!;
    const below = l === 0 ? inputs : layers[l - 1]!.output;
    weightGradient(below, layer.delta, layer.weightGradient, layer.biasGradient, rows, layer.fanIn, layer.fanOut);
    if (l > 0)
      inputGradient(
        network.hidden,
        layer.delta,
        layer.weight,
        below,
        layers[l - 1]!.delta,
        rows,
        layer.fanIn,
        layer.fanOut,
      );
  }
  for (const { weight, bias, weightGradient, biasGradient, moments } of layers) {
    update(network.optimizer, weight, weightGradient, moments[0]!, moments[1]!, count);
    update(network.optimizer, bias, biasGradient, moments[2]!, moments[3]!, count);
  }
  return loss;
}

/** y = x w + b */
function multiply(
  x: Float32Array,
  w: Float32Array,
  b: Float32Array,
  y: Float32Array,
  rows: number,
  fanIn: number,
  fanOut: number,
): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < fanOut; j++) {
      let sum = b[j]!;
      for (let k = 0; k < fanIn; k++) sum += x[i * fanIn + k]! * w[k * fanOut + j]!;
      y[i * fanOut + j] = sum;
    }
  }
}

function activate(activation: Dense["hidden"], y: Float32Array): void {
  if (activation === "relu") {
    for (let i = 0; i < y.length; i++) if (y[i]! < 0) y[i] = 0;
  } else {
    for (let i = 0; i < y.length; i++) y[i] = 1 / (1 + Math.exp(-y[i]!));
  }
}

/** The mean loss; the gradient with respect to the sums goes to `delta`. */
function lossAndGradient(
  head: Dense["head"],
  sums: Float32Array,
  targets: Float32Array,
  delta: Float32Array,
  rows: number,
  width: number,
): number {
  let loss = 0;
  if (head === "squared error") throw new Error("no squared error is written");
  if (head === "softmax cross-entropy") {
    for (let i = 0; i < rows; i++) {
      const start = i * width;
      let largest = -Infinity;
      for (let j = 0; j < width; j++) largest = Math.max(largest, sums[start + j]!);
      let total = 0;
      for (let j = 0; j < width; j++) total += Math.exp(sums[start + j]! - largest);
      const logTotal = Math.log(total) + largest;
      for (let j = 0; j < width; j++) {
        const logProbability = sums[start + j]! - logTotal;
        loss -= targets[start + j]! * logProbability;
        delta[start + j] = (Math.exp(logProbability) - targets[start + j]!) / rows;
      }
    }
    return loss / rows;
  }
  const size = rows * width;
  for (let i = 0; i < size; i++) {
    const probability = 1 / (1 + Math.exp(-sums[i]!));
    const error = probability - targets[i]!;
    if (head === "sigmoid cross-entropy") {
      loss -= Math.log(targets[i]! === 1 ? probability : 1 - probability);
      delta[i] = error / size;
    } else {
      loss += error * error;
      delta[i] = (2 * error * probability * (1 - probability)) / size;
    }
  }
  return loss / size;
}

/** dw = xᵀ delta, db = the sum of delta over the rows */
function weightGradient(
  x: Float32Array,
  delta: Float32Array,
  dw: Float32Array,
  db: Float32Array,
  rows: number,
  fanIn: number,
  fanOut: number,
): void {
  for (let k = 0; k < fanIn; k++) {
    for (let j = 0; j < fanOut; j++) {
      let sum = 0;
      for (let i = 0; i < rows; i++) sum += x[i * fanIn + k]! * delta[i * fanOut + j]!;
      dw[k * fanOut + j] = sum;
    }
  }
  for (let j = 0; j < fanOut; j++) {
    let sum = 0;
    for (let i = 0; i < rows; i++) sum += delta[i * fanOut + j]!;
    db[j] = sum;
  }
}

/** dx = delta wᵀ, times the activation's derivative, which its output tells */
function inputGradient(
  activation: Dense["hidden"],
  delta: Float32Array,
  w: Float32Array,
  output: Float32Array,
  dx: Float32Array,
  rows: number,
  fanIn: number,
  fanOut: number,
): void {
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < fanIn; k++) {
      let sum = 0;
      for (let j = 0; j < fanOut; j++) sum += delta[i * fanOut + j]! * w[k * fanOut + j]!;
      const y = output[i * fanIn + k]!;
      dx[i * fanIn + k] = activation === "relu" ? (y > 0 ? sum : 0) : sum * y * (1 - y);
    }
  }
}

function update(
  optimizer: Optimizer,
  p: Float32Array,
  g: Float32Array,
  m: Float32Array,
  v: Float32Array,
  count: number,
): void {
  const { rate } = optimizer;
  if (optimizer.kind === "sgd") {
    for (let i = 0; i < p.length; i++) p[i]! -= rate * g[i]!;
    return;
  }
  const { beta1, beta2, epsilon } = optimizer;
  const [correct1, correct2] = [1 - beta1 ** count, 1 - beta2 ** count];
  for (let i = 0; i < p.length; i++) {
    m[i] = beta1 * m[i]! + (1 - beta1) * g[i]!;
    v[i] = beta2 * v[i]! + (1 - beta2) * g[i]! * g[i]!;
    p[i]! -= (rate * (m[i]! / correct1)) / (Math.sqrt(v[i]! / correct2) + epsilon);
  }
}
