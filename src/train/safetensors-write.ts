// Writes safetensors files, which Python's `safetensors` and Hugging Face's tools read.

import * as say from "./messages.js";
import { HEADER_LIMIT, NAMES_LIMIT } from "./safetensors-read.js";
import { TYPES } from "./safetensors-types.js";
import type { StoredTensor, Tensors } from "./tensor.js";
import { type OptionChecks, checkOptions, settings } from "./options.js";

/** The options of {@link writeSafetensors}. */
export interface WriteSafetensorsOptions {
  /** Texts by name that the file has beside its tensors. None unless stated. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

const OPTIONS = { metadata: settings } satisfies OptionChecks<WriteSafetensorsOptions>;

/**
 * The bytes of a safetensors file with these tensors, numbers as they are, bit for bit: Python's `safetensors` and
 * Hugging Face's tools read it. The wider types stand first, so that all numbers lie where arrays can read them.
 * @param tensors by name, such as those of {@link tensorsOf}
 * @returns the bytes of the file
 * @throws BAD_TENSOR for a tensor whose numbers are not as many as its shape says, or of another type than it says;
 *   BAD_OPTION; HEADER_TOO_LONG for names and metadata of more than 1 MiB, which would not be read
 * @example
 * ```ts
 * const w: StoredTensor = { dtype: "float32", shape: [2], values: new Float32Array([1, 2]) };
 * writeSafetensors({ w }).length; // 72
 * ```
 */
export function writeSafetensors(tensors: Tensors, options: WriteSafetensorsOptions = {}): Uint8Array<ArrayBuffer> {
  checkOptions(options, OPTIONS);
  const { metadata = {} } = options;
  const wrong = Object.entries(metadata).find(([, text]) => typeof text !== "string");
  if (wrong) throw say.badOption({ option: `metadata.${wrong[0]}`, value: wrong[1], expected: "a text" });
  const placed = Object.entries(tensors).map(([name, tensor]) => ({ name, tensor, ...codeOf(name, tensor) }));
  placed.sort((a, b) => b.bytes - a.bytes);

  let at = 0;
  const entries = placed.map(({ name, tensor, code }): [string, object] => {
    const begin = at;
    at += tensor.values.byteLength;
    return [name, { dtype: code, shape: tensor.shape, data_offsets: [begin, at] }];
  });
  const texts: [string, object][] = Object.keys(metadata).length > 0 ? [["__metadata__", metadata]] : [];
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries([...texts, ...entries])));
  const length = Math.ceil(text.length / 8) * 8;
  const names = 4 * entries.length + 1 + Object.keys(metadata).length;
  if (length > HEADER_LIMIT || names > NAMES_LIMIT)
    throw say.headerTooLong({ length, limit: HEADER_LIMIT, names, most: NAMES_LIMIT });

  const file = new Uint8Array(8 + length + at);
  new DataView(file.buffer).setUint32(0, length, true);
  file.set(text, 8);
  file.fill(0x20, 8 + text.length, 8 + length);
  let offset = 8 + length;
  for (const { tensor } of placed) {
    const { buffer, byteOffset, byteLength } = tensor.values;
    file.set(new Uint8Array(buffer, byteOffset, byteLength), offset);
    offset += byteLength;
  }
  return file;
}

function codeOf(name: string, tensor: StoredTensor): { readonly code: string; readonly bytes: number } {
  const { dtype, shape, values } = tensor;
  const found = Object.entries(TYPES).find(([, { array, dtype: of }]) => array && of === dtype);
  const fits = found && values instanceof (found[1].array as unknown as new () => object);
  if (!fits || name === "__metadata__") throw say.badTensor({ name, what: `cannot be written as ${say.shown(dtype)}` });
  const length = shape.reduce((product, size) => product * size, 1);
  if (length !== values.length) {
    throw say.badTensor({
      name,
      what: `has ${values.length} numbers, and its shape [${shape.join(", ")}] has ${length}`,
    });
  }
  return { code: found[0], bytes: found[1].bytes };
}
