// Where a command runs and writes, and how it warns.

import type { Colors } from "picocolors/types.js";
import { renderWarning, type Message } from "./errors.js";

/** Where a command runs and writes. */
export interface Surroundings {
  readonly cwd: string;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly paint: Colors;
  readonly colors: boolean;
  /** Asks the person at the terminal, who may take what is proposed. Absent: nobody is there. */
  readonly ask?: ((question: string, proposed: string) => Promise<string>) | undefined;
}

/** Warnings change no exit code and no output. */
export function warn(to: Surroundings, { warnings }: { readonly warnings: readonly Message[] }): void {
  for (const warning of warnings) to.err(`${renderWarning(warning, { cwd: to.cwd, colors: to.colors })}\n`);
}
