// What the command line asks for.

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { PEERS, workloads, type PeerName, type Workload } from "./workloads.js";

export interface Options {
  readonly quick: boolean;
  readonly workloads: readonly Workload[];
  /** Who takes part, beside ours. */
  readonly peers: readonly PeerName[];
  readonly parts: readonly Part[];
  /** Where the report is written; `undefined`: nowhere. */
  readonly out: string | undefined;
}

/** What is measured beside the workloads. */
const PARTS = ["memory", "pages", "compile"] as const;
export type Part = (typeof PARTS)[number];

export const usage = `npm run bench [-- options]

  --quick              shorter blocks: rough figures
  --only <a,b,...>     these workloads or parts, or all whose names start so; writes no file
  --peers <a,b,...>    these peers (or "none"); writes no file
  --out <folder>       writes the report there, whatever was chosen
  --node <20 or 24>    on that version of Node; 24 comes from the package in node-24/

workloads: ${workloads.map(({ name }) => name).join(", ")}
parts: ${PARTS.join(", ")}
peers: ${PEERS.join(", ")}`;

/** From .cache/build, where this runs. */
const RESULTS = fileURLToPath(new URL("../../results", import.meta.url));

/** The options; else what is wrong with them, empty where help was asked for. */
export function readOptions(args: readonly string[]): Options | string {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      peers: { type: "string" },
      node: { type: "string" },
      out: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return "";
  const running = process.versions.node.split(".")[0]!;
  if (values.node !== undefined && values.node !== running) return `this is Node ${running}, not ${values.node}`;
  const chosen = new Set<Workload>();
  const parts = new Set<Part>();
  for (const prefix of values.only?.split(",") ?? [""]) {
    const exact = workloads.filter(({ name }) => name === prefix);
    const found = exact.length > 0 ? exact : workloads.filter(({ name }) => name.startsWith(prefix));
    const also = PARTS.filter((part) => part.startsWith(prefix));
    if (found.length + also.length === 0) return `no workload's name starts with ${prefix}; see --help`;
    for (const each of found) chosen.add(each);
    for (const each of also) parts.add(each);
  }
  const names = values.peers === "none" ? [] : (values.peers?.split(",") ?? PEERS);
  const unknown = names.find((name) => !PEERS.some((peer) => peer === name));
  if (unknown !== undefined) return `no peer is called ${unknown}; see --help`;
  return {
    quick: values.quick,
    workloads: [...chosen],
    peers: PEERS.filter((peer) => names.includes(peer)),
    parts: [...parts],
    out: values.out ?? (values.only === undefined && values.peers === undefined ? RESULTS : undefined),
  };
}
