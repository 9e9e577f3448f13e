// Files that no one should have written.

import { writeSafetensors } from "../../src/train/index.js";

const utf8 = new TextEncoder();

/** A file of this header, as it stands, and so many bytes of numbers. */
export function fileOf(header: string | Uint8Array, data = 0, length?: number | bigint): Uint8Array {
  const text = typeof header === "string" ? utf8.encode(header) : header;
  const file = new Uint8Array(8 + text.length + data);
  new DataView(file.buffer).setBigUint64(0, BigInt(length ?? text.length), true);
  file.set(text, 8);
  return file;
}

const entry = (dtype: string, shape: string, from: number | string, to: number | string): string =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":[${from},${to}]}`;
const F32 = (shape: string, from: number | string, to: number | string): string => entry("F32", shape, from, to);

const good = fileOf(`{"a":${F32("[2]", 0, 8)},"b":${F32("[1]", 8, 12)}}`, 12);

/** One entry after the other, each with a name of its own: so many, or as many as fit. */
function many(entryOf: (name: string, i: number) => string, count = Infinity): string {
  const entries: string[] = [];
  for (let i = 0, length = 2; i < count; i++) {
    const next = entryOf(i.toString(36), i);
    length += next.length + 1;
    if (length > 2 ** 20 - 64) break;
    entries.push(next);
  }
  return `{${entries.join(",")}}`;
}

const MOST = 4095;
const crowd = many((name, i) => `"${name}":${entry("U8", "[1]", i, i + 1)}`, MOST);
const texts = (count?: number): string => many((name) => `"${name}":""`, count);

