import { tfjsWasm } from "../peers/tfjs-wasm.js";
import { start } from "./task.js";

void start(tfjsWasm);
