import { ApiClient } from './api-client.ts';
import { type ConnectionOptions, findServer } from './connection.ts';
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
  return {
    client: new ApiClient(await findServer(options)),
    namespace: options.namespace ?? process.env['TAPPET_NAMESPACE'] ?? 'default',
    terminal: terminalOf(process.stdout),
    print: (text) => void process.stdout.write(text),
    note: (text) => void process.stderr.write(`${text}\n`),
    signal,
    clock: wallClock,
  };
}
