// Which op a wrong gradient is due to: the adjoints of the values between parameter and loss are compared as well, from the
// loss on. The first wrong one was made by the rule of one that reads it; which, each reader's own part tells.

import { interpreterOf } from "../../src/graph/interpret.js";
import { withInputs, type Node } from "../../src/graph/node.js";
import { replaceNodes } from "../../src/graph/walk.js";
import { gradientAt } from "../../src/ops/marker/markers.js";
import { differentiate } from "../1-differentiate/index.js";
import { resolveScalar } from "../formula/resolve.js";
import { judgeDirection } from "./directions.js";
import { dependents, leafLike, lossAt, type Loss } from "./losses.js";

/** Values that are looked at, from the loss on: each costs evaluations of what comes after it. */
const MOST = 200;

interface Subject {
  readonly loss: Loss;
  readonly rows: number;
  readonly noise: number;
}

/** The readers of the value whose adjoint is wrong, of the parameter itself if no other is. */
export function readersAtFault(root: Node, parameter: Node, subject: Subject): readonly Node[] {
  const { loss } = subject;
  const path = [...dependents(root, new Set([parameter]))].filter(
    (node) => node.dtype === "float32" && loss.values.has(node) && node !== root && node !== parameter,
  );
  const candidates = path.reverse().slice(0, MOST);
  const isWrong = wrongAdjoints(root, candidates, subject);
  const value = candidates.find(isWrong) ?? parameter;
  const readers = readersOf(root, value);
  const guilty = readers.length > 1 ? readers.filter((reader) => hasWrongPart(root, value, reader, subject)) : readers;
  return guilty.length > 0 ? guilty : readers;
}

/** The nodes on the way to the loss that read the value. */
export const readersOf = (root: Node, value: Node): readonly Node[] =>
  [...dependents(root, new Set([value]))].filter((node) => node.inputs.includes(value));

function wrongAdjoints(root: Node, nodes: readonly Node[], { loss, rows, noise }: Subject): (node: Node) => boolean {
  const adjoints = differentiate(nodes.map((node) => gradientAt(node.origin, root, node)));
  const values = interpreterOf(adjoints, { rows, scalarOf: resolveScalar })(loss.leaf);
  return (node) => {
    const gradient = values.get(adjoints[nodes.indexOf(node)]!)!;
    return judgeDirection({ gradients: [gradient], loss: loss.over([node]), noise }, 1).kind === "differs";
  };
}

/** Is the adjoint wrong that the value gets from this reader alone? */
function hasWrongPart(root: Node, value: Node, reader: Node, { loss, rows, noise }: Subject): boolean {
  const leaf = leafLike(value);
  const inputs = reader.inputs.map((input) => (input === value ? leaf : input));
  const [apart] = replaceNodes([root], new Map([[reader, withInputs(reader, inputs)]])) as [Node];
  const read = (node: Node): ArrayLike<number> => (node === leaf ? loss.values.get(value)! : loss.leaf(node));
  return wrongAdjoints(apart, [leaf], { loss: lossAt(apart, rows, read), rows, noise })(leaf);
}
