import { createDigits } from "../../.cache/generated/wasm/digits.js";

const net = createDigits();
const { image } = net.inputs;
for (let i = 0; i < image.length; i++) image[i] = Math.random();
for (let i = 0; i < 32; i++) net.targets.digit[i] = i % 10;
console.log(net.step(32));
