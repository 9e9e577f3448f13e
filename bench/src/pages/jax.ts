import { jaxWasm } from "../peers/jax/open.js";
import { start } from "./task.js";

void start(jaxWasm);
