// Both adapters give the reader one tree: everything that it asks of a place is the same by either parser.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import * as acorn from "acorn";
import * as acornTypescript from "@sveltejs/acorn-typescript";
import { ts } from "ts-morph";
import { expect, test } from "vitest";
import { lightParser } from "../../compiler/names/light-parser.js";
import { placeReader } from "../../compiler/names/place-reader.js";
import type { Parse } from "../../compiler/names/syntax.js";
import { typescriptParser } from "../../compiler/names/syntax-typescript.js";

const PARSERS: Readonly<Record<string, Parse>> = {
  typescript: typescriptParser(ts),
  light: lightParser(acorn, acornTypescript),
};

const files = execFileSync("git", ["ls-files", "*.ts", "*.mjs", "*.js", "*.cjs"], { encoding: "utf8" }).trim().split("\n");

function differences(path: string, text: string): unknown[] {
  const [a, b] = Object.values(PARSERS).map((parse) => parse(path, text));
  const spots = a!.calls.map(({start, callee, end}) => `${start}-${end}-${callee.start}-${callee.end}`);
  const others = b!.calls.map(({start, callee, end}) => `${start}-${end}-${callee.start}-${callee.end}`);
  const found: unknown[] = [];
  if (spots.join() !== others.join()) found.push(["calls", spots.filter((s) => !others.includes(s)).map(s=>text.slice(...s.split("-",2).map(Number) as [number,number]).slice(0,80)), others.filter((s) => !spots.includes(s)).map(s=>text.slice(...s.split("-",2).map(Number) as [number,number]).slice(0,80))]);
  return found;
}

test("all", () => {
  const out: unknown[] = [];
  let n = 0;
  for (const path of files) {
    const text = readFileSync(path, "utf8");
    out.push(...differences(path, text).map((d) => [path, d]));
    const [a, b] = Object.values(PARSERS).map((parse) => placeReader(parse, path, text));
    const starts: number[] = [0];
    for (let i = 0; i < text.length; i++) if (text[i] === "\n") starts.push(i + 1);
    const calls = PARSERS["light"]!(path, text).calls;
    for (const call of calls) {
      for (const pos of [call.start, call.callee.end - 1, call.end - 1]) {
        const line = starts.findLastIndex((s) => s <= pos);
        const frame = { file: path, line: line + 1, column: pos - starts[line]! + 1 };
        const norm = ({ owner, body, ...rest }: any) => ({ ...rest, body: body.includes("@") });
        const [p, q] = [JSON.stringify(norm(a!(frame))), JSON.stringify(norm(b!(frame)))];
        n++;
        if (p !== q) out.push([path, frame.line, p, q]);
      }
    }
  }
  console.log(n, out.length, JSON.stringify(out.slice(0, 12), null, 1));
  expect(out.length).toBe(0);
});
