// What the figures were measured on.

import { cpus, totalmem } from "node:os";

export interface Machine {
  readonly date: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryGigabytes: number;
  readonly platform: string;
  readonly node: string;
  readonly v8: string;
}

export function machine(): Machine {
  const cores = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    processor: cores[0]?.model.trim() ?? "unknown",
    cores: cores.length,
    memoryGigabytes: Math.round(totalmem() / 1e9),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    v8: process.versions.v8,
  };
}
