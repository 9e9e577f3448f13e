export { default } from "../../examples/digits-adam/digits-adam.net.js";
