// Scripts with which shells complete commands, options, and what options may be. They are made from the commands' own data, and
// run nothing while one types.

import type { ArgsDef } from "citty";
import { commands, type CommandName, type SHELLS } from "./commands.js";

type Shell = (typeof SHELLS)[number];

interface Flag {
  readonly name: string;
  readonly short: string | undefined;
  readonly description: string;
  /** undefined: it takes no value. None: any value, such as a file's path. */
  readonly values: readonly string[] | undefined;
}

interface Completed {
  readonly name: CommandName;
  readonly description: string;
  readonly flags: readonly Flag[];
  /** What its first word may be; none: a file. */
  readonly words: readonly string[];
}

/** The script for a shell, to be read by it as it starts. */
export const completionScript = (shell: Shell): string => SCRIPTS[shell](COMPLETED);

const choicesOf = (hint: string | undefined): readonly string[] => (hint?.includes("|") ? hint.split("|") : []);

const COMPLETED: readonly Completed[] = Object.entries(commands).map(([name, command]) => {
  const { meta, args } = command as unknown as { meta: { description: string }; args: ArgsDef };
  const positional = Object.values(args).find((arg) => arg.type === "positional");
  const flags = Object.entries(args).flatMap(([flag, arg]): Flag[] => {
    if (arg.type === "positional") return [];
    const { alias, valueHint, description = "" } = arg as { alias?: string; valueHint?: string; description?: string };
    return [
      { name: flag, short: alias, description, values: arg.type === "boolean" ? undefined : choicesOf(valueHint) },
    ];
  });
  return { name: name as CommandName, description: meta.description, flags, words: choicesOf(positional?.valueHint) };
});

/** In single quotes. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const spelt = ({ name, short }: Flag): string[] => [`--${name}`, ...(short ? [`-${short}`] : [])];

function bash(all: readonly Completed[]): string {
  const cases = all.map(({ name, flags, words }) => {
    const values = flags.flatMap((flag) => {
      if (flag.values === undefined) return [];
      const reply = flag.values.length === 0 ? "-f" : `-W ${quoted(flag.values.join(" "))}`;
      return [`        ${spelt(flag).join("|")}) COMPREPLY=($(compgen ${reply} -- "$word")); return ;;`];
    });
    const given = [...flags.flatMap(spelt), "--help"].join(" ");
    const first =
      words.length === 0
        ? []
        : [`      [ "$COMP_CWORD" = 2 ] && COMPREPLY=($(compgen -W ${quoted(words.join(" "))} -- "$word")) && return`];
    const after = values.length === 0 ? [] : [`      case "$before" in`, ...values, "      esac"];
    return [
      `    ${name})`,
      ...after,
      `      case "$word" in -*) COMPREPLY=($(compgen -W ${quoted(given)} -- "$word")); return ;; esac`,
      ...first,
      "      ;;",
    ].join("\n");
  });
  return `# bash completion of tapeless
_tapeless() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}"
  if [ "$COMP_CWORD" = 1 ]; then
    COMPREPLY=($(compgen -W ${quoted([...all.map(({ name }) => name), "--help", "--version"].join(" "))} -- "$word"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -f -- "$word"))
}
complete -o filenames -F _tapeless tapeless
`;
}

function zsh(all: readonly Completed[]): string {
  const plain = (text: string): string => text.replace(/[[\]:]/g, (c) => `\\${c}`);
  const cases = all.map(({ name, flags, words }) => {
    const specs = flags.map((flag) => {
      const value =
        flag.values === undefined
          ? ""
          : flag.values.length === 0
            ? ":value:_files"
            : `:value:(${flag.values.join(" ")})`;
      const names = spelt(flag);
      const described = `[${plain(flag.description)}]${value}`;
      return names.length === 1 ? quoted(`${names[0]}${described}`) : `{${names.join(",")}}${quoted(described)}`;
    });
    const rest =
      words.length === 0 ? [quoted("*:file:_files")] : [quoted(`1:what:(${words.join(" ")})`), quoted("*:file:_files")];
    return `    ${name}) _arguments ${[...specs, quoted("--help[Show help]"), ...rest].join(" ")} ;;`;
  });
  return `#compdef tapeless
_tapeless() {
  local -a names
  names=(${all.map(({ name, description }) => quoted(`${name}:${plain(description)}`)).join(" ")})
  if (( CURRENT == 2 )); then
    _describe command names
    return
  fi
  local name="$words[2]"
  shift words
  (( CURRENT-- ))
  case "$name" in
${cases.join("\n")}
  esac
}
compdef _tapeless tapeless
`;
}

function fish(all: readonly Completed[]): string {
  const lines = all.flatMap(({ name, description, flags, words }) => {
    const when = `-n '__fish_seen_subcommand_from ${name}'`;
    return [
      `complete -c tapeless -n __fish_use_subcommand -f -a ${name} -d ${fishQuoted(description)}`,
      ...words.map((word) => `complete -c tapeless ${when} -a ${word}`),
      ...flags.map((flag) => {
        const short = flag.short ? ` -s ${flag.short}` : "";
        const value =
          flag.values === undefined
            ? ""
            : flag.values.length === 0
              ? " -r"
              : ` -x -a ${fishQuoted(flag.values.join(" "))}`;
        return `complete -c tapeless ${when} -l ${flag.name}${short}${value} -d ${fishQuoted(flag.description)}`;
      }),
    ];
  });
  return `# fish completion of tapeless\n${lines.join("\n")}\n`;
}

const fishQuoted = (text: string): string => `'${text.replace(/[\\']/g, (c) => `\\${c}`)}'`;

const SCRIPTS: Readonly<Record<Shell, (all: readonly Completed[]) => string>> = { bash, zsh, fish };
