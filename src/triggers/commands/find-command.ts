import { visibleLines } from './visible-lines.ts';

/** What makes a line a command. */
export interface CommandLine {
  /** Without the slash. */
  readonly name: string;
  /** Whether words may follow. */
  readonly takesWords: boolean;
}

export interface FoundCommand<T extends CommandLine = CommandLine> {
  readonly command: T;
  /** The line without white space at its end. */
  readonly line: string;
  /** What follows the name, and its words. */
  readonly text: string;
  readonly args: readonly string[];
}

export type FindResult<T extends CommandLine> =
  | { readonly found: true; readonly command: FoundCommand<T> }
  /** Why not, as far as something came close. */
  | { readonly found: false; readonly reason: string };

/** In characters; longer lines are prose. */
const LONGEST_LINE = 1_000;

/**
 * The first line of a comment that is one of `commands`: a slash in the first column, the name to the letter, then words behind spaces or tabs
 * where the command takes any, and nothing else; spaces and tabs at the end do not count. Lines that people do not see as written are none:
 * those in code blocks and HTML comments, and quoted ones, which do not begin with a slash.
 */
export function findCommand<T extends CommandLine>(comment: string, commands: readonly T[]): FindResult<T> {
  let near: string | undefined;
  for (const { line, hidden } of visibleLines(comment)) {
    const read = readLine(line, commands);
    if (read === undefined) continue;
    const { name, takesWords } = read.command;
    if (hidden !== undefined) near ??= `${quote(read.line)} stands in ${hidden}`;
    else if (read.text !== '' && !takesWords) near ??= `${quote(read.line)} has words behind /${name}, which takes none`;
    else return { found: true, command: read };
  }
  return { found: false, reason: near === undefined ? 'no command in the comment' : `no command in the comment: ${near}` };
}

function readLine<T extends CommandLine>(raw: string, commands: readonly T[]): FoundCommand<T> | undefined {
  if (!raw.startsWith('/')) return undefined;
  const line = withoutTrailingSpace(raw);
  if (line.length > LONGEST_LINE) return undefined;
  const [name = '', ...args] = line.slice(1).split(/[ \t]+/);
  const command = commands.find((known) => known.name === name);
  return command && { command, line, text: line.slice(1 + name.length).replace(/^[ \t]+/, ''), args };
}

function withoutTrailingSpace(line: string): string {
  let end = line.length;
  while (end > 0 && (line[end - 1] === ' ' || line[end - 1] === '\t')) end--;
  return line.slice(0, end);
}

function quote(line: string): string {
  return JSON.stringify(line.length > 60 ? `${line.slice(0, 60)}…` : line);
}
