export { default } from "../../examples/classifier/classifier.net.js";
