// What an emitted module says of a computed index that names no entry of its axis.

/** The statements that throw, for the texts of the op's name, the index and the number of entries. */
export const throwBadIndex = (op: string, index: string, below: string): string =>
  `const error = new RangeError(\`\${${op}}: a computed index must be an integer from 0 to \${${below} - 1}, but it is \${${index}}\`);
  throw Object.assign(error, { code: "INDEX_OUT_OF_RANGE" });`;
