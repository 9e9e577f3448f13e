// WebAssembly text to bytes. binaryen is an ES module that awaits while it loads, and compiling is synchronous: it runs in a
// worker that this thread waits for. The worker stays for the next module and keeps no process alive.

import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from "node:worker_threads";
import { invariant } from "../src/messages.js";
import type { Assembled } from "./5-emit/wasm/target.js";

/** Checks, improves and assembles a module. */
export function assemble(text: string): Assembled {
  const { port, flag } = (assembler ??= startAssembler());
  Atomics.store(flag, 0, 0);
  port.postMessage(text);
  const answered = Atomics.wait(flag, 0, 0, PATIENCE);
  invariant(answered !== "timed-out", "the assembler answers");
  const reply = receiveMessageOnPort(port)!.message as Assembled | { readonly error: string };
  invariant(!("error" in reply), `the assembler takes the module: ${"error" in reply ? reply.error : ""}`);
  return reply as Assembled;
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
port.on("message", async (text) => {
  let reply;
  try {
    reply = assemble(await loaded, text);
  } catch (error) {
    reply = { error: String(error && error.stack || error) };
  }
  port.postMessage(reply);
  Atomics.store(flag, 0, 1);
  Atomics.notify(flag, 0);
});
function assemble(binaryen, text) {
  const { SIMD128, RelaxedSIMD, NontrappingFPToInt, SignExt, MutableGlobals, BulkMemory, Atomics } = binaryen.Features;
  const module = binaryen.parseText(text);
  try {
    module.setFeatures(SIMD128 | RelaxedSIMD | NontrappingFPToInt | SignExt | MutableGlobals | BulkMemory | Atomics);
    if (!module.validate()) throw new Error("the module is not valid");
    binaryen.setOptimizeLevel(2);
    binaryen.setShrinkLevel(0);
    binaryen.setDebugInfo(false);
    module.runPasses(["precompute", "vacuum", "coalesce-locals", "reorder-locals", "remove-unused-names"]);
    const readable = module.emitText();
    return { bytes: module.emitBinary(), text: readable };
  } finally {
    module.dispose();
  }
}
`;
