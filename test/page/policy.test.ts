// What a policy has refused, in a sentence that says what would allow it.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { onPolicyViolation, type PolicyViolation } from "tapeless/page";

beforeEach(() => {
  vi.stubGlobal("document", new EventTarget());
  vi.stubGlobal("location", new URL("https://a.example/page/"));
});
afterEach(() => void vi.unstubAllGlobals());

const refuse = (effectiveDirective: string, blockedURI: string, disposition = "enforce"): void =>
  void document.dispatchEvent(
    Object.assign(new Event("securitypolicyviolation"), { effectiveDirective, blockedURI, disposition }),
  );

test.each([
  ["worker-src", "https://a.example/page/worker.js", "worker-src 'self'"],
  ["connect-src", "https://b.example:8080/data?x", "connect-src https://b.example:8080"],
  ["connect-src", "https://a.example.evil.example/", "connect-src https://a.example.evil.example"],
  ["script-src", "wasm-eval", "script-src 'wasm-unsafe-eval'"],
  ["script-src", "eval", "script-src 'unsafe-eval'"],
  ["style-src-elem", "inline", "style-src-elem 'unsafe-inline'"],
  ["worker-src", "blob", "worker-src blob:"],
  ["worker-src", "blob:https://a.example/1-2", "worker-src blob:"],
  ["img-src", "data", "img-src data:"],
])("%s refuses %s", (directive, blocked, allowed) => {
  const heard: PolicyViolation[] = [];
  const end = onPolicyViolation((violation) => void heard.push(violation));
  refuse(directive, blocked);
  const message = `the page's content-security policy refuses ${blocked}: it must allow ${allowed}`;
  expect(heard).toEqual([{ directive, blocked, message }]);
  end();
  refuse(directive, blocked);
  expect(heard).toHaveLength(1);
});

test("a policy that only reports refuses nothing", () => {
  const heard: PolicyViolation[] = [];
  const end = onPolicyViolation((violation) => void heard.push(violation));
  refuse("worker-src", "blob", "report");
  refuse("worker-src", "blob", "enforce");
  expect(heard).toHaveLength(1);
  end();
});
