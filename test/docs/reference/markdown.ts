// An export as Markdown, and the pages of the reference.

import { anchorOf } from "../links.js";
import { withImports, type Importable } from "./examples.js";
import type { Exported, Field } from "./model.js";
import { pagesOf, type Page } from "./themes.js";

/** What the records say of functions that are ops. */
export interface OpNotes {
  /** Of pointwise ops. */
  readonly formula?: string | undefined;
  /** The heading of its record in ops.md, where that has the derivative. */
  readonly derivative?: string | undefined;
  readonly notes: readonly string[];
}

interface Context {
  readonly known: Importable;
  readonly place: (name: string, from: Page) => string | undefined;
  /** The functions whose options are of a type. */
  readonly takers: (type: string) => readonly Exported[];
  readonly examplesOf: (one: Exported) => readonly Exported[];
  readonly notesOf: (one: Exported) => OpNotes | undefined;
}

/** A table longer than this is printed once, at its type. */
const SHORT_TABLE = 6;

const heading = ({ kind, title }: Exported): string =>
  kind === "type" || kind === "class" ? `${kind} ${title}` : title;

/** Functions first: a type is looked for by the function that it belongs to. */
const ordered = (exports: readonly Exported[]): Exported[] => [
  ...exports.filter(({ kind }) => kind === "function" || kind === "value"),
  ...exports.filter(({ kind }) => kind === "class"),
  ...exports.filter(({ kind }) => kind === "type"),
];

export function writePages(
  all: readonly Exported[],
  known: Importable,
  notesOf: (one: Exported) => OpNotes | undefined,
): Map<string, string> {
  const pages = pagesOf(all);
  const pageOf = new Map(pages.flatMap((page) => page.exports.map((one) => [one, page] as const)));
  const find = (name: string, from: Page): Exported | undefined => {
    const named = all.filter((one) => one.name === name);
    return named.find((one) => pageOf.get(one) === from) ?? named[0];
  };
  const context: Context = {
    known,
    notesOf,
    place(name, from) {
      const one = find(name, from);
      if (one === undefined) return undefined;
      const page = pageOf.get(one)!;
      return `${page === from ? "" : `${page.page}.md`}#${anchorOf(heading(one))}`;
    },
    takers: (type) => all.filter(({ options }) => options.some((one) => one.type === type)),
    examplesOf: (one) => exampleOwners(one, all),
  };
  const written = new Map(pages.map((page) => [`${page.page}.md`, pageText(page, context)]));
  return written.set("README.md", indexText(pages, all));
}

/** The functions whose examples show a type: those that it links to, or else those that take or return it. */
export function exampleOwners(one: Exported, all: readonly Exported[]): Exported[] {
  const shows = (other: Exported): boolean => other !== one && other.examples.length > 0;
  const linked = all.filter((other) => shows(other) && one.links.includes(other.name));
  if (linked.length > 0) return linked;
  const direct = all.filter((other) => shows(other) && other.kind !== "type" && usesType(other, one));
  if (direct.length > 0) return direct;
  // A member of a type that a function takes.
  const through = all.filter((other) => other.kind === "type" && other !== one && usesType(other, one));
  return all.filter((other) => shows(other) && other.kind !== "type" && through.some((type) => usesType(other, type)));
}

const usesType = (one: Exported, type: Exported): boolean =>
  one.uses.includes(type.name) &&
  (one.entry === type.entry || type.also.includes(one.entry) || one.entry !== "tapeless");

const GENERATED = "<!-- Written from the sources by `npx vitest run test/docs -u`. -->";

function pageText(page: Page, context: Context): string {
  const list = ordered(page.exports);
  const entries = [...new Set(list.map(({ entry }) => entry))];
  const from = entries.map((entry) => `\`${entry}\``).join(" and ");
  const contents = list.map((one) => `[${one.title}](#${anchorOf(heading(one))})`).join(" · ");
  const types = list.findIndex(({ kind }) => kind === "type");
  const sections = list.map((one, i) => {
    const text = section(one, page, context);
    return i === types && types > 0 ? `## Types\n\n${text}` : text;
  });
  const head = `${GENERATED}\n\n# ${page.title}\n\n${page.about} Exports of ${from}. [All exports](README.md).`;
  return `${[head, contents, ...sections].join("\n\n")}\n`;
}

