// The network lives here, so that the page is free while it learns.

import { onPolicyViolation } from "tapeless/page";
import { load, readSafetensors, tensorsOf, writeSafetensors } from "tapeless/train";
import { createDigits } from "./nets/digits.js";
import type { ToWorker } from "./protocol.js";
import { forget } from "./store.js";
import { tell, tellError, tellStanding } from "./tell.js";
import { begin, look, measure, remember, train } from "./training.js";

onPolicyViolation(({ message }) => tell({ type: "error", message }));

const net = createDigits({ seed: 1 });

function classify(image: Float32Array): void {
  net.inputs.image.set(image);
  net.predict(1);
  tell({ type: "classified", probability: net.outputs.probability.slice(0, 10) });
}

async function reset(): Promise<void> {
  await forget();
  net.reset();
  await begin(net);
  await measure(net);
}

async function loadFile(name: string, bytes: ArrayBuffer): Promise<void> {
  // What is no such file, or of another network, is refused here: nothing has changed then.
  load(net, readSafetensors(bytes).tensors);
  await forget();
  await remember(net);
  await begin(net, name);
  await measure(net);
}

/** What has been asked to train, until it has ended. */
let training: AbortController | undefined;
const pause = (): void => training?.abort();

async function trainUntil(signal: AbortSignal): Promise<void> {
  try {
    await train(net, signal);
  } finally {
    training = undefined;
  }
}

/** What takes longer comes one after the other. */
let last: Promise<void> = Promise.resolve();
const then = (act: () => Promise<void>): void => void (last = last.then(act).catch(tellError));

function unusable(error: unknown): void {
  tellStanding("starting", "What this browser has kept cannot be used: Reset begins anew.");
  tellError(error);
}

globalThis.onmessage = ({ data: message }: MessageEvent<ToWorker>) => {
  switch (message.type) {
    // These three are done while it learns, between two of its steps.
    case "classify":
      return classify(message.image);
    case "look":
      return look(net, message.atChanges);
    case "save":
      return tell({ type: "saved", bytes: writeSafetensors(tensorsOf(net)) });
    case "train":
      if (training !== undefined) return undefined;
      training = new AbortController();
      return then(() => trainUntil(training!.signal));
    case "pause":
      return pause();
    case "reset":
      pause();
      return then(reset);
    case "load":
      pause();
      return then(() => loadFile(message.name, message.bytes));
  }
};

then(() => begin(net).catch(unusable));
then(() => measure(net));
