// What must hold of the names in an emitted function's body, read from its text: nothing is declared twice in a block, and
// what is read has been declared. Comments do not occur in bodies.

import { invariant } from "../../../src/messages.js";

const KEYWORDS = new Set("const let for if else return number true false".split(" "));

/** A string, a number, a name, a property, a brace, or what begins or ends a declaration. */
const TOKEN = /"(?:[^"\\]|\\.)*"|0x[\da-f]+|\d[\w.]*(?:[eE][-+]\d+)?|\.?[A-Za-z_$][\w$]*|[{}()[\];,]/g;

interface Block {
  readonly names: Set<string>;
  /** The head of a loop is closed by its block. */
  readonly isHead: boolean;
}

/** `known`: what the function is given, and what it reads of its module and of the language. */
export function verifyNames(owner: string, body: string, known: Iterable<string>): void {
  const require = (condition: boolean, sentence: string): void => invariant(condition, `in ${owner}, ${sentence}`);
  const blocks: Block[] = [{ names: new Set(known), isHead: false }];
  // The depth of brackets at which the present declaration began, while one is being read; a name comes next.
  let declaring: number | undefined;
  let isNameNext = false;
  let depth = 0;
  for (const [token] of body.matchAll(TOKEN)) {
    if (token === "for") blocks.push({ names: new Set(), isHead: true });
    else if (token === "{") blocks.push({ names: new Set(), isHead: false });
    else if (token === "}") {
      blocks.pop();
      if (blocks.at(-1)?.isHead) blocks.pop();
    } else if (token === "(" || token === "[") depth++;
    else if (token === ")" || token === "]") depth--;
    else if (token === "const" || token === "let") {
      declaring = depth;
      isNameNext = true;
    } else if (token === ";") declaring = undefined;
    else if (token === ",") isNameNext = declaring === depth;
    else if (/^[A-Za-z_$]/.test(token) && !KEYWORDS.has(token)) {
      if (isNameNext) {
        const { names } = blocks.at(-1)!;
        require(!names.has(token), `${token} is declared once in a block`);
        names.add(token);
        isNameNext = false;
      } else require(blocks.some(({ names }) => names.has(token)), `${token} is declared before it is read`);
    }
  }
}
