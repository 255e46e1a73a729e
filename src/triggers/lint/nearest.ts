/** Comparing takes time in proportion to the product of both lengths. */
const longest = 100;

/** The candidate that somebody who wrote `word` most likely meant, if one is near enough to say so. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > longest) return undefined;
  const wanted = fold(word);
  let best: string | undefined;
  // One slip for every three characters, so that short words are not taken for others.
  let fewest = Math.floor(wanted.length / 3) + 1;
  for (const candidate of candidates) {
    const slips = slipsBetween(wanted, fold(candidate));
    if (slips < fewest && candidate !== word) {
      best = candidate;
      fewest = slips;
    }
  }
  return best;
}

/** Case and the kind of dash are slips nobody notices. */
function fold(text: string): string {
  return text.toLowerCase().replaceAll('-', '_');
}

/** An ending that is missing is one slip: `open` for `opened`. */
function slipsBetween(wanted: string, candidate: string): number {
  const ending = candidate.length - wanted.length;
  if (wanted.length >= 3 && ending > 0 && ending <= 3 && candidate.startsWith(wanted)) return 1;
  return Math.abs(ending) > wanted.length ? Number.POSITIVE_INFINITY : distance(wanted, candidate);
}

/** Insertions, deletions, substitutions and swaps of neighbours that make one of the other. */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
