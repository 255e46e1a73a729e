/** A binding's value falls into literal text and expressions. */
export type ValuePiece =
  | { readonly type: 'literal'; readonly text: string }
  /** `original` with `$(` and `)`, `inside` without. */
  | { readonly type: 'expression'; readonly original: string; readonly inside: string };

/**
 * An expression runs to the first `)` that no inner `(` opened; a new `$(` begins anew, so that of nested ones the innermost counts; an
 * unterminated one is literal text, and there is no escape. Upstream: findTektonExpressions.
 */
export function findExpressions(value: string): readonly ValuePiece[] {
  const pieces: ValuePiece[] = [];
  let literal = '';
  const [before = '', ...candidates] = value.split('$(');
  literal += before;
  for (const candidate of candidates) {
    const end = unbalancedClose(candidate);
    if (end < 0) {
      literal += `$(${candidate}`;
      continue;
    }
    if (literal !== '') pieces.push({ type: 'literal', text: literal });
    const inside = candidate.slice(0, end);
    pieces.push({ type: 'expression', original: `$(${inside})`, inside });
    literal = candidate.slice(end + 1);
  }
  if (literal !== '') pieces.push({ type: 'literal', text: literal });
  return pieces;
}

function unbalancedClose(text: string): number {
  let open = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 0x28) open++;
    else if (code === 0x29 && --open < 0) return index;
  }
  return -1;
}
