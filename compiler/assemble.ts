// WebAssembly text to bytes. binaryen is an ES module that awaits while it loads, and compiling is synchronous: it runs in a
// worker that this thread waits for. The worker stays for the next module and keeps no process alive.

import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from "node:worker_threads";
import { invariant } from "../src/messages.js";
import type { Assembled } from "./5-emit/wasm/target.js";

/** Checks, improves and assembles a module. */
export function assemble(text: string): Assembled {
  const bytes = ask({ text, as: "bytes" }) as Uint8Array;
  return {
    bytes,
    get text() {
      return ask({ text, as: "text" }) as string;
    },
  };
}

interface Question {
  readonly text: string;
  readonly as: "bytes" | "text";
}

type Reply = { readonly answer: Uint8Array | string } | { readonly error: string };

function ask(question: Question): Uint8Array | string {
  const { port, flag } = (assembler ??= startAssembler());
  Atomics.store(flag, 0, 0);
  port.postMessage(question);
  const answered = Atomics.wait(flag, 0, 0, PATIENCE);
  invariant(answered !== "timed-out", "the assembler answers");
  const reply = receiveMessageOnPort(port)!.message as Reply;
  if ("answer" in reply) return reply.answer;
  invariant(false, `the assembler takes the module: ${reply.error}`);
}

/** Milliseconds after which a worker must have died. */
const PATIENCE = 300_000;

interface Assembler {
  readonly port: MessagePort;
  /** Set by the worker when its reply is there. */
  readonly flag: Int32Array;
}

let assembler: Assembler | undefined;

function startAssembler(): Assembler {
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const { port1, port2 } = new MessageChannel();
  const binaryen = pathToFileURL(createRequire(import.meta.url).resolve("binaryen")).href;
  const worker = new Worker(PROGRAM, {
    eval: true,
    execArgv: [],
    workerData: { port: port2, flag, binaryen },
    transferList: [port2],
  });
  worker.unref();
  port1.unref();
  return { port: port1, flag };
}

/** What the worker runs: plain JavaScript, so that it needs no build. */
const PROGRAM = `
const { workerData: { port, flag, binaryen } } = require("node:worker_threads");
const loaded = import(binaryen).then((module) => module.default);
port.on("message", async ({ text, as }) => {
  let reply;
  try {
    reply = { answer: assemble(await loaded, text, as) };
  } catch (error) {
    reply = { error: String(error && error.stack || error) };
  }
  port.postMessage(reply);
  Atomics.store(flag, 0, 1);
  Atomics.notify(flag, 0);
});
function assemble(binaryen, text, as) {
  const { SIMD128, RelaxedSIMD, NontrappingFPToInt, SignExt, MutableGlobals, BulkMemory, Atomics } = binaryen.Features;
  const module = binaryen.parseText(text);
  try {
    module.setFeatures(SIMD128 | RelaxedSIMD | NontrappingFPToInt | SignExt | MutableGlobals | BulkMemory | Atomics);
    if (!module.validate()) throw new Error("the module is not valid");
    binaryen.setOptimizeLevel(2);
    binaryen.setShrinkLevel(0);
    binaryen.setDebugInfo(false);
    module.runPasses(["precompute", "vacuum", "coalesce-locals", "reorder-locals", "remove-unused-names"]);
    return as === "text" ? module.emitText() : module.emitBinary();
  } finally {
    module.dispose();
  }
}
`;
