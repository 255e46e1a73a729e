import type { Command } from 'commander';
import { resourceTypes } from '../resources/registry.ts';
import { CliError, exitCodes } from './cli-error.ts';

/** A command, and the words that may follow it. */
interface CompletedCommand {
  readonly name: string;
  readonly description: string;
  readonly options: readonly { readonly flag: string; readonly description: string }[];
  readonly words: readonly string[];
}

/** Commands whose first word is a kind. */
const takesKind: ReadonlySet<string> = new Set(['get', 'describe', 'delete', 'schema']);

/** The script by which a shell completes `tappet`: its commands, their options, kinds where one is wanted, else files. */
export function completion(program: Command, shell: string): string {
  const commands = program.commands
    .filter(({ _hidden }: Command & { readonly _hidden?: boolean }) => _hidden !== true)
    .map(completedCommand);
  switch (shell) {
    case 'bash':
      return bash(commands);
    case 'zsh':
      return `autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n${bash(commands)}`;
    case 'fish':
      return fish(commands);
    default:
      throw new CliError(exitCodes.usage, `completion: got "${shell}", expected bash, zsh or fish`);
  }
}

function completedCommand(command: Command): CompletedCommand {
  const options = command.options.flatMap(({ long, description }) =>
    long === undefined || long === null ? [] : [{ flag: long, description }],
  );
  const kinds = takesKind.has(command.name()) ? resourceTypes.map(({ plural }) => plural) : [];
  return {
    name: command.name(),
    description: command.description(),
    options,
    words: [...command.commands.map((inner) => inner.name()), ...kinds],
  };
}

function bash(commands: readonly CompletedCommand[]): string {
  const cases = commands.map(
    ({ name, options, words }) => `    ${name}) words="${[...words, ...options.map(({ flag }) => flag)].join(' ')}" ;;`,
  );
  return `_tappet() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="${commands.map(({ name }) => name).join(' ')}"
  else
    case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o bashdefault -o default -F _tappet tappet
`;
}

function fish(commands: readonly CompletedCommand[]): string {
  const lines = commands.flatMap(({ name, description, options, words }) => [
    `complete -c tappet -n __fish_use_subcommand -f -a ${name} -d ${quoted(description)}`,
    ...options.map(
      ({ flag, description: about }) =>
        `complete -c tappet -n ${quoted(`__fish_seen_subcommand_from ${name}`)} -l ${flag.slice(2)} -d ${quoted(about)}`,
    ),
    ...(words.length === 0
      ? []
      : [`complete -c tappet -n ${quoted(`__fish_seen_subcommand_from ${name}`)} -f -a ${quoted(words.join(' '))}`]),
  ]);
  return `${lines.join('\n')}\n`;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
