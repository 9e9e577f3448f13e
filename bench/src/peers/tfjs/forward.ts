// The networks in TensorFlow.js' operations: what comes before the loss.

import * as tf from "@tensorflow/tfjs-core";
import type { Dense, Lstm, Network, Transformer } from "../../networks.js";

export type Variables = Readonly<Record<string, tf.Variable>>;

export function forward(network: Network, variables: Variables, x: tf.Tensor): tf.Tensor {
  switch (network.kind) {
    case "dense":
      return dense(network, variables, x);
    case "lenet":
      return lenet(variables, x as tf.Tensor4D);
    case "lstm":
      return lstm(network, variables, x as tf.Tensor3D);
    case "transformer":
      return transformer(network, variables, x as tf.Tensor3D);
  }
}

const matrix = (variable: tf.Variable): tf.Tensor2D => variable as tf.Tensor as tf.Tensor2D;

/** x W + b over the last axis. */
function layer(variables: Variables, name: string, x: tf.Tensor): tf.Tensor {
  const weight = matrix(variables[`${name}.weight`]!);
  const bias = variables[`${name}.bias`]!;
  if (x.rank === 2) return tf.add(tf.matMul(x as tf.Tensor2D, weight), bias);
  const flat: tf.Tensor2D = tf.reshape(x, [-1, weight.shape[0]]);
  return tf.reshape(tf.add(tf.matMul(flat, weight), bias), [...x.shape.slice(0, -1), weight.shape[1]]);
}

function dense({ sizes, hidden }: Dense, variables: Variables, x: tf.Tensor): tf.Tensor {
  let value = x;
  for (let i = 1; i < sizes.length; i++) {
    value = layer(variables, `layer${i}`, value);
    if (i < sizes.length - 1) value = hidden === "relu" ? tf.relu(value) : tf.sigmoid(value);
  }
  return value;
}

function lenet(variables: Variables, x: tf.Tensor4D): tf.Tensor {
  const windows = (value: tf.Tensor4D, name: string, padding: "same" | "valid"): tf.Tensor4D => {
    const weight = variables[`${name}.weight`]! as tf.Tensor as tf.Tensor4D;
    const sums: tf.Tensor4D = tf.add(tf.conv2d(value, weight, 1, padding), variables[`${name}.bias`]!);
    return tf.maxPool(tf.relu(sums), 2, 2, "valid");
  };
  const maps = windows(windows(x, "conv1", "same"), "conv2", "valid");
  let value: tf.Tensor = tf.reshape(maps, [x.shape[0], -1]);
  for (const name of ["hidden1", "hidden2"]) value = tf.relu(layer(variables, name, value));
  return layer(variables, "logits", value);
}

function lstm({ positions, units }: Lstm, variables: Variables, x: tf.Tensor3D): tf.Tensor {
  // The inputs' share of all positions at once.
  const inputs = tf.unstack(layer(variables, "memory", x), 1);
  const recurrent = matrix(variables["memory.recurrent"]!);
  let h: tf.Tensor = tf.zeros([x.shape[0], units]);
  let c: tf.Tensor = tf.zeros([x.shape[0], units]);
  for (let position = 0; position < positions; position++) {
    const sums = tf.add(inputs[position]!, tf.matMul(h as tf.Tensor2D, recurrent));
    const [i, f, g, o] = tf.split(sums, 4, 1);
    c = tf.add(tf.mul(tf.sigmoid(f!), c), tf.mul(tf.sigmoid(i!), tf.tanh(g!)));
    h = tf.mul(tf.sigmoid(o!), tf.tanh(c));
  }
  return layer(variables, "logits", h);
}

function transformer({ positions, features, heads }: Transformer, variables: Variables, x: tf.Tensor3D): tf.Tensor {
  const rows = x.shape[0];
  const size = features / heads;
  const [query, key, value] = ["query", "key", "value"].map((part) => {
    const projected = layer(variables, `block.attention.${part}`, x);
    return tf.transpose(tf.reshape(projected, [rows, positions, heads, size]), [0, 2, 1, 3]);
  });
  const scores = tf.mul(tf.matMul(query!, key!, false, true), 1 / Math.sqrt(size));
  const mixed = tf.transpose(tf.matMul(tf.softmax(scores), value!), [0, 2, 1, 3]);
  const joined = tf.reshape(mixed, [rows, positions, features]);
  const attended = norm(variables, "block.norm1", tf.add(x, layer(variables, "block.attention.output", joined)));
  const hidden = tf.relu(layer(variables, "block.linear1", attended));
  return norm(variables, "block.norm2", tf.add(attended, layer(variables, "block.linear2", hidden)));
}

function norm(variables: Variables, name: string, x: tf.Tensor): tf.Tensor {
  const centred = tf.sub(x, tf.mean(x, -1, true));
  const variance = tf.mean(tf.square(centred), -1, true);
  const standard = tf.mul(centred, tf.rsqrt(tf.add(variance, 1e-5)));
  return tf.add(tf.mul(standard, variables[`${name}.weight`]!), variables[`${name}.bias`]!);
}
