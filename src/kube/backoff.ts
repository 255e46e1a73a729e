/** Milliseconds to wait after so many failures in a row: doubled each time up to the longest, and of that half or more, so that many do not come back at once. */
export function backoff(
  failures: number,
  { firstMs, longestMs }: { readonly firstMs: number; readonly longestMs: number },
  random: () => number,
): number {
  return Math.min(longestMs, firstMs * 2 ** failures) * (0.5 + random() / 2);
}
