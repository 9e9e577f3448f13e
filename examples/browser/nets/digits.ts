// For editors, and for a page that computes in JavaScript alone. In a page that is built, the WebAssembly module takes this place:
// npx tapeless generate examples/digits/digits.net.ts --target wasm --out page/nets
export { createDigits, type Digits } from "../../../generated/digits.js";
