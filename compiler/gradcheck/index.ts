// Checks a network's gradients: derived ones against differences of the losses, and what each target emits against the
// interpreter.

export { gradcheck, type GradcheckOptions, type GradcheckReport } from "./gradcheck.js";
export { printReport } from "./print.js";
