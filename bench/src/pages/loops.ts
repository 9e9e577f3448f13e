import { loops } from "../peers/loops.js";
import { start } from "./task.js";

void start(loops);
