// What a content-security policy has refused, said in words.

import * as say from "./messages.js";

/** What a content-security policy has refused. {@link onPolicyViolation} tells it. */
export interface PolicyViolation {
  /** The directive that refuses it: "worker-src". */
  readonly directive: string;
  /** What is refused: an address, or "eval", "inline", "wasm-eval". */
  readonly blocked: string;
  /** A sentence that names the directive and what it must allow. */
  readonly message: string;
}

/**
 * Tells what the content-security policy of this page, or of this worker, refuses: an error says seldom which directive is
 * missing. Begin with it: what was refused before is not told. A policy that only reports refuses nothing.
 *
 * A message: "the page's content-security policy refuses https://example.org/worker.js: it must allow worker-src 'self'".
 * @param tell called for each thing that is refused
 * @returns a function that ends it
 * @example
 * ```ts page
 * const error = document.querySelector("#error")!;
 * onPolicyViolation(({ message }) => (error.textContent = message));
 * const worker = new Worker("worker.js", { type: "module" });
 * ```
 */
export function onPolicyViolation(tell: (violation: PolicyViolation) => void): () => void {
  const heard = (event: SecurityPolicyViolationEvent): void => {
    const { effectiveDirective: directive, blockedURI: blocked, disposition } = event;
    // A policy that only reports refuses nothing.
    if (disposition === "report") return;
    tell({ directive, blocked, message: say.violation({ directive, blocked, source: sourceOf(blocked) }) });
  };
  // A worker has no document.
  const target: EventTarget = typeof document === "undefined" ? globalThis : document;
  target.addEventListener("securitypolicyviolation", heard as EventListener);
  return () => target.removeEventListener("securitypolicyviolation", heard as EventListener);
}

/** What a directive must name, so that this is allowed. */
function sourceOf(blocked: string): string {
  if (blocked === "wasm-eval") return "'wasm-unsafe-eval'";
  if (blocked === "eval" || blocked === "inline") return `'unsafe-${blocked}'`;
  if (/^(blob|data)(:|$)/.test(blocked)) return `${blocked.slice(0, 4)}:`;
  if (blocked.startsWith(`${location.origin}/`)) return "'self'";
  return URL.canParse(blocked) ? new URL(blocked).origin : blocked;
}
