// The networks in jax-js' operations: what comes before the loss. Every array is used once, or kept by `.ref`.

import { lax, nn, numpy as np } from "@jax-js/jax";
import type { Dense, Lstm, Network, Transformer } from "../../networks.js";

export type Values = ReadonlyMap<string, np.Array>;

export function forward(network: Network, values: Values, x: np.Array): np.Array {
  switch (network.kind) {
    case "dense":
      return dense(network, values, x);
    case "lenet":
      return lenet(values, x);
    case "lstm":
      return lstm(network, values, x);
    case "transformer":
      return transformer(network, values, x);
  }
}

const layer = (values: Values, name: string, x: np.Array): np.Array =>
  np.matmul(x, values.get(`${name}.weight`)!).add(values.get(`${name}.bias`)!);

function dense({ sizes, hidden }: Dense, values: Values, x: np.Array): np.Array {
  let value = x;
  for (let i = 1; i < sizes.length; i++) {
    value = layer(values, `layer${i}`, value);
    if (i < sizes.length - 1) value = hidden === "relu" ? nn.relu(value) : nn.sigmoid(value);
  }
  return value;
}

/** Its convolutions have channels before space. */
function lenet(values: Values, x: np.Array): np.Array {
  const rows = x.shape[0]!;
  const windows = (value: np.Array, name: string, padding: "SAME" | "VALID"): np.Array => {
    const weight = values.get(`${name}.weight`)!.transpose([3, 2, 0, 1]);
    const bias = values.get(`${name}.bias`)!.reshape([-1, 1, 1]);
    const sums = nn.relu(lax.conv(value, weight, [1, 1], padding).add(bias));
    return lax.reduceWindow(sums, (window) => np.max(window), [2, 2], [2, 2]);
  };
  const maps = windows(windows(x.transpose([0, 3, 1, 2]), "conv1", "SAME"), "conv2", "VALID");
  let value = maps.transpose([0, 2, 3, 1]).reshape([rows, -1]);
  for (const name of ["hidden1", "hidden2"]) value = nn.relu(layer(values, name, value));
  return layer(values, "logits", value);
}

function lstm({ positions, units }: Lstm, values: Values, x: np.Array): np.Array {
  const rows = x.shape[0]!;
  const inputs = layer(values, "memory", x);
  const recurrent = values.get("memory.recurrent")!;
  let h = np.zeros([rows, units]);
  let c = np.zeros([rows, units]);
  for (let position = 0; position < positions; position++) {
    const sums = inputs.ref.slice([], position).add(np.matmul(h, recurrent.ref));
    const gate = (index: number): np.Array => sums.ref.slice([], [index * units, (index + 1) * units]);
    const [i, f, g, o] = [nn.sigmoid(gate(0)), nn.sigmoid(gate(1)), np.tanh(gate(2)), nn.sigmoid(gate(3))];
    sums.dispose();
    c = f.mul(c).add(i.mul(g));
    h = o.mul(np.tanh(c.ref));
  }
  for (const value of [inputs, recurrent, c]) value.dispose();
  return layer(values, "logits", h);
}

function transformer({ positions, features, heads }: Transformer, values: Values, x: np.Array): np.Array {
  const [rows, size] = [x.shape[0]!, features / heads];
  const [query, key, value] = ["query", "key", "value"].map((part) =>
    layer(values, `block.attention.${part}`, x.ref).reshape([rows, positions, heads, size]),
  );
  // `nn.dotProductAttention` needs a newer Node than 20.
  const scores = np.matmul(query!.transpose([0, 2, 1, 3]), key!.transpose([0, 2, 3, 1])).mul(1 / Math.sqrt(size));
  const weighted = np.matmul(nn.softmax(scores, -1), value!.transpose([0, 2, 1, 3]));
  const mixed = weighted.transpose([0, 2, 1, 3]).reshape([rows, positions, features]);
  const attended = norm(values, "block.norm1", x.add(layer(values, "block.attention.output", mixed)));
  const hidden = nn.relu(layer(values, "block.linear1", attended.ref));
  return norm(values, "block.norm2", attended.add(layer(values, "block.linear2", hidden)));
}

const norm = (values: Values, name: string, x: np.Array): np.Array =>
  nn
    .standardize(x, -1, { epsilon: 1e-5 })
    .mul(values.get(`${name}.weight`)!)
    .add(values.get(`${name}.bias`)!);
