// The page: what is drawn goes to the worker, what the worker tells is shown.

import { bars, drawingPad, liveCurve, mnistImage, onPolicyViolation } from "tapeless/page";
import type { FromWorker, Standing, ToWorker } from "./protocol.js";

const $ = <Name extends keyof HTMLElementTagNameMap>(name: Name, id: string): HTMLElementTagNameMap[Name] =>
  document.querySelector<HTMLElementTagNameMap[Name]>(`${name}#${id}`)!;

const worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
const ask = (message: ToWorker, transfer: Transferable[] = []): void => worker.postMessage(message, transfer);

// What is drawn

const pad = drawingPad($("canvas", "pad"), { onChange: classify });
const probability = bars($("div", "classes"), ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
$("button", "clear").onclick = () => pad.clear();

function classify(): void {
  if (!pad.isEmpty) return ask({ type: "classify", image: mnistImage(pad.picture()) });
  probability.clear();
  $("output", "class").value = "";
}

function showClass(values: Float32Array): void {
  // An answer may come after the pad was cleared.
  if (pad.isEmpty) return;
  probability.set(values);
  const likeliest = values.indexOf(Math.max(...values));
  // Weights that are no numbers have no answer.
  $("output", "class").value = likeliest < 0 ? "" : String(likeliest);
}

// How it learns

const curve = liveCurve(document.querySelector("svg")!, ["loss", "held-out loss"]);
const weights = $("canvas", "weights");
const trainButton = $("button", "train");
let standing: Standing["is"] = "starting";

trainButton.onclick = () => ask({ type: standing === "training" ? "pause" : "train" });
$("button", "reset").onclick = () => ask({ type: "reset" });

function stand({ is, text }: Standing): void {
  standing = is;
  trainButton.disabled = is === "starting";
  trainButton.textContent = is === "training" ? "Pause" : is === "untrained" ? "Train" : "Go on training";
  const line = $("p", "standing");
  // Read aloud when it changes, but not sixty times a second.
  line.ariaLive = is === "training" ? "off" : "polite";
  line.textContent = text;
}

const changes = $("input", "changes");
const look = (): void => ask({ type: "look", atChanges: changes.checked });
changes.onchange = look;
look();

// Files

$("button", "save").onclick = () => ask({ type: "save" });

function download(bytes: Uint8Array<ArrayBuffer>): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes]));
  link.download = "digits.safetensors";
  link.click();
  URL.revokeObjectURL(link.href);
}

$("input", "load").onchange = async ({ currentTarget }) => {
  const input = currentTarget as HTMLInputElement;
  const file = input.files?.[0];
  if (file === undefined) return;
  const bytes = await file.arrayBuffer();
  input.value = "";
  showError("");
  ask({ type: "load", name: file.name, bytes }, [bytes]);
};

// What the worker tells

const showError = (text: string): void => void ($("p", "error").textContent = text);

worker.onmessage = ({ data: message }: MessageEvent<FromWorker>) => {
  switch (message.type) {
    case "standing":
      return stand(message.standing);
    case "began":
      showError("");
      curve.clear();
      return classify();
    case "loss":
      return curve.add(message.line, message.at, message.loss);
    case "accuracy":
      $("strong", "accuracy").textContent = `${(100 * message.share).toFixed(1)} %`;
      return classify();
    case "classified":
      return showClass(message.probability);
    case "weights": {
      const { width, height, data } = message.image;
      Object.assign(weights, { width, height });
      return weights.getContext("2d")!.putImageData(new ImageData(data, width, height), 0, 0);
    }
    case "saved":
      return download(message.bytes);
    case "error":
      return showError(message.message);
  }
};
worker.onerror = ({ message }) => {
  // What a policy refuses, or what is not there, has no message; a policy's own is shown below.
  if (message) showError(message);
  else if ($("p", "error").textContent === "") showError("The worker cannot begin: is worker.js there?");
};
onPolicyViolation(({ message }) => showError(message));
