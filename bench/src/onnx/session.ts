// A task on ONNX Runtime: what a step returns is fed to the next one.

import { targetShape, inputShape } from "../networks.js";
import { inTurn, type Session } from "../peer.js";
import { crossEntropyOf, type Batch, type Task } from "../task.js";
import { onnxTask } from "./dense.js";

/** What is used of either package. */
export interface Runtime {
  readonly Tensor: new (type: "float32", data: Float32Array, dims: readonly number[]) => Tensor;
  readonly InferenceSession: { readonly create: (bytes: Uint8Array, options: object) => Promise<InferenceSession> };
}

interface Tensor {
  readonly data: unknown;
}

type Tensors = Readonly<Record<string, Tensor>>;

interface InferenceSession {
  readonly run: (feeds: Tensors) => Promise<Tensors>;
}

export async function openOnnx({ Tensor, InferenceSession }: Runtime, task: Task): Promise<Session> {
  const { network, rows, mode } = task;
  const { bytes, fed } = onnxTask(task);
  // One thread, as every other side has.
  const runtime = await InferenceSession.create(bytes, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const next = inTurn(
    task.batches.map((batch) => ({
      batch,
      x: new Tensor("float32", batch.inputs, [rows, ...inputShape(network)]),
      y: new Tensor("float32", batch.targets, [rows, ...targetShape(network)]),
    })),
  );
  let parameters: Tensors =
    mode === "inference"
      ? {}
      : Object.fromEntries(
          task.parameters.map(({ name, shape, values }) => [name, new Tensor("float32", values.slice(), shape)]),
        );
  const advance = async (): Promise<readonly [Batch, Tensors]> => {
    const { batch, x, y } = next();
    const results = await runtime.run(mode === "inference" ? { x } : { x, y, ...parameters });
    parameters = Object.fromEntries(fed.map(({ name, result }) => [name, results[result]!]));
    return [batch, results];
  };
  const read = (tensor: Tensor | undefined): Float32Array => tensor!.data as Float32Array;
  return {
    run: async (steps) => {
      for (let i = 0; i < steps; i++) await advance();
    },
    step: async () => {
      const [batch, results] = await advance();
      return mode === "inference" ? crossEntropyOf(read(results["probability"]), batch) : read(results["loss"])[0]!;
    },
  };
}
