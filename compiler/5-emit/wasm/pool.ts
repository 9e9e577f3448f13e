// The part of an emitted module that runs a model on several threads: workers that stay alive, each with an instance of its
// own on the same shared memory, told what to run by words behind the arena.

import { literal } from "../identifier.js";
import { CONTROL, MOST_THREADS } from "./crew.js";

/** The function that says why there can be no threads, or nothing. */
const refusal = (only: string | undefined): string =>
  only === undefined
    ? `/** Why there can be no threads here, or nothing. */
function refusal(): string | undefined {
  if (host.SharedArrayBuffer === undefined) return "memory cannot be shared (a page must be cross-origin isolated)";
  return host.process?.getBuiltinModule || host.Worker ? undefined : "there are no workers";
}`
    : `/** Why there can be no threads. */
const refusal = (): string | undefined => ${literal(only)};`;

/**
 * `limits`: where the code says of its memory how large it is, and whether it is shared; `control`: where the threads' words begin; `only`: why
 * there is one thread only, if that is so.
 */
export function poolText(
  entries: readonly string[],
  limits: number,
  control: number,
  only: string | undefined,
): string {
  const word = (at: number): number => (control + at) / 4;
  return `/** The entries, by the number that workers know them by. */
const ENTRIES = ${JSON.stringify(entries)} as const;

/** What a worker runs. It imports nothing; under Node it finds its data in node:worker_threads, and ends with its text. */
const WORKER = \`
const serve = ({ code, memory, thread, threads, scratch, entries }) => {
  const { exports } = new WebAssembly.Instance(code, { env: { memory, thread, threads, scratch } });
  const words = new Int32Array(memory.buffer);
  let seen = 0;
  Atomics.add(words, ${word(CONTROL.ready)}, 1);
  for (;;) {
    for (let turn = 0; turn < 20000 && Atomics.load(words, ${word(CONTROL.go)}) === seen; turn++);
    while (Atomics.load(words, ${word(CONTROL.go)}) === seen) Atomics.wait(words, ${word(CONTROL.go)}, seen);
    seen = Atomics.load(words, ${word(CONTROL.go)});
    const command = words[${word(CONTROL.command)}];
    if (command < 0) break;
    exports[entries[command]](words[${word(CONTROL.rows)}]);
  }
};
const node = globalThis.process?.getBuiltinModule?.("node:worker_threads");
if (node) serve(node.workerData);
else self.onmessage = ({ data }) => (serve(data), self.close());
\`;

interface WorkerLike {
  onerror?: () => void;
  postMessage(message: unknown): void;
  terminate(): unknown;
}

/** What a model's threads are run by. */
interface Crew {
  readonly kernels: Kernels;
  /** How many threads share the work of a call that is made now. */
  readonly threads: () => number;
  /** Settles when every worker has begun, or when there will be none. */
  readonly ready: () => Promise<void>;
  /** Ends the workers. */
  readonly end: () => void;
}

interface NodeThreads {
  readonly Worker: new (url: object, options: object) => WorkerLike & { unref(): void };
}

/** What is used of the host beside the language. */
const host = globalThis as unknown as {
  readonly process?: { getBuiltinModule?: (name: string) => NodeThreads };
  readonly Worker?: new (url: string, options: object) => WorkerLike;
  readonly Blob: new (parts: string[], options: object) => object;
  readonly URL: { new (url: string): object; createObjectURL(blob: object): string; revokeObjectURL(url: string): void };
  readonly SharedArrayBuffer?: unknown;
  readonly console: { warn(text: string): void };
  readonly setTimeout: (run: () => void, milliseconds: number) => unknown;
};

${refusal(only)}

/** The number of threads that a model gets. Where that is one, for want of the others, a warning says why. */
function threadsFor({ threads = 1 }: { readonly threads?: number }): number {
  if (!Number.isInteger(threads) || threads < 1 || threads > ${MOST_THREADS}) {
    throw new RangeError(\`threads must be an integer from 1 to ${MOST_THREADS}, but it is \${threads}\`);
  }
  if (threads === 1) return 1;
  const why = refusal();
  if (why === undefined) return threads;
  warnOfOne(threads, why);
  return 1;
}

const warnOfOne = (threads: number, why: string): void =>
  host.console.warn(\`one thread in place of \${threads}: \${why}\`);

/**
 * What the code says of its memory. One thread: a page or more, the 1 in as many bytes as two sizes take; several: shared,
 * of 1 to 65536 pages.
 */
const MEMORY_LIMITS = [[0, 0x81, 0x80, 0x80, 0], [3, 1, 0x80, 0x80, 4]] as const;
const MEMORY_LIMITS_AT = ${limits};

const nodeThreads = (): NodeThreads | undefined => host.process?.getBuiltinModule?.("node:worker_threads");

function startWorker(data: object, refused: () => void): WorkerLike {
  const node = nodeThreads();
  if (node) {
    const worker = new node.Worker(new host.URL("data:text/javascript," + encodeURIComponent(WORKER)), { workerData: data });
    worker.unref();
    return worker;
  }
  const url = host.URL.createObjectURL(new host.Blob([WORKER], { type: "text/javascript" }));
  const worker = new host.Worker!(url, { type: "module" });
  host.URL.revokeObjectURL(url);
  worker.onerror = refused;
  worker.postMessage(data);
  return worker;
}

/** Workers beside the thread that calls, which is the first of them. */
function crewOf(code: Code, memory: Memory, exports: Kernels, threads: number): Crew {
  if (threads === 1) return { kernels: exports, threads: () => 1, ready: async () => {}, end: () => {} };
  const words = new Int32Array(memory.buffer);
  words.fill(0, ${control / 4}, ${(control + CONTROL.bytes) / 4});
  const tell = (command: number, rows: number): void => {
    words[${word(CONTROL.command)}] = command;
    words[${word(CONTROL.rows)}] = rows;
    Atomics.add(words, ${word(CONTROL.go)}, 1);
    Atomics.notify(words, ${word(CONTROL.go)});
  };
  const workers: WorkerLike[] = [];
  const end = (): void => {
    tell(-1, 0);
    for (const worker of workers) worker.terminate();
  };
  let refused = false;
  const refuse = (): void => {
    if (refused || together) return;
    refused = true;
    end();
    warnOfOne(threads, "workers are refused (a page's content-security policy must allow worker-src blob:)");
  };
  // Node's workers begin by themselves, those of a page when its event loop turns: to wait for them would be to wait forever.
  let together = nodeThreads() !== undefined;
  const begun = (): boolean => (together ||= !refused && Atomics.load(words, ${word(CONTROL.ready)}) === threads - 1);
  try {
    for (let thread = 1; thread < threads; thread++) {
      const scratch = SCRATCH + thread * SCRATCH_BYTES;
      workers.push(startWorker({ code, memory, thread, threads, scratch, entries: ENTRIES }, refuse));
    }
  } catch {
    together = false;
    refuse();
  }
  let alone: Kernels | undefined;
  const run = (name: (typeof ENTRIES)[number], command: number) => (rows: number): void => {
    if (begun()) {
      tell(command, rows);
      exports[name](rows);
    } else {
      alone ??= new WebAssembly.Instance(code, importsOf(memory, 1)).exports as Kernels;
      alone[name](rows);
    }
  };
  return {
    kernels: Object.fromEntries(ENTRIES.map((name, n) => [name, run(name, n)])) as unknown as Kernels,
    threads: () => (begun() ? threads : 1),
    async ready() {
      while (!refused && Atomics.load(words, ${word(CONTROL.ready)}) < threads - 1) {
        await new Promise<void>((resolve) => void host.setTimeout(resolve, 1));
      }
    },
    end,
  };
}`;
}
