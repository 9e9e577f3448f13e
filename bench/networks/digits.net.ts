// The digits network with room for the larger batches.
import digits from "../../examples/digits/digits.net.js";

export default { ...digits, capacity: 256 };
