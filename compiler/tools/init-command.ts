// `tapeless init`: writes a first network into a new project or an existing one. What is there is never overwritten, and a run
// that was killed is finished by the next.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { badUsage } from "../../src/messages.js";
import type { Language } from "./config.js";
import { firstFiles } from "./init/templates.js";
import { withScripts } from "./init/manifest.js";
import { projectIn, type Project } from "./init/project.js";
import { LANGUAGES } from "./languages.js";
import { choice } from "./options.js";
import { shownPath } from "./paths.js";
import type { Surroundings } from "./surroundings.js";
import { version } from "./version.js";
import { writeTogether } from "./write.js";

export interface InitRequest {
  /** The project's folder, absolute. */
  readonly folder: string;
  /** Is nothing asked? */
  readonly yes: boolean;
  readonly name: string | undefined;
  readonly language: Language | undefined;
}

/** Returns the exit code 0. Throws BAD_USAGE, BAD_CONFIG, CANNOT_WRITE. */
export async function runInit(request: InitRequest, to: Surroundings): Promise<number> {
  const ask = request.yes ? undefined : to.ask;
  const name = checkedName(request.name ?? (await ask?.("name of the network", "iris")) ?? "iris");
  const begun = LANGUAGES.map((language) => firstFiles({ name, language, imports: endingOf(language) }, true));
  const found = projectIn(request.folder, request.language, (path, text) =>
    begun.some((files) => Object.hasOwn(files, path) && files[path] === text()),
  );
  const asked = request.language ?? (await ask?.("typescript or javascript", found.language)) ?? found.language;
  const language = choice("language", asked, LANGUAGES)!;
  const project = { ...found, language };
  const changes = changesOf(project, name);
  writeTogether(changes.filter(({ content }) => content !== undefined) as { path: string; content: string }[]);
  for (const { path, state } of changes) to.out(`${to.paint.cyan(shownPath(path, to.cwd))}  ${state}\n`);
  to.out(`\n${nextSteps(project, name, to)}`);
  return 0;
}

const endingOf = (language: Language): string => (language === "javascript" ? "js" : "ts");

function checkedName(name: string): string {
  if (/^[a-z][a-z0-9-]{0,60}$/i.test(name)) return name;
  throw badUsage({
    text: `a network cannot be called ${JSON.stringify(name)}`,
    hint: "letters, digits and hyphens, with a letter first",
  });
}

interface Change {
  readonly path: string;
  /** Absent: the file stays as it is. */
  readonly content: string | undefined;
  readonly state: string;
}

const scriptsFor = (name: string): Readonly<Record<string, string>> => ({
  generate: "tapeless generate",
  "generate:check": "tapeless generate --check",
  train: `tapeless train ${name}`,
});

function changesOf(project: Project, name: string): readonly Change[] {
  const { folder, language, importsTs } = project;
  const imports = language === "typescript" && importsTs ? "ts" : "js";
  const files = Object.entries(firstFiles({ name, language, imports }, project.isEmpty)).map(
    ([file, content]): Change => {
      const path = join(folder, file);
      return stands(path)
        ? { path, content: undefined, state: "is there, and stays" }
        : { path, content, state: "written" };
    },
  );
  // The package comes last: its scripts are there when what they run is.
  return [...files, ...ignoring(project), manifestChange(project, name)];
}

/** A configuration counts whatever it is written in. */
const stands = (path: string): boolean =>
  existsSync(path) ||
  (/tapeless\.config\.[jt]s$/.test(path) &&
    ["ts", "mts", "js", "mjs"].some((ending) => existsSync(path.replace(/[jt]s$/, ending))));

function manifestChange(project: Project, name: string): Change {
  const path = join(project.folder, "package.json");
  const { text, added, kept } = withScripts(project, scriptsFor(name), version());
  const others = kept.length > 0 ? `; ${kept.join(", ")} of yours ${kept.length === 1 ? "stays" : "stay"}` : "";
  if (text === project.manifestText) return { path, content: undefined, state: `stays${others}` };
  const state =
    project.manifestText === undefined ? "written" : added.length > 0 ? `has ${added.join(", ")} now` : "changed";
  return { path, content: text, state: `${state}${others}` };
}

/** What version control need not keep, and what a formatter must leave as it is written. */
function ignoring({ folder, hasPrettier }: Project): readonly Change[] {
  const rules = [
    { file: ".gitignore", rule: "node_modules/" },
    ...(hasPrettier ? [{ file: ".prettierignore", rule: "src/generated/" }] : []),
  ];
  return rules.flatMap(({ file, rule }): Change[] => {
    const path = join(folder, file);
    const text = existsSync(path) ? readFileSync(path, "utf8") : "";
    const known = text.split(/\r?\n/).map((line) => line.trim().replace(/^\/|\/$/g, ""));
    if (known.includes(rule.replace(/\/$/, ""))) return [];
    const gap = text === "" || text.endsWith("\n") ? "" : "\n";
    return [{ path, content: `${text}${gap}${rule}\n`, state: text === "" ? "written" : `ignores ${rule} now` }];
  });
}

function nextSteps(project: Project, name: string, to: Surroundings): string {
  const { installs, kept } = withScripts(project, scriptsFor(name), version());
  const run = (script: string, command: string): string =>
    kept.includes(script) ? command : `${project.runs} ${script}`;
  const ending = endingOf(project.language);
  const steps: (readonly [string, string])[] = [
    ...(project.folder === to.cwd ? [] : ([[`cd ${shownPath(project.folder, to.cwd)}`, ""]] as const)),
    ...(installs ? ([[project.installs, "installs tapeless"]] as const) : []),
    [run("train", `npx tapeless train ${name}`), `writes src/generated/${name}.${ending} and trains it`],
    [`npx tapeless summary`, "its layers, parameters and costs"],
    [run("generate", "npx tapeless generate"), `after each change of src/${name}.net.${ending}`],
  ];
  const width = Math.max(...steps.map(([command]) => command.length));
  const lines = steps.map(([command, what]) => `  ${command.padEnd(width)}  ${what}`.trimEnd());
  // Node takes a file for CommonJS where a package says nothing else.
  const isModule = project.manifest.type === "module" || (project.isEmpty && project.manifest.type === undefined);
  const type = isModule ? "" : `\nfor Node to read src/generated/ as it is, package.json needs "type": "module"\n`;
  return `${to.paint.bold("next")}\n${lines.join("\n")}\n${type}`;
}
