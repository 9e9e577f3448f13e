// What weights that are saved by name are called after: the consts of the definition's source (`h1.weight`), or calls with
// their numbers where the build had no source to read (`dense1.weight`).

export type Naming = "source" | "ordinal";

/** The functions of the language that store parameters under their own name. */
export const STORING: readonly string[] = [
  "batchNorm",
  "conv1d",
  "conv2d",
  "conv3d",
  "convTranspose2d",
  "dense",
  "embedding",
  "groupNorm",
  "gru",
  "gruCell",
  "instanceNorm",
  "layerNorm",
  "learnedEncoding",
  "lstm",
  "lstmCell",
  "multiHeadAttention",
  "parameter",
  "rmsNorm",
  "rnn",
  "rnnCell",
  "transformerDecoder",
  "transformerEncoder",
];

/** What names look like that nothing is recorded of. */
export function namingOf(names: readonly string[]): Naming {
  // Made here: a bundler keeps what is made as a module begins, in pages too that do not use it.
  const ordinal = new RegExp(`^(layer\\d+\\.)*(${STORING.join("|")})\\d+(\\.|$)`);
  return names.every((name) => ordinal.test(name)) ? "ordinal" : "source";
}

/** Some tensors by name, as far as two sides do not know each other's names. */
export interface Strangers {
  readonly names: readonly string[];
  readonly lengths: readonly number[];
}

/**
 * The naming of `theirs`, where it is another than `naming`, that of `ours`, and that alone may be why their names differ.
 * Names that are no ordinals may be anyone's: they are another naming of ours where there are as many tensors of each length.
 */
export function otherNaming(theirs: Strangers, ours: Strangers, naming: Naming | undefined): Naming | undefined {
  if (theirs.names.length === 0 || ours.names.length === 0) return undefined;
  const other = namingOf(theirs.names);
  if (other === (naming ?? namingOf(ours.names))) return undefined;
  const sorted = ({ lengths }: Strangers): string => [...lengths].sort((a, b) => a - b).join();
  return other === "ordinal" || sorted(theirs) === sorted(ours) ? other : undefined;
}
