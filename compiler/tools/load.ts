// Loads a definition file: its network, the files it depends on, and the names its `const`s give.

import type { Network } from "../../src/graph/network.js";
import type { Frame } from "../../src/graph/origin.js";
import { noNetwork, printValue, type TapelessError } from "../../src/messages.js";
import { readConstNames, type ConstNames } from "../names/index.js";
import { bundleFile, runBundle, type Bundle } from "./bundle.js";
import { shownPath } from "./paths.js";

export interface Definition {
  readonly network: Network;
  /** Every file the network comes from, absolute; the definition's own first. */
  readonly files: readonly string[];
  readonly constNames: ConstNames;
  /** An engine's frame as a place in one of the files; undefined for other code. */
  readonly mapFrame: (frame: Frame) => Frame | undefined;
  /** The texts that were read, by path. */
  readonly texts: ReadonlyMap<string, string>;
  readonly warnings: readonly TapelessError[];
}

/**
 * Runs the file and returns its default export.
 * Throws a TapelessError with a place in the user's own file: FILE_NOT_FOUND, BAD_SYNTAX, DEFINITION_THROWS, NO_NETWORK,
 * and whatever the language refuses while the definition runs.
 */
export const loadDefinition = async (path: string): Promise<Definition> => runDefinition(await bundleDefinition(path));

/** The definition's text with all that it imports; nothing of it has run. */
export const bundleDefinition = (path: string): Promise<Bundle> => bundleFile(path, "definition");

/** As `loadDefinition`, for what was bundled. */
export async function runDefinition(bundle: Bundle): Promise<Definition> {
  const { exports, files, texts, mapFrame, warnings } = await runBundle(bundle);
  const network = exports.default;
  if (!isNetwork(network)) throw refusal(shownPath(files[0]!), exports);
  const sources = [...texts].map(([file, text]) => ({ path: file, text }));
  return { network, files, texts, mapFrame, warnings, constNames: await readConstNames(sources, mapFrame) };
}

const isNetwork = (value: unknown): value is Network =>
  typeof value === "object" && value !== null && "kind" in value && value.kind === "network";

function refusal(path: string, exports: Readonly<Record<string, unknown>>) {
  const names = Object.keys(exports);
  const networks = names.filter((name) => isNetwork(exports[name]));
  const write = 'write: export default network("name", { outputs, loss, optimizer })';
  if (networks.length > 0) {
    const found = `it exports ${networks.length === 1 ? "one" : `${networks.length} networks`} by name (${networks.join(", ")})`;
    const hint = `write: export default ${networks[0]}${networks.length > 1 ? ", and give each other one a file of its own" : ""}`;
    return noNetwork({ path, found, hint });
  }
  if (names.includes("default")) {
    return noNetwork({ path, found: `it is ${printValue(exports.default)}`, hint: write });
  }
  const found = names.length === 0 ? "it exports nothing" : `it exports only ${names.join(", ")}`;
  return noNetwork({ path, found, hint: write });
}
