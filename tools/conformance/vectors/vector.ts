/** One case of `triggers-vectors.json`: an input, what upstream made of it, and how ours is asked the same. */
export interface Vector {
  /** For people: section and input. */
  readonly name: string;
  readonly expected: unknown;
  /** Why ours gives something else on purpose. The case is then checked against `expected` all the same, which is ours. */
  readonly deviation?: string | undefined;
  readonly run: () => unknown;
}
