// Three times through nine tenths of Moby Dick; measured on the rest, in bits per character. Then it writes.
import { training } from "tapeless/config";
import { bookWindows } from "../data/text.js";
import { report } from "../data/writing.js";
import type { CharLstm } from "../../generated/char-lstm.js";

export default training({
  epochs: 3,
  load: () => bookWindows(64),
  show: (model: CharLstm, { test }) => report(model, test!),
});
