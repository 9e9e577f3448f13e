// TypeScript by acorn and a plugin: small, synchronous, and at home in a page. Both are given, so that they are loaded only
// where a text is read.

import type * as Acorn from "acorn";
import type * as AcornTypescript from "@sveltejs/acorn-typescript";
import { fileOfEstree, type EstreeNode } from "./syntax-estree.js";
import type { Parse } from "./syntax.js";

type Plugin = ReturnType<typeof AcornTypescript.tsPlugin>;

/** The plugin's own methods, of which its types say nothing. */
interface TypeParameters {
  tsParseConstModifier(node: unknown): void;
  tsParseTypeParameters(modifiers?: (node: unknown) => void): unknown;
}

/** `<const T>` of a signature in an interface or a function's type, which the plugin does not know. */
const constTypeParameters: Plugin = (Base) => {
  const Open = Base as unknown as new (...args: never[]) => TypeParameters;
  class WithConst extends Open {
    override tsParseTypeParameters(modifiers?: (node: unknown) => void): unknown {
      return super.tsParseTypeParameters(modifiers ?? this.tsParseConstModifier);
    }
  }
  return WithConst as unknown as typeof Base;
};

/** Throws SyntaxError. */
export function lightParser({ Parser }: typeof Acorn, { tsPlugin }: typeof AcornTypescript): Parse {
  const plain = Parser.extend(tsPlugin(), constTypeParameters);
  const jsx = Parser.extend(tsPlugin({ jsx: true }), constTypeParameters);
  return (path, text) => {
    const parser = /[jt]sx$/.test(path) ? jsx : plain;
    const parse = (sourceType: "module" | "script"): EstreeNode =>
      parser.parse(text, {
        ecmaVersion: "latest",
        sourceType,
        preserveParens: true,
        allowReturnOutsideFunction: true,
        allowHashBang: true,
      });
    return fileOfEstree(/\.c[jt]s$/.test(path) ? parse("script") : parse("module"));
  };
}
