export { default } from "../../examples/logistic/logistic.net.js";
