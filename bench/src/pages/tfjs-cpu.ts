import { tfjsCpu } from "../peers/tfjs-cpu.js";
import { start } from "./task.js";

void start(tfjsCpu);