/** Each with what is said of it. */
export const ATTACKS: Readonly<Record<string, readonly [file: Uint8Array, says: RegExp]>> = {
  nothing: [new Uint8Array(0), /ends after 0 bytes, within the length/],
  "half a length": [new Uint8Array(7), /ends after 7 bytes/],
  "a length of nothing": [fileOf(""), /does not begin with \{/],
  "a header of 2^64 - 1 bytes": [fileOf("{}", 0, 2n ** 64n - 1n), /header has .* bytes, more than/],
  "a header of 2^53 bytes": [fileOf("{}", 0, 2n ** 53n), /more than/],
  "a header of 1 GB": [fileOf("{}", 0, 10 ** 9), /more than/],
  "a header that ends after the file": [fileOf("{}", 0, 3), /within its header of 3/],
  "a header of 1 MiB of spaces": [fileOf(`{${" ".repeat(2 ** 20 - 1)}`), /no JSON/],
  "a header of 1 MiB of brackets": [fileOf(`{"a":${"[".repeat(2 ** 20 - 5)}`), /lists or records where none can be/],
  "lists as deep as they go": [
    fileOf(`{"a":${"[".repeat(2 ** 19 - 4)}${"]".repeat(2 ** 19 - 4)}}`),
    /lists or records where none can be/,
  ],
  "records as deep as they go": [
    fileOf(`{"a":${'{"a":'.repeat(2 ** 17)}1${"}".repeat(2 ** 17)}}`),
    /lists or records where none can be/,
  ],
  "as many lists as fit": [fileOf(`{"a":{"shape":[${"[],".repeat(2 ** 18)}1]}}`), /lists or records where none/],
  "names of nothing, as many as fit": [fileOf(many((name) => `"${name}":1`)), /more than 16384 names/],
  "names of nothing, as many as there may be": [fileOf(many((name) => `"${name}":1`, 2 ** 14)), /is no record/],
  "names of empty records, as many as fit": [fileOf(many((name) => `"${name}":{}`)), /more than 16384 names/],
  "names of empty records, as many as there may be": [
    fileOf(many((name) => `"${name}":{}`, 2 ** 14)),
    /type that is not/,
  ],
  "texts, as many as fit": [fileOf(`{"__metadata__":${texts()}}`), /more than 16384 names/],
  "texts, as many as there may be, then a number": [
    fileOf(`{"__metadata__":${texts(16382)},"z":1}`),
    /"z" is no record/,
  ],
  "texts, as many as there may be, one twice": [
    fileOf(`{"__metadata__":${texts(16382).replace("}", ',"0":""}')}}`),
    /a name comes twice/,
  ],
  "tensors, as many as there may be, one twice": [
    fileOf(crowd.replace(/}$/, `,"0":${entry("U8", "[1]", MOST, MOST + 1)}}`), MOST),
    /leaves a gap before it/,
  ],
  "tensors, as many as there may be, a byte too much": [fileOf(crowd, MOST + 1), /there are 4096 after its header/],
  "a shape of a hundred thousand axes": [
    fileOf(`{"a":${F32(`[${"1,".repeat(100_000)}2]`, 0, 4)}}`, 4),
    /of 8 bytes stands from 0 to 4/,
  ],
  "a name of a million letters": [
    fileOf(`{"${"n".repeat(10 ** 6)}":${entry("F4", "[1]", 0, 4)}}`, 4),
    /"n+\.\.\." is of a type/,
  ],
  "no JSON": [fileOf("{a: 1}"), /no JSON/],
  "a list": [fileOf("[]"), /does not begin with \{/],
  "a space before the header": [fileOf(" {}"), /does not begin with \{/],
  "a byte order mark": [fileOf("\ufeff{}"), /does not begin with \{/],
  "a text that is no UTF-8": [fileOf(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d)), /no JSON in UTF-8/],
  "a letter in too many bytes": [
    fileOf(Uint8Array.of(0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d)),
    /no JSON in UTF-8/,
  ],
  "half of a surrogate pair": [
    fileOf(Uint8Array.of(0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d)),
    /no JSON in UTF-8/,
  ],
  "a NUL behind the header": [fileOf("{}\0"), /no JSON/],
  "a name twice": [fileOf(`{"a":${F32("[1]", 0, 4)},"a":${F32("[1]", 0, 4)}}`, 4), /a name comes twice/],
  "a name twice, written in two ways": [
    fileOf(`{"a":${F32("[1]", 0, 4)},"\\u0061":${F32("[1]", 0, 4)}}`, 4),
    /a name comes twice/,
  ],
  "a shape twice": [
    fileOf(`{"a":{"dtype":"F32","shape":[9],"shape":[1],"data_offsets":[0,4]}}`, 4),
    /a name comes twice/,
  ],
  "metadata twice": [fileOf(`{"__metadata__":{},"__metadata__":{}}`), /a name comes twice/],
  "a text of the metadata twice": [fileOf(`{"__metadata__":{"a":"1","a":"2"}}`), /a name comes twice/],
  "__proto__ as a tensor": [fileOf(`{"__proto__":${F32("[1]", 0, 4)}}`, 4), /the name __proto__/],
  "__proto__ in the metadata": [fileOf(`{"__metadata__":{"__proto__":"x"}}`), /the name __proto__/],
  "__proto__ in a tensor": [
    fileOf(`{"a":{"__proto__":{"shape":[1]},"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 4),
    /lists or records where none can be/,
  ],
  "__proto__ in place of all": [
    fileOf(`{"a":{"__proto__":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}}`, 4),
    /lists or records where none can be/,
  ],
  "a type by the name of a method": [
    fileOf(`{"a":${entry("constructor", "[1]", 0, 4)}}`, 4),
    /type that is not read: "constructor"/,
  ],
  "a type that is a list": [
    fileOf(`{"a":{"dtype":["F32"],"shape":[1],"data_offsets":[0,4]}}`, 4),
    /type that is not read/,
  ],
  "a type in small letters": [fileOf(`{"a":${entry("f32", "[1]", 0, 4)}}`, 4), /type that is not read: "f32"/],
  "a type of eight bits of float": [fileOf(`{"a":${entry("F8_E4M3", "[1]", 0, 1)}}`, 1), /type that is not read/],
  "no type": [fileOf(`{"a":{"shape":[1],"data_offsets":[0,4]}}`, 4), /type that is not read: undefined/],
  "no shape": [fileOf(`{"a":{"dtype":"F32","data_offsets":[0,4]}}`, 4), /shape that is no list/],
  "no offsets": [fileOf(`{"a":{"dtype":"F32","shape":[1]}}`, 4), /data_offsets that are not two/],
  "a tensor that is null": [fileOf(`{"a":null}`), /"a" is no record/],
  "metadata of numbers": [fileOf(`{"__metadata__":{"a":1}}`), /__metadata__ is no record of texts/],
  "metadata in metadata": [fileOf(`{"__metadata__":{"a":{"b":"c"}}}`), /__metadata__ is no record of texts/],
  "metadata that are a list": [fileOf(`{"__metadata__":["a"]}`), /__metadata__ is no record of texts/],
  "a negative size": [fileOf(`{"a":${F32("[-1]", 0, 4)}}`, 4), /shape that is no list of sizes/],
  "two negative sizes": [fileOf(`{"a":${F32("[-1,-1]", 0, 4)}}`, 4), /shape that is no list of sizes/],
  "a negative nothing": [fileOf(`{"a":${F32("[-0]", 0, 0)}}`), /shape that is no list of sizes/],
  "half a size": [fileOf(`{"a":${F32("[0.5,2]", 0, 4)}}`, 4), /shape that is no list of sizes/],
  "an endless size": [fileOf(`{"a":${F32("[1e400]", 0, 4)}}`, 4), /shape that is no list of sizes/],
  "a size that is a text": [fileOf(`{"a":${F32('["1"]', 0, 4)}}`, 4), /shape that is no list of sizes/],
  "a size that is a list": [fileOf(`{"a":${F32("[[1]]", 0, 4)}}`, 4), /lists or records where none can be/],
  "a size above all whole numbers": [
    fileOf(`{"a":${F32("[9007199254740993]", 0, 4)}}`, 4),
    /shape that is no list of sizes/,
  ],
  "a product that overflows 32 bits to nothing": [fileOf(`{"a":${F32("[65536,65536]", 0, 0)}}`), /stands from 0 to 0/],
  "a product that overflows 64 bits to nothing": [
    fileOf(`{"a":${F32("[4294967296,4294967296]", 0, 0)}}`),
    /more numbers than there can be/,
  ],
  "a product that overflows before a nothing": [
    fileOf(`{"a":${F32("[4503599627370496,4503599627370496,0]", 0, 0)}}`),
    /more numbers than/,
  ],
  "a product that is rounded": [fileOf(`{"a":${F32("[94906267,94906267]", 0, 4)}}`, 4), /more numbers than/],
  "more than there is": [
    fileOf(`{"a":${F32("[1000000000000]", 0, 4000000000000)}}`, 4),
    /have 4000000000000 bytes, and there are 4/,
  ],
  "descending offsets": [fileOf(`{"a":${F32("[1]", 4, 0)}}`, 4), /of 4 bytes stands from 4 to 0/],
  "negative offsets": [fileOf(`{"a":${F32("[1]", -4, 0)}}`, 4), /data_offsets that are not two/],
  "three offsets": [
    fileOf(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}`, 8),
    /data_offsets that are not two/,
  ],
  "offsets of another length": [fileOf(`{"a":${F32("[1]", 0, 8)}}`, 8), /of 4 bytes stands from 0 to 8/],
  "tensors that overlap": [fileOf(`{"a":${F32("[2]", 0, 8)},"b":${F32("[1]", 4, 8)}}`, 8), /"b" overlaps/],
  "two tensors in one place": [fileOf(`{"a":${F32("[1]", 0, 4)},"b":${F32("[1]", 0, 4)}}`, 4), /overlaps/],
  "a gap": [fileOf(`{"a":${F32("[1]", 0, 4)},"b":${F32("[1]", 8, 12)}}`, 12), /"b" leaves a gap/],
  "a gap before the first": [fileOf(`{"a":${F32("[1]", 4, 8)}}`, 8), /"a" leaves a gap/],
  "trailing bytes": [fileOf(`{"a":${F32("[1]", 0, 4)}}`, 5), /have 4 bytes, and there are 5/],
  "bytes of nothing": [fileOf("{}", 1), /have 0 bytes, and there are 1/],
  "a number that float64 has not": [
    (() => {
      const file = fileOf(`{"a":${entry("I64", "[1]", 0, 8)}}`, 8);
      new DataView(file.buffer).setBigInt64(file.length - 8, 2n ** 53n + 1n, true);
      return file;
    })(),
    /integer that float64 does not hold/,
  ],
};

/** What differs from each attack in that nothing is wrong. */
export const HARMLESS: Readonly<Record<string, Uint8Array>> = {
  "two tensors": good,
  "as many tensors as there may be": fileOf(crowd, MOST),
  "spaces behind the header": fileOf(`{"a":${F32("[1]", 0, 4)}}      `, 4),
  "colons, quotes and backslashes in names": fileOf(`{"a:\\"b\\\\":${F32("[1]", 0, 4)},":":${F32("[1]", 4, 8)}}`, 8),
  "another order than that of the names": fileOf(`{"a":${F32("[1]", 4, 8)},"b":${F32("[1]", 0, 4)}}`, 8),
  "no numbers at all": writeSafetensors({}),
  "a nothing between two": fileOf(`{"a":${F32("[1]", 0, 4)},"n":${F32("[0,9]", 4, 4)},"b":${F32("[1]", 4, 8)}}`, 8),
};
