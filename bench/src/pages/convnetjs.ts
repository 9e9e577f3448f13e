import { convnet } from "../peers/convnetjs.js";
import { start } from "./task.js";

void start(convnet);
