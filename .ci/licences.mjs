// The licence of a bundled package in full, as it asks for: its own file, the section of its README that holds it, or, where it
// names the MIT licence and has no text, that licence's own text with the author it states. What has none fails the build.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const read = (path) => readFileSync(path, "utf8").replaceAll("\r\n", "\n").trim();

/** Is it the text of a licence, and not its name alone? */
export const isLicenceText = (text) =>
  /permission is hereby granted|permission to use, copy, modify|redistribution and use|terms and conditions/i.test(
    text,
  ) && /warrant/i.test(text);

const mit = (holder) => `Copyright (c) ${holder}

${read(new URL("../LICENSE", import.meta.url))
  .split("\n")
  .slice(4)
  .join("\n")}`;

/** `folder`: the installed package's. */
export function noticeOf(folder) {
  const { name, version, license, author } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const files = readdirSync(folder);
  const own = files
    .filter((file) => /^(licen[cs]e|copying)([.-].*)?$/i.test(file))
    .map((file) => read(join(folder, file)));
  const readme = files.filter((file) => /^readme/i.test(file)).map((file) => sectionOf(read(join(folder, file))));
  const holder = typeof author === "string" ? author : author?.name;
  const stated = license === "MIT" && holder ? [mit(holder)] : [];
  const text = [...own, ...readme, ...stated].find(isLicenceText);
  if (text === undefined) throw new Error(`${name} is bundled, and the text of its licence (${license}) was not found`);
  const notice = join(folder, "NOTICE");
  const parts = [`${name} ${version} (${license})`, text, ...(existsSync(notice) ? [read(notice)] : [])];
  return `${parts.join("\n\n")}\n`;
}

/** From the last heading that speaks of the licence to the end. */
function sectionOf(readme) {
  const at = readme.search(/^[#\s]*licen[cs]e\b.*$(?![^]*^[#\s]*licen[cs]e\b)/im);
  return at < 0 ? "" : readme.slice(at).trim();
}
