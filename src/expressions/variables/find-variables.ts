/** A `$(...)` with plain dotted content. Offsets are UTF-16 units; `end` is behind the `)`. */
export interface FoundVariable {
  /** Without `$(` and `)`: `tasks.build.results.image[0]`. */
  readonly expression: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Upstream's variable expression finder (`\$\([_a-zA-Z0-9.-]+(\.[_a-zA-Z0-9.-]+)*(\[([0-9]+|\*)\])?\)`; its second group can match
 * nothing that the first one does not, so it is left out to keep the search linear). Bracket spellings are not found, as upstream.
 */
export function findVariables(text: string): readonly FoundVariable[] {
  if (!text.includes('$(')) return [];
  const found: FoundVariable[] = [];
  for (const match of text.matchAll(/\$\(([_a-zA-Z0-9.-]+(?:\[(?:[0-9]+|\*)\])?)\)/g)) {
    const [whole, expression = ''] = match;
    found.push({ expression, start: match.index, end: match.index + whole.length });
  }
  return found;
}
