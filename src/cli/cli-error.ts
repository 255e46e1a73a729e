/** Exit codes, the same for every command. */
export const exitCodes = {
  ok: 0,
  /** The run (or what was asked for) ended without success. */
  failed: 1,
  /** The command line, or a file it names, is wrong. */
  usage: 2,
  /** The run was cancelled. */
  cancelled: 3,
  /** The run ran out of time. */
  timeout: 4,
  /** No server could be reached, or it could not do its work. */
  unavailable: 5,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Ends the command with a message for people, no stack. */
export class CliError extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CliError';
    this.exitCode = exitCode;
  }
}
