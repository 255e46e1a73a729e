/** Time as a port: production reads the system's clock, tests turn the hands themselves. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /**
   * Calls `run` once, at the given instant or as soon after as possible; at once (in a later turn) when it is past.
   * Returns a function that takes the call back. Does not keep the process alive.
   */
  at(instant: number, run: () => void): () => void;
}
