// WABT, the reference tools: another reader of the text format and of the binary one.

import wabt from "wabt";

const tools = await wabt();

const FEATURES = {
  simd: true,
  relaxed_simd: true,
  threads: true,
  sat_float_to_int: true,
  sign_extension: true,
  mutable_globals: true,
};

/** The bytes that it makes of a module's text. Throws where it cannot read it. */
export function assembledByWabt(text: string): Uint8Array {
  const module = tools.parseWat("module.wat", text, FEATURES);
  try {
    return module.toBinary({}).buffer.slice();
  } finally {
    module.destroy();
  }
}

/** The text that it makes of a module's bytes, an instruction to a line. Throws where the module is not valid. */
export function disassembled(bytes: Uint8Array, names = false): string {
  const module = tools.readWasm(bytes, { ...FEATURES, readDebugNames: names });
  try {
    module.validate();
    if (names) module.applyNames();
    return module.toText({ foldExprs: false, inlineExport: false });
  } finally {
    module.destroy();
  }
}
