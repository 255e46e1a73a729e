/** What a suite ends with. The dispatcher prints it as the closing line and fails when a case failed. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  /** Cases left out; the suite has printed why. */
  readonly skipped?: number;
}

/** One conformance suite: `npm run conformance -- NAME ARGUMENTS`. A file of this folder exports it as `suite`. */
export interface Suite {
  /** The arguments after the name, as usage shows them. */
  readonly usage: string;
  /** Throws `UsageError` for arguments it cannot run with. */
  readonly run: (args: readonly string[]) => Promise<Counts>;
}

export class UsageError extends Error {}
