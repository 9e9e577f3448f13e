// Once through nine tenths of Moby Dick; measured on the rest, in bits per character. Then it writes.
import { training } from "tapeless/config";
import { bookWindows } from "../data/text.js";
import { report } from "../data/writing.js";
import type { CharTransformer } from "../../generated/char-transformer.js";

export default training({
  epochs: 1,
  load: () => bookWindows(64),
  show: (model: CharTransformer, { test }) => report(model, test!, 64),
});
