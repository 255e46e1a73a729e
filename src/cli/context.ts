import { fixedCredentials } from '../kube/credentials.ts';
import { ApiClient } from './api-client.ts';
import type { ConnectionOptions } from './connection.ts';
import { wrap } from './fit.ts';
import { type Reached, reach } from './reach.ts';
import { type Terminal, terminalOf } from './terminal.ts';

/** Options every command that talks to a server takes. */
export interface CommonOptions extends ConnectionOptions {
  readonly namespace?: string | undefined;
}

/** What a command works with. Output goes through `print` and `note` so that tests can read it. */
export interface CliContext {
  readonly client: ApiClient;
  readonly namespace: string;
  readonly terminal: Terminal;
  /** Standard output: the answer. */
  print(text: string): void;
  /** Standard error: progress, warnings. */
  note(text: string): void;
  readonly signal: AbortSignal;
  readonly clock: CliClock;
}

/** Time for the command line: what the terminal shows, and pauses between attempts. */
export interface CliClock {
  now(): number;
  pause(ms: number): Promise<void>;
}

const wallClock: CliClock = { now: () => Date.now(), pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) };

export async function cliContext(options: CommonOptions, signal: AbortSignal): Promise<CliContext> {
  const reached = await reach(options);
  return contextOf(reached, options.namespace ?? reached.connection.namespace ?? 'default', signal);
}

const nobody: Reached = { connection: { server: 'http://nobody.invalid', credentials: fixedCredentials({ headers: {} }) }, ingress: '' };

/** For what can be done without a server: its client reaches nobody. */
export async function offlineContext(options: CommonOptions, signal: AbortSignal): Promise<CliContext> {
  return contextOf(nobody, options.namespace ?? 'default', signal);
}

/** A context on this process's own terminal. */
export function contextOf(reached: Reached, namespace: string, signal: AbortSignal): CliContext {
  return {
    client: new ApiClient(reached),
    namespace,
    terminal: terminalOf(process.stdout),
    print: (text) => void process.stdout.write(text),
    note: writeNote,
    signal,
    clock: wallClock,
  };
}

/** To standard error, broken at spaces where a terminal would break within words. */
export function writeNote(text: string): void {
  const { interactive, width } = terminalOf(process.stderr);
  process.stderr.write(`${interactive ? wrap(text, width).join('\n') : text}\n`);
}
