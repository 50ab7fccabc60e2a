import { Argument, type Command } from 'commander';
import type { CommandSpec } from '../command.ts';
import { EXIT } from '../exit-codes.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

/** Words that can follow the name of a command. */
interface Completed {
  readonly name: string;
  readonly description: string;
  readonly flags: readonly { readonly flag: string; readonly description: string }[];
}

/** @param findCommands lists the commands of the program, this one included */
export function createCompletion(findCommands: () => readonly Command[]): CommandSpec<object> {
  return {
    name: 'completion',
    description: 'print a script with which a shell completes commands and options',
    argument: new Argument('<shell>', 'the shell').choices(SHELLS),
    help: `bash: source <(retail completion bash)
zsh:  source <(retail completion zsh)
fish: retail completion fish | source`,
    isOffline: true,
    async run([shell = ''], _options, { io }) {
      const commands = findCommands().map((command) => ({
        name: command.name(),
        description: command.description(),
        flags: command.options
          .filter(({ hidden }) => !hidden)
          .map(({ long, description }) => ({ flag: long ?? '', description })),
      }));
      io.print(WRITERS[shell as Shell](commands));
      return EXIT.done;
    },
  };
}

const WRITERS: Readonly<Record<Shell, (commands: readonly Completed[]) => string[]>> = {
  bash: (commands) => [
    '_retail() {',
    `  local word=\${COMP_WORDS[COMP_CWORD]}`,
    '  if ((COMP_CWORD == 1)); then',
    `    COMPREPLY=($(compgen -W '${commands.map(({ name }) => name).join(' ')}' -- "$word"))`,
    '    return',
    '  fi',
    '  COMPREPLY=()',
    '  [[ $word == -* ]] || return',
    `  case \${COMP_WORDS[1]} in`,
    ...commands.map(
      ({ name, flags }) =>
        `    ${name}) COMPREPLY=($(compgen -W '${flags.map(({ flag }) => flag).join(' ')}' -- "$word")) ;;`,
    ),
    '  esac',
    '}',
    // Without another completion, a word is the name of a file.
    'complete -o default -F _retail retail',
  ],
  zsh: (commands) => [
    '#compdef retail',
    '_retail() {',
    '  if ((CURRENT == 2)); then',
    '    local -a commands=(',
    ...commands.map(({ name, description }) => `      ${quote(`${name}:${description}`)}`),
    '    )',
    "    _describe 'command' commands",
    '    return',
    '  fi',
    '  local -a flags=()',
    '  case $words[2] in',
    ...commands.map(
      ({ name, flags }) => `    ${name}) flags=(${flags.map(({ flag }) => flag).join(' ')}) ;;`,
    ),
    '  esac',
    '  if [[ $words[CURRENT] == -* ]]; then compadd -- $flags; else _files; fi',
    '}',
    'compdef _retail retail',
  ],
  fish: (commands) => [
    ...commands.map(
      ({ name, description }) =>
        `complete -c retail -n __fish_use_subcommand -f -a ${name} -d ${quote(description)}`,
    ),
    ...commands.flatMap(({ name, flags }) =>
      flags.map(
        ({ flag, description }) =>
          `complete -c retail -n '__fish_seen_subcommand_from ${name}' -l ${flag.replace(/^--/, '')} -d ${quote(description)}`,
      ),
    ),
  ],
};

/** Quotes a text for all three shells: without apostrophes and backslashes they read it in one way. */
function quote(text: string): string {
  return `'${text.replace(/['\\]/g, '’')}'`;
}
