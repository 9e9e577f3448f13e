// A server on this machine for the tests' pages, from memory.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Served {
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Server {
  readonly origin: string;
  /** What is there, by path. */
  readonly files: Map<string, Served>;
  readonly close: () => Promise<void>;
}

/** With these a page is cross-origin isolated: it may share memory between threads. */
export const ISOLATED = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
} as const;

const TYPES: readonly (readonly [ending: RegExp, type: string])[] = [
  [/\.js$/, "text/javascript"],
  [/\.json$/, "application/json"],
  [/\.wasm$/, "application/wasm"],
  [/\.html$/, "text/html"],
  [/\.css$/, "text/css"],
  [/\.svg$/, "image/svg+xml"],
];

export async function serve(): Promise<Server> {
  const files = new Map<string, Served>();
  const server = createServer((request, response) => {
    const path = request.url!.replace(/[?].*/, "");
    const served = files.get(path);
    if (served === undefined) {
      // A browser asks for the icon by itself, now or later: no trouble of the page.
      response.writeHead(path === "/favicon.ico" ? 204 : 404).end();
      return;
    }
    const type = TYPES.find(([ending]) => ending.test(path))?.[1] ?? "application/octet-stream";
    response.writeHead(200, { "Content-Type": type, ...served.headers }).end(served.body);
  });
  await new Promise<void>((done) => void server.listen(0, "127.0.0.1", done));
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((done) => void server.close(done));
  };
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, files, close };
}
