import { jaxWasm } from "../peers/jax.js";
import { start } from "./task.js";

void start(jaxWasm);
