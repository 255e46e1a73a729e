import { KubeError } from '../kube/kube-client.ts';
import { CliError, exitCodes } from './cli-error.ts';
import type { CliContext } from './context.ts';

/** How long a server that was there may be away: a restart. */
const PATIENCE_MS = 5_000;

/** What to do when a server that is being watched does not answer: wait for a restart, give up after a while. */
export class Patience {
  readonly #context: Pick<CliContext, 'clock' | 'client'>;
  #lostAt: number | undefined;

  constructor(context: Pick<CliContext, 'clock' | 'client'>) {
    this.#context = context;
  }

  restored(): void {
    this.#lostAt = undefined;
  }

  /** Throws what cannot be waited out: an answer of the server, a mistake of the user's, too long a silence. */
  lost(error: unknown): void {
    if (error instanceof KubeError || (error instanceof CliError && error.exitCode !== exitCodes.unavailable)) throw error;
    const { clock, client } = this.#context;
    this.#lostAt ??= clock.now();
    if (clock.now() - this.#lostAt < PATIENCE_MS) return;
    const message = `the server at ${client.server} is gone: steps under way go on without it, and the run with them when it is started again`;
    throw new CliError(exitCodes.unavailable, message, { cause: error });
  }
}
