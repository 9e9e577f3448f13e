// What the worker does with the network and its data.

import { recentLoss, weightsImage } from "tapeless/page";
import { evaluate, fitAsync, type FitAsyncOptions, type FitEvent } from "tapeless/train";
import { readDigits } from "./data.js";
import { createDigits, type Digits } from "./nets/digits.js";
import { isKept, restored, store } from "./store.js";
import { tell, tellError, tellStanding } from "./tell.js";

/** Passes over the digits that one press of the button asks for. */
const EPOCHS = 10;

const data = readDigits();
data.catch(tellError);

const NOT_KEPT = " This browser keeps nothing: save the weights before you leave.";

/** Epochs that are done. */
let done = 0;

/** Begins where an earlier visit has ended, if there was one. `from`: where weights that were given are from. */
export async function begin(net: Digits, from?: string): Promise<void> {
  const kept = await restored(net);
  done = kept?.epoch ?? 0;
  tell({ type: "began" });
  for (const { epoch, loss, val_loss: held, val_accuracy: share } of kept?.history ?? []) {
    tell({ type: "loss", line: "loss", at: epoch! + 1, loss: loss! });
    tell({ type: "loss", line: "held-out loss", at: epoch! + 1, loss: held! });
    tell({ type: "accuracy", share: share! });
  }
  if (kept === undefined) tellStanding("untrained", `Not trained yet: it guesses.${(await isKept()) ? "" : NOT_KEPT}`);
  else if (from !== undefined) tellStanding("stopped", `Weights from ${from}.`);
  else
    tellStanding(
      "stopped",
      `Restored from this browser: ${done} epochs done${kept.hasBegun ? ", the next begun" : ""}.`,
    );
  showWeights(net);
}

/** Measures the network on digits that it has not seen. */
export async function measure(net: Digits): Promise<void> {
  tell({ type: "accuracy", share: evaluate(net, (await data).test).accuracy as number });
}

export async function train(net: Digits, signal: AbortSignal): Promise<void> {
  const { train, test } = await data;
  recent = recentLoss();
  const goal = (Math.floor(done / EPOCHS) + 1) * EPOCHS;
  try {
    await fitAsync(net, train, {
      ...KEPT,
      epochs: goal,
      validationData: test,
      signal,
      // A point of the curve for each picture that the screen shows.
      batchEventInterval: 16,
      callbacks: [(event) => show(net, event)],
    });
  } catch (error) {
    tellStanding("stopped", "Training has failed.");
    throw error;
  }
}

/** Keeps the weights as they are, as those of a run that begins. */
export async function remember(net: Digits): Promise<void> {
  const { train, test } = await data;
  await fitAsync(net, train, { ...KEPT, validationData: test, signal: AbortSignal.abort() });
}

const KEPT: FitAsyncOptions<Digits> = { checkpoint: { store, resume: true }, progress: false };

let recent = recentLoss();
let shownAt = 0;

function show(net: Digits, event: FitEvent): void {
  if (event.type === "batchEnd") {
    const { epoch, epochs, step, steps, examplesPerSecond } = event;
    tell({ type: "loss", line: "loss", at: epoch + (step + 1) / steps, loss: recent(event) });
    // People read five times a second at most.
    if (performance.now() - shownAt < 200) return;
    const speed = Math.round(examplesPerSecond / 100) * 100;
    tellStanding("training", `Epoch ${epoch + 1} of ${epochs}, ${speed.toLocaleString("en")} digits a second.`);
    showWeights(net);
  } else if (event.type === "epochEnd") {
    done = event.epoch + 1;
    tell({ type: "loss", line: "held-out loss", at: done, loss: event.values["val_loss"]! });
    tell({ type: "accuracy", share: event.values["val_accuracy"]! });
  } else if (event.type === "trainEnd") {
    tellStanding("stopped", event.reason === "aborted" ? `Paused in epoch ${done + 1}.` : `Trained: ${done} epochs.`);
    showWeights(net);
  }
}

let initial: Float32Array | undefined;

/** Whether what training has added to the initial weights is shown, and not the weights themselves. */
export function look(net: Digits, atChanges: boolean): void {
  initial = atChanges ? createDigits({ seed: net.seed }).parameters["h1.weight"] : undefined;
  showWeights(net);
}

/** The first 64 units of the first layer. */
function showWeights(net: Digits): void {
  shownAt = performance.now();
  const weights = net.parameters["h1.weight"];
  const shown = initial === undefined ? weights : weights.map((weight, i) => weight - initial![i]!);
  const image = weightsImage(shown, [28, 28], { shown: 64 });
  tell({ type: "weights", image }, [image.data.buffer]);
}
