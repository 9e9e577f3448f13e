// What a docstring lacks.

import type { Exported } from "./model.js";
import { exampleOwners } from "./markdown.js";

/** Codes that exist; texts of records by the names of exports that are ops. */
export interface Facts {
  readonly codes: ReadonlySet<string>;
  readonly recordText: (one: Exported) => string | undefined;
}

/** How texts say what holds where an option is left out. */
const DEFAULT = /unless\s+stated|default|absent|in\s+place\s+of/i;

const flat = (text: string): string => text.replace(/\s+/g, " ").trim();

/** Arguments without text, options aside. In another signature an argument may have another name at its place. */
function undescribed({ calls, parameters, options }: Exported): string[] {
  const described = new Set([...parameters.map(({ name }) => name), ...options.map(({ argument }) => argument)]);
  const isDescribed = (place: number): boolean => calls.some((names) => described.has(names[place] ?? ""));
  return [...new Set(calls.flatMap((names) => names.filter((_, place) => !isDescribed(place))))];
}

const everyText = (one: Exported): string[] => [
  one.text,
  one.returns,
  ...one.throws,
  ...one.parameters.map(({ text }) => text),
  ...[...one.fields, ...one.options.flatMap(({ fields }) => fields)].map(({ text }) => text),
];

/** One line for each thing that is missing, each beginning with the export's entry and name. */
export function lacking(all: readonly Exported[], { codes, recordText }: Facts): string[] {
  return all.flatMap((one) => {
    const says = (what: string): string => `${one.entry} ${one.name} (${one.file}): ${what}`;
    const problems: string[] = [];
    if (one.text === "") problems.push(says("has no text"));
    if (/\{@link(?! \w+\})/.test(everyText(one).join("\n"))) problems.push(says("has a link that is none"));
    if (everyText(one).some((text) => /^\s*[*+] /m.test(text))) problems.push(says("has a line that begins as a list"));
    if (one.examples.some(({ code }) => code === "")) problems.push(says("has an example that is no fence of ts"));
    const record = recordText(one);
    if (record !== undefined && !flat(one.text).startsWith(flat(record)))
      problems.push(says(`does not begin with its record's text: ${record}`));
    if (one.examples.length === 0 && (one.kind !== "type" || exampleOwners(one, all).length === 0))
      problems.push(says("has no example"));
    for (const link of one.links)
      if (!all.some(({ name }) => name === link)) problems.push(says(`links to ${link}, which is no export`));
    for (const text of one.throws) {
      const named = text.match(/\b[A-Z]+(?:_[A-Z]+)+\b/g) ?? [];
      if (named.length === 0) problems.push(says(`throws without a code: ${text}`));
      for (const code of named) if (!codes.has(code)) problems.push(says(`throws ${code}, which is no code`));
    }
    for (const { name, text } of one.fields) if (text === "") problems.push(says(`its member ${name} has no text`));
    for (const { argument, fields } of one.options) {
      for (const { name, text, optional } of fields) {
        if (text === "") problems.push(says(`${argument}.${name} has no text`));
        else if (optional && !DEFAULT.test(text))
          problems.push(says(`${argument}.${name} does not say what it is unless stated`));
      }
    }
    for (const name of undescribed(one)) problems.push(says(`does not describe ${name}`));
    if (
      one.returns === "" &&
      one.signatures.some((signature) => one.kind === "function" && !signature.endsWith(": void"))
    ) {
      problems.push(says("does not say what it returns"));
    }
    for (const { name } of one.parameters) {
      if (!one.signatures.some((signature) => new RegExp(`\\b${name}\\b`).test(signature)))
        problems.push(says(`describes ${name}, which is no argument`));
    }
    return problems;
  });
}
