// `tapeless init`: writes a first network into a new project or an existing one. What is there is never overwritten, and a run
// that was killed is finished by the next.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { badUsage } from "../../src/messages.js";
import type { Language } from "./config.js";
import { typeNameOf } from "../5-emit/identifier.js";
import { firstFiles, type Wanted } from "./init/templates.js";
import { withParts, type Parts } from "./init/manifest.js";
import { VITE } from "./init/page-files.js";
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
  /** Whether a new project gets a page, which Vite serves; undefined where it is asked. */
  readonly page: boolean | undefined;
}

/** Returns the exit code 0. Throws BAD_USAGE, BAD_CONFIG, CANNOT_WRITE. */
export async function runInit(request: InitRequest, to: Surroundings): Promise<number> {
  const ask = request.yes ? undefined : to.ask;
  const name = checkedName(request.name ?? (await ask?.("name of the network", "iris")) ?? "iris");
  const begun = LANGUAGES.map((language) =>
    firstFiles({ name, language, imports: endingOf(language), page: true }, true),
  );
  const found = projectIn(request.folder, request.language, (path, text) =>
    begun.some((files) => Object.hasOwn(files, path) && files[path] === text()),
  );
  const asked = request.language ?? (await ask?.("typescript or javascript", found.language)) ?? found.language;
  const language = choice("language", asked, LANGUAGES)!;
  const project = { ...found, language };
  const page =
    found.isEmpty && (request.page ?? yesOrNo(await ask?.("a page too, which Vite serves: yes or no", "yes")));
  const wanted = { name, language, imports: language === "typescript" && found.importsTs ? "ts" : "js", page };
  const changes = changesOf(project, wanted);
  writeTogether(changes.filter(({ content }) => content !== undefined) as { path: string; content: string }[]);
  for (const { path, state } of changes) to.out(`${to.paint.cyan(shownPath(path, to.cwd))}  ${state}\n`);
  to.out(`\n${nextSteps(project, wanted, to)}`);
  return 0;
}

function yesOrNo(answer = "yes"): boolean {
  if (/^y(es)?$/i.test(answer)) return true;
  if (/^no?$/i.test(answer)) return false;
  throw badUsage({ text: `${JSON.stringify(answer)} is neither yes nor no`, hint: "tapeless init --no-page" });
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

/** What package.json gets. */
const partsFor = ({ name, page }: Wanted): Parts => ({
  scripts: {
    generate: "tapeless generate",
    "generate:check": "tapeless generate --check",
    train: `tapeless train ${name}`,
    ...(page && { start: "vite", build: "vite build" }),
  },
  developed: page ? { vite: VITE } : {},
});

function changesOf(project: Project, wanted: Wanted): readonly Change[] {
  const { folder } = project;
  const files = Object.entries(firstFiles(wanted, project.isEmpty)).map(([file, content]): Change => {
    const path = join(folder, file);
    return stands(path)
      ? { path, content: undefined, state: "is there, and stays" }
      : { path, content, state: "written" };
  });
  // The package comes last: its scripts are there when what they run is.
  return [...files, ...ignoring(project, wanted), manifestChange(project, wanted)];
}

/** A configuration counts whatever it is written in. */
const stands = (path: string): boolean =>
  existsSync(path) ||
  (/tapeless\.config\.[jt]s$/.test(path) &&
    ["ts", "mts", "js", "mjs"].some((ending) => existsSync(path.replace(/[jt]s$/, ending))));

function manifestChange(project: Project, wanted: Wanted): Change {
  const path = join(project.folder, "package.json");
  const { text, added, kept } = withParts(project, partsFor(wanted), version());
  const others = kept.length > 0 ? `; ${kept.join(", ")} of yours ${kept.length === 1 ? "stays" : "stay"}` : "";
  if (text === project.manifestText) return { path, content: undefined, state: `stays${others}` };
  const state =
    project.manifestText === undefined ? "written" : added.length > 0 ? `has ${added.join(", ")} now` : "changed";
  return { path, content: text, state: `${state}${others}` };
}

/** What version control need not keep, and what a formatter must leave as it is written. */
function ignoring({ folder, hasPrettier, hasVite }: Project, { page }: Wanted): readonly Change[] {
  const rules = [
    { file: ".gitignore", rules: ["node_modules/", ...(page ? ["dist/"] : [])] },
    ...(hasPrettier
      ? [{ file: ".prettierignore", rules: ["src/generated/", ...(page || hasVite ? ["*.compiled.d.ts"] : [])] }]
      : []),
  ];
  return rules.flatMap(({ file, rules }): Change[] => {
    const path = join(folder, file);
    const text = existsSync(path) ? readFileSync(path, "utf8") : "";
    const known = text.split(/\r?\n/).map((line) => line.trim().replace(/^\/|\/$/g, ""));
    const missing = rules.filter((rule) => !known.includes(rule.replace(/\/$/, "")));
    if (missing.length === 0) return [];
    const gap = text === "" || text.endsWith("\n") ? "" : "\n";
    const state = text === "" ? "written" : `ignores ${missing.join(", ")} now`;
    return [{ path, content: `${text}${gap}${missing.join("\n")}\n`, state }];
  });
}

function nextSteps(project: Project, wanted: Wanted, to: Surroundings): string {
  const { name, page } = wanted;
  const { installs, kept } = withParts(project, partsFor(wanted), version());
  const run = (script: string, command: string): string =>
    kept.includes(script) ? command : `${project.runs} ${script}`;
  const ending = endingOf(project.language);
  const steps: (readonly [string, string])[] = [
    ...(project.folder === to.cwd ? [] : ([[`cd ${shownPath(project.folder, to.cwd)}`, ""]] as const)),
    ...(installs ? ([[project.installs, "installs tapeless"]] as const) : []),
    [run("train", `npx tapeless train ${name}`), `writes src/generated/${name}.${ending} and trains it`],
    [`npx tapeless summary`, "its layers, parameters and costs"],
    [run("generate", "npx tapeless generate"), `after each change of src/${name}.net.${ending}`],
    ...(page ? pageSteps(project, installs, run) : []),
  ];
  const width = Math.max(...steps.map(([command]) => command.length));
  const lines = steps.map(([command, what]) => `  ${command.padEnd(width)}  ${what}`.trimEnd());
  // Node takes a file for CommonJS where a package says nothing else.
  const isModule = project.manifest.type === "module" || (project.isEmpty && project.manifest.type === undefined);
  const type = isModule ? "" : `\nfor Node to read src/generated/ as it is, package.json needs "type": "module"\n`;
  const plugin =
    project.hasVite && !page
      ? `\nfor Vite to compile src/${name}.net.${ending} where it is imported, its configuration needs\n  import { tapeless } from "tapeless/vite"; plugins: [tapeless()]\nthen: import { create${typeNameOf(name)} } from "./${name}.net.compiled"\n`
      : "";
  return `${to.paint.bold("next")}\n${lines.join("\n")}\n${type}${plugin}`;
}

const pageSteps = (
  { installs }: Project,
  installedThen: boolean,
  run: (script: string, command: string) => string,
): readonly (readonly [string, string])[] => [
  ...(installedThen ? [] : ([[installs, "installs Vite, for the page"]] as const)),
  [run("start", "npx vite"), "serves the page that trains the network and asks it"],
];
