// A graph as an ONNX model's bytes: the fields of onnx.proto that such a graph needs.

import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Integers, lists of integers, or `{ float }`. */
  readonly attributes?: Readonly<Record<string, number | readonly number[] | { readonly float: number }>>;
}

/** A tensor of float32. */
export interface OnnxValue {
  readonly name: string;
  readonly shape: readonly number[];
}

export interface OnnxConstant {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array | BigInt64Array;
}

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly constants: readonly OnnxConstant[];
}

const FLOAT = 1;
const INT64 = 7;

type Fields = (writer: BinaryWriter) => void;

export function onnxModel({ nodes, inputs, outputs, constants }: OnnxGraph): Uint8Array {
  const writer = new BinaryWriter();
  writer.tag(1, WireType.Varint).int64(8); // ir_version
  message(writer, 8, (opset) => void opset.tag(2, WireType.Varint).int64(17));
  message(writer, 7, (graph) => {
    for (const each of nodes) message(graph, 1, node(each));
    text(graph, 2, "step");
    for (const each of constants) message(graph, 5, tensor(each));
    for (const each of inputs) message(graph, 11, valueInfo(each));
    for (const each of outputs) message(graph, 12, valueInfo(each));
  });
  return writer.finish();
}

function message(writer: BinaryWriter, field: number, write: Fields): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  write(writer);
  writer.join();
}

const text = (writer: BinaryWriter, field: number, value: string): void =>
  void writer.tag(field, WireType.LengthDelimited).string(value);

const node =
  ({ op, inputs, outputs, attributes }: OnnxNode): Fields =>
  (writer) => {
    for (const input of inputs) text(writer, 1, input);
    for (const output of outputs) text(writer, 2, output);
    text(writer, 4, op);
    for (const [name, value] of Object.entries(attributes ?? {})) message(writer, 5, attribute(name, value));
  };

const attribute =
  (name: string, value: number | readonly number[] | { readonly float: number }): Fields =>
  (writer) => {
    text(writer, 1, name);
    if (typeof value === "number") {
      writer.tag(3, WireType.Varint).int64(value);
      writer.tag(20, WireType.Varint).int32(2);
    } else if ("float" in value) {
      writer.tag(2, WireType.Bit32).float(value.float);
      writer.tag(20, WireType.Varint).int32(1);
    } else {
      for (const each of value) writer.tag(8, WireType.Varint).int64(each);
      writer.tag(20, WireType.Varint).int32(7);
    }
  };

const tensor =
  ({ name, shape, values }: OnnxConstant): Fields =>
  (writer) => {
    for (const size of shape) writer.tag(1, WireType.Varint).int64(size);
    writer.tag(2, WireType.Varint).int32(values instanceof Float32Array ? FLOAT : INT64);
    text(writer, 8, name);
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    writer.tag(9, WireType.LengthDelimited).bytes(bytes);
  };

const valueInfo =
  ({ name, shape }: OnnxValue): Fields =>
  (writer) => {
    text(writer, 1, name);
    message(writer, 2, (type) =>
      message(type, 1, (tensorType) => {
        tensorType.tag(1, WireType.Varint).int32(FLOAT);
        message(tensorType, 2, (dims) => {
          for (const size of shape) message(dims, 1, (dim) => void dim.tag(1, WireType.Varint).int64(size));
        });
      }),
    );
  };