function section(one: Exported, page: Page, context: Context): string {
  const prose = (text: string): string => linked(text, page, context);
  const parts: string[] = [`### ${heading(one)}`];
  if (one.also.length > 0)
    parts.push(`Of \`${one.entry}\`; ${one.also.map((entry) => `\`${entry}\``).join(" and ")} exports it too.`);
  if (one.signatures.length > 0) parts.push(`\`\`\`ts\n${one.signatures.map(wrapped).join("\n")}\n\`\`\``);
  parts.push(prose(one.text));
  const op = context.notesOf(one);
  const formula = op?.formula === undefined || op.formula === op.derivative ? "" : `Formula: \`${op.formula}\`.`;
  const derivative = op?.derivative === undefined ? "" : `[Derivative](../ops.md#${anchorOf(op.derivative)}).`;
  const notes = (op?.notes ?? []).filter((note) => !one.text.includes(note));
  parts.push([formula, derivative, ...notes].filter((part) => part !== "").join(" "));
  const lines = one.parameters.map(({ name, text }) => `- \`${name}\`: ${prose(text)}`);
  if (one.returns !== "") lines.push(`- Returns ${prose(one.returns)}`);
  for (const text of one.throws) lines.push(`- Throws ${prose(text)}`);
  if (lines.length > 0) parts.push(lines.join("\n"));
  for (const { argument, type, fields, extra } of one.options) {
    const place = type === undefined || context.takers(type).length < 2 ? undefined : context.place(type, page);
    if (place === undefined || fields.length <= SHORT_TABLE)
      parts.push(`Members of \`${argument}\`:\n\n${table(fields, prose)}`);
    else {
      const and = extra.length > 0 ? `, and:\n\n${table(extra, prose)}` : ".";
      parts.push(`Members of \`${argument}\` are those of [${type}](${place})${and}`);
    }
  }
  const [taker, ...others] = one.kind === "type" ? context.takers(one.name) : [];
  if (taker !== undefined && others.length === 0 && one.fields.length > SHORT_TABLE) {
    parts.push(`Its members are in the table of [${taker.name}](${context.place(taker.name, page)!}).`);
  } else if (one.fields.length > 0) parts.push(table(one.fields, prose));
  for (const { code } of one.examples) parts.push(`\`\`\`ts\n${withImports(code, one, context.known)}\n\`\`\``);
  if (one.examples.length === 0) {
    const owners = context.examplesOf(one).slice(0, 4);
    const links = owners.map(({ name }) => `[${name}](${context.place(name, page)!})`);
    parts.push(`Examples: ${links.join(", ")}.`);
  }
  return parts.filter((part) => part !== "").join("\n\n");
}

/** A signature on one line, or with its arguments below each other. */
function wrapped(signature: string): string {
  if (signature.length <= 100) return signature;
  const open = signature.indexOf("(");
  const close = matching(signature, open);
  if (open < 0 || close < 0 || signature.startsWith("type ")) return signature;
  const args = splitAt(signature.slice(open + 1, close));
  return `${signature.slice(0, open)}(\n${args.map((arg) => `  ${arg},`).join("\n")}\n${signature.slice(close)}`;
}

function matching(text: string, open: number): number {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    if (text[i] === "(") depth++;
    else if (text[i] === ")" && --depth === 0) return i;
  }
  return -1;
}

/** What stands between commas at the outermost level. */
function splitAt(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if ("([{<".includes(char)) depth++;
    else if (")]}".includes(char) || (char === ">" && text[i - 1] !== "=")) depth--;
    else if (char === "," && depth === 0) {
      parts.push(text.slice(start, i).trim());
      start = i + 1;
    }
  }
  return [...parts, text.slice(start).trim()].filter((part) => part !== "");
}

/** Codes of errors as code. */
const codes = (text: string): string =>
  text
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith("`") ? part : part.replace(/\b[A-Z]+(?:_[A-Z]+)+\b/g, "`$&`")))
    .join("");

function linked(text: string, page: Page, context: Context): string {
  return codes(text)
    .replace(/\{@link (\w+)\}/g, (_, name: string) => {
      const place = context.place(name, page);
      return place === undefined ? `\`${name}\`` : `[\`${name}\`](${place})`;
    })
    .replace(/(?<![/\w])docs\/([\w-]+\.md)/g, "[$1](../$1)")
    .replace(/(?<![/\w])arXiv:(\d{4}\.\d{4,5})/g, "[arXiv:$1](https://arxiv.org/abs/$1)");
}

function table(fields: readonly Field[], prose: (text: string) => string): string {
  const cell = (text: string): string => text.replace(/\s*\n\s*/g, " ").replaceAll("|", "\\|");
  const rows = fields.map(
    ({ name, type, optional, text }) =>
      `| \`${name}${optional ? "?" : ""}\` | \`${cell(optional ? type.replace(/ \| undefined$/, "") : type)}\` | ${cell(prose(text))} |`,
  );
  return ["| name | type | what it is |", "|---|---|---|", ...rows].join("\n");
}

/** The first sentence of a text. */
function firstSentence(text: string): string {
  const flat = text
    .split(/\n\s*\n/)[0]!
    .replace(/\s+/g, " ")
    .replace(/\{@link (\w+)\}/g, "`$1`");
  return /^.*?(?<!\b(?:e\.g|i\.e|al|vs|cf)|\.)\.(?=\s|$)/.exec(flat)?.[0] ?? flat;
}

function indexText(pages: readonly Page[], all: readonly Exported[]): string {
  const entries = new Map<string, number>();
  for (const { entry, also } of all)
    for (const name of [entry, ...also]) entries.set(name, (entries.get(name) ?? 0) + 1);
  const counts = [...entries].map(([name, count]) => `\`${name}\` (${count})`).join(", ");
  const head = [
    GENERATED,
    "# Reference",
    `Every export of the package: ${counts}. What options are called everywhere is in [options.md](../options.md).`,
    "Shapes are lists of axes: `[batch, 10]` is one row of 10 numbers for each row of the batch. In examples a comment behind a\nstatement says its value: numbers with four digits, tensors as type and shape. Arrays are row-major. A test compiles and runs every\nexample, but for the few that need a page.",
    pages.map(({ page, title, exports }) => `- [${title}](${page}.md) (${exports.length})`).join("\n"),
  ];
  const lists = pages.map(({ page, title, exports }) => {
    const rows = ordered(exports).map(
      (one) =>
        `| [${one.title}](${page}.md#${anchorOf(heading(one))}) | ${one.kind} | ${firstSentence(one.text).replaceAll("|", "\\|")} |`,
    );
    return [`## ${title}`, "", "| export | | |", "|---|---|---|", ...rows].join("\n");
  });
  return `${[...head, ...lists].join("\n\n")}\n`;
}
