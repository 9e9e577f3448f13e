export { default } from "../../examples/from-scratch/from-scratch.net.js";
