// Where an emitted module has its WebAssembly bytes from: its own text, or a file beside it. A file that is not the one the
// module was printed with is refused: the two agree on where every number lies.

import { literal } from "../identifier.js";

/** The bytes in the module's own text. */
export const embedded = (bytes: Uint8Array): string => `/** The WebAssembly module, in base 64. */
const CODE = ${literal(btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")))};

/** The code as it was assembled. */
const codeFrom = (): Uint8Array => Uint8Array.from(atob(CODE), (character) => character.charCodeAt(0));`;

/** FNV-1a of 32 bits (http://www.isthe.com/chongo/tech/comp/fnv): tells one build from another. */
function hashOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** The bytes in the file of the given name. `type`: the name of the model's interface. */
export function beside(bytes: Uint8Array, file: string, type: string): string {
  return `/** The WebAssembly module's bytes, of which the file may have more, and their hash (FNV-1a). */
const CODE_BYTES = ${bytes.length};
const CODE_HASH = ${hashOf(bytes)};

interface Address {
  readonly href: string;
  readonly protocol: string;
}

declare const URL: new (path: string, base: string) => Address;

declare function fetch(address: string): Promise<{
  readonly ok: boolean;
  readonly status: number;
  readonly arrayBuffer: () => Promise<ArrayBuffer>;
}>;

/** Where the WebAssembly module lies: beside this one. */
const fileAddress = (): Address => new URL(${literal(`./${file}`)}, (import.meta as unknown as { readonly url: string }).url);

/** The code in the file, once it is here. */
let loaded: Uint8Array | undefined;

/** The code in a file's bytes, if they are those that this module was generated with. */
function checked(given: Uint8Array): Uint8Array {
  const code = given.slice(0, CODE_BYTES);
  let hash = 0x811c9dc5;
  for (const byte of code) hash = Math.imul(hash ^ byte, 0x01000193);
  if (code.length === CODE_BYTES && hash >>> 0 === CODE_HASH) return code;
  throw new Error(${literal(`the bytes are not those of the ${file} that this module was generated with`)});
}

/** Under Node the file is read. */
function read(address: Address): Uint8Array | undefined {
  if (address.protocol !== "file:") return undefined;
  const files: unknown = host.process?.getBuiltinModule?.("node:fs");
  return (files as { readonly readFileSync: (address: Address) => Uint8Array } | undefined)?.readFileSync(address);
}

/** The code as it was assembled: what was given, or was loaded before, or can be read at once. */
function codeFrom(given: Uint8Array | undefined): Uint8Array {
  if (given !== undefined) return checked(given);
  if (loaded === undefined) {
    const here = read(fileAddress());
    if (here !== undefined) loaded = checked(here);
  }
  // A copy: what is made of it is changed in places.
  if (loaded !== undefined) return loaded.slice();
  throw new Error(${literal(`${file} is not loaded yet: await load${type}() first, or create${type}Async(), or give its bytes as wasm`)});
}

/** Loads the file, once: after that \`create${type}\` needs to wait for nothing. */
export async function load${type}(): Promise<void> {
  if (loaded !== undefined) return;
  const address = fileAddress();
  const here = read(address);
  if (here !== undefined) {
    loaded = checked(here);
    return;
  }
  const answer = await fetch(address.href).catch((error: unknown) => {
    throw new Error(\`\${address.href} cannot be fetched (\${error}; a page's content-security policy must allow connect-src 'self')\`);
  });
  if (!answer.ok) throw new Error(\`\${address.href} answers \${answer.status}\`);
  loaded = checked(new Uint8Array(await answer.arrayBuffer()));
}`;
}
