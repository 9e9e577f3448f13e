// The part of a checked module that both targets share: what is known of its calls, who wrote each byte, and what is said of a
// fault.

import { literal } from "../identifier.js";
import type { CheckedCalls } from "./calls.js";

/** `owners`: the text of an array with the owner of each byte of the arena. */
export function checkedPrelude({ slots, kept }: CheckedCalls): string {
  const rows = slots.map(
    ({ kernel, buffer, owner, first, element, times, power }) =>
      `  [${literal(kernel)}, ${literal(buffer)}, ${owner}, ${first}, ${element}, ${times}, ${power}],`,
  );
  const entries = [...kept].map(
    ([{ entry }, list]) =>
      `  ${literal(entry)}: [${list.map(({ first, bytes, owner }) => `[${first}, ${bytes}, ${owner}]`).join(", ")}],`,
  );
  return `/** Of each slot of each call: its kernel, its buffer and the buffer's number, first byte, bytes of an element, elements. */
const CHECKED: readonly (readonly [string, string, number, number, number, number, number])[] = [
${rows.join("\n")}
];

/** What each entry may read without having written it: first byte, bytes, number of the buffer. */
const KEPT: Readonly<Record<string, readonly (readonly [number, number, number])[]>> = {
${entries.join("\n")}
};

/** Who owns which byte when an entry begins. */
function checkedEntry(owners: Uint16Array, entry: string): void {
  owners.fill(0);
  for (const [first, bytes, owner] of KEPT[entry]!) owners.fill(owner, first, first + bytes);
}

/** \`owner\`: that of the byte, or -1 for an access that is not within the buffer. */
function checkedFault(place: number, rows: number, stores: boolean, index: number, owner: number): never {
  const [kernel, buffer, , , , times, power] = CHECKED[place]!;
  const what = \`checked build: kernel \${kernel} \${stores ? "writes" : "reads"} \${buffer}[\${index}]\`;
  if (owner < 0) throw new Error(\`\${what}, outside of its \${times * rows ** power} elements at \${rows} rows\`);
  const other = CHECKED.find((slot) => slot[2] === owner)?.[1];
  throw new Error(\`\${what}, which \${other === undefined ? "nothing has written in this call" : \`\${other} has written over\`}\`);
}`;
}

/** What these are called: no kernel may be. */
export const CHECKED_NAMES: readonly string[] = ["CHECKED", "KEPT", "checkedEntry", "checkedFault"];
