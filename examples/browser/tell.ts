import type { FromWorker, Standing } from "./protocol.js";

/** Tells the page. */
export const tell = (message: FromWorker, transfer: Transferable[] = []): void =>
  globalThis.postMessage(message, { transfer });

export const tellStanding = (is: Standing["is"], text: string): void =>
  tell({ type: "standing", standing: { is, text } });

export const tellError = (error: unknown): void =>
  tell({ type: "error", message: error instanceof Error ? error.message : String(error) });
