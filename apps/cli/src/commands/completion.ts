/** `completion`: scripts for bash, zsh and fish, generated from the tables of commands and options. */

import type { Command, Entry } from "../frame/command.ts";
import { done, failed } from "../frame/outcome.ts";
import { tableOf } from "../frame/parse.ts";

interface Line {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly string[];
}

const loadLines = (entries: readonly Entry[]): Promise<readonly Line[]> =>
  Promise.all(
    entries.map(async ({ name, summary, load }) => {
      const { command } = await load();
      return { name, summary, options: Object.keys(tableOf(command.spec)).map((option) => `--${option}`) };
    }),
  );

const firstWords = (lines: readonly Line[]): readonly string[] => [
  ...new Set(["help", ...lines.map(({ name }) => name.split(" ")[0] as string)]),
];

/** What may follow a first word: its subcommands and its options. */
const followers = (lines: readonly Line[], first: string): readonly string[] => {
  const own = lines.filter(({ name }) => name === first || name.startsWith(`${first} `));
  const subcommands = own.map(({ name }) => name.slice(first.length + 1)).filter((name) => name !== "");
  return [...new Set([...subcommands, ...own.flatMap(({ options }) => options)])];
};

const bash = (lines: readonly Line[]): string => {
  const cases = firstWords(lines)
    .map((first) => `    ${first}) words="${followers(lines, first).join(" ")}" ;;`)
    .join("\n");
  return `# bash completion: eval "$(context-mesh completion bash)"
_context_mesh() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="${firstWords(lines).join(" ")}"
  else
    case "\${COMP_WORDS[1]}" in
${cases}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
_claude_sync() {
  COMPREPLY=($(compgen -W "${followers(lines, "sync").join(" ")}" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _context_mesh context-mesh cmesh
complete -o default -F _claude_sync claude-sync
`;
};

const zsh = (lines: readonly Line[]): string =>
  `# zsh completion: source <(context-mesh completion zsh)\nautoload -U +X bashcompinit && bashcompinit\n${bash(lines)}`;

const quoteFish = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll("'", "\\'");

const fish = (lines: readonly Line[]): string => {
  const needs = "__fish_use_subcommand";
  const summaryOf = (first: string): string => lines.find(({ name }) => name === first)?.summary ?? `${first} commands`;
  const words = firstWords(lines).flatMap((first) => [
    `complete -c $name -n ${needs} -f -a ${first} -d '${quoteFish(summaryOf(first))}'`,
    ...followers(lines, first).map((word) => {
      const when = `-n '__fish_seen_subcommand_from ${first}'`;
      return word.startsWith("--")
        ? `complete -c $name ${when} -l ${word.slice(2)}`
        : `complete -c $name ${when} -f -a ${word}`;
    }),
  ]);
  const sync = followers(lines, "sync").map((word) => `complete -c claude-sync -l ${word.slice(2)}`);
  const body = words.map((line) => `  ${line}`).join("\n");
  return `# fish completion: context-mesh completion fish | source\nfor name in context-mesh cmesh\n${body}\nend\n${sync.join("\n")}\n`;
};

const scripts = { bash, zsh, fish } as const;

export const command: Command = {
  spec: {
    positionals: [{ name: "SHELL", summary: "bash, zsh or fish", required: true }],
    examples: [
      ['eval "$(context-mesh completion bash)"', "in ~/.bashrc"],
      ["source <(context-mesh completion zsh)", "in ~/.zshrc"],
      ["context-mesh completion fish | source", "in ~/.config/fish/config.fish"],
    ],
  },
  run: async (args, _io, entries) => {
    const shell = args.positionals[0] ?? "";
    const script = Object.hasOwn(scripts, shell) ? scripts[shell as keyof typeof scripts] : undefined;
    if (script === undefined) {
      return failed("invalid_argument", `No completion is known for "${shell}".`, "One of: bash, zsh, fish.");
    }
    const text = script(await loadLines(entries));
    return done({ shell, script: text }, text);
  },
};
