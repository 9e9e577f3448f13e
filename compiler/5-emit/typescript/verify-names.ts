// What must hold of the names in an emitted function's body, read from its text: nothing is declared twice in a block, and
// what is read has been declared. Comments do not occur in bodies.

import { invariant } from "../../../src/messages.js";

const KEYWORDS = new Set("const let for if else return number true false".split(" "));

const [NAME, DIGIT, OTHER] = [1, 2, 0];
const CLASSES = Uint8Array.from({ length: 128 }, (_, code) => {
  const char = String.fromCharCode(code);
  return /[A-Za-z_$]/.test(char) ? NAME : /\d/.test(char) ? DIGIT : OTHER;
});
const classAt = (text: string, at: number): number => CLASSES[text.charCodeAt(at)] ?? OTHER;

/** The names, keywords, brackets, commas and semicolons of a text, in order. Strings, numbers and properties are left out. */
function forEachToken(text: string, visit: (token: string) => void): void {
  for (let at = 0; at < text.length;) {
    const start = at;
    const kind = classAt(text, at++);
    if (kind === NAME) {
      while (classAt(text, at) !== OTHER) at++;
      if (text[start - 1] !== ".") visit(text.slice(start, at));
    } else if (kind === DIGIT) {
      while (classAt(text, at) !== OTHER || text[at] === "." || isExponentSign(text, at)) at++;
    } else if (text[start] === '"') {
      while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
      at++;
    } else if (MARKS.has(text[start]!)) visit(text[start]!);
  }
}

const MARKS = new Set("{}()[];,");

/** In 1e-7, not in 0xe-7. */
const isExponentSign = (text: string, at: number): boolean =>
  (text[at] === "-" || text[at] === "+") && text[at - 1] === "e" && text[at - 2] !== "x";

interface Block {
  readonly names: Set<string>;
  /** The head of a loop is closed by its block. */
  readonly isHead: boolean;
}

/** `known`: what the function is given, and what it reads of its module and of the language. */
export function verifyNames(owner: string, body: string, known: Iterable<string>): void {
  const fail = (sentence: string): void => invariant(false, `in ${owner}, ${sentence}`);
  const blocks: Block[] = [{ names: new Set(known), isHead: false }];
  // The depth of brackets at which the present declaration began, while one is being read; a name comes next.
  let declaring: number | undefined;
  let isNameNext = false;
  let depth = 0;
  forEachToken(body, (token) => {
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
    else if (!KEYWORDS.has(token)) {
      if (isNameNext) {
        const { names } = blocks.at(-1)!;
        if (names.has(token)) fail(`${token} is declared once in a block`);
        names.add(token);
        isNameNext = false;
      } else if (!blocks.some(({ names }) => names.has(token))) fail(`${token} is declared before it is read`);
    }
  });
}
