import { canonicalHeader } from './canonical-header.ts';
import { compilePath } from './compile-path.ts';
import { decodeEscapes } from './decode-escapes.ts';
import { type EventRoot, noExtensions } from './event-context.ts';
import { findExpressions, type ValuePiece } from './find-expressions.ts';
import { goJson, goJsonStringContent } from './go-json.ts';
import { parseRelaxedPath } from './relaxed-path.ts';

/** A bound value in two forms that differ by what JSON escapes. */
export interface BoundText {
  /**
   * Upstream's text, as its `binding-eval` prints it: strings as JSON string content without quotes, anything else as compact JSON. As
   * upstream replaces expression after expression in the running value, a payload text that equals a later expression of the same value is
   * replaced as well.
   */
  readonly text: string;
  /**
   * What stands in a string of a created object: strings as they are, anything else as compact JSON, literal text with its JSON escapes
   * decoded. Put together in one pass: payload text is never looked at again. Where upstream gives valid JSON this is what it decodes to.
   */
  readonly plain: string;
}

export type BindingResult =
  | { readonly ok: true; readonly value: BoundText }
  /** `expression` as written, with `$(` and `)`; `error` in upstream's words. */
  | { readonly ok: false; readonly expression: string; readonly error: string };

export interface BindingValue {
  readonly source: string;
  /** With a `fallback` every failing expression is replaced by it instead (a template's default; reference/triggers.md 4.5). */
  evaluate(root: EventRoot, fallback?: string): BindingResult;
}

/** What one value may grow to by what it pulls in from the payload, in UTF-16 units: far above what any resource may hold. */
const maxLength = 4 * 1024 * 1024;

/** How much text may be searched for expressions that the payload may have brought in: all of it again for each of them. */
const maxScanned = 64 * maxLength;

type PieceResult = { readonly ok: true; readonly value: BoundText } | { readonly ok: false; readonly error: string };

interface CompiledPiece {
  readonly original: string;
  readonly literal: boolean;
  evaluate(root: EventRoot): PieceResult;
}

/** Text that no expression is in, such as a template's default. */
export function literalValue(text: string): BoundText {
  return { text, plain: decodeEscapes(text) };
}

/** Compiles once what is evaluated for each event. A syntax error fails, or takes the fallback, only when it is evaluated. */
export function compileBindingValue(source: string): BindingValue {
  const pieces = findExpressions(source).map(compilePiece);

  return {
    source,
    evaluate(root, fallback) {
      const values: BoundText[] = [];
      let length = 0;
      for (const piece of pieces) {
        const result = piece.evaluate(root);
        if (!result.ok && fallback === undefined) return { ok: false, expression: piece.original, error: result.error };
        const value = result.ok ? result.value : literalValue(fallback ?? '');
        length += value.text.length;
        if (length > maxLength) return tooLong(piece.original);
        values.push(value);
      }
      const text = joinAsUpstream(source, pieces, values);
      return text === undefined ? tooLong(source) : { ok: true, value: { text, plain: values.map(({ plain }) => plain).join('') } };
    },
  };
}

function compilePiece(piece: ValuePiece): CompiledPiece {
  if (piece.type === 'literal') {
    const value = literalValue(piece.text);
    return { original: piece.text, literal: true, evaluate: () => ({ ok: true, value }) };
  }
  const { original, inside } = piece;
  const parsed = parseRelaxedPath(inside.startsWith('header.') ? `header.${canonicalHeader(inside.slice(7))}` : inside);
  if (!parsed.ok) return { original, literal: false, evaluate: () => ({ ok: false, error: parsed.error }) };
  if (inside === '') return { original, literal: false, evaluate: () => ({ ok: true, value: { text: '', plain: '' } }) };
  const path = compilePath(parsed.nodes);
  return {
    original,
    literal: false,
    evaluate(root) {
      const result = path.evaluate(root);
      return result.ok ? { ok: true, value: convert(result.values) } : result;
    },
  };
}

/** Exactly one result stands for itself; none or several become a list. */
function convert(values: readonly unknown[]): BoundText {
  const [only] = values;
  if (values.length === 1 && typeof only === 'string') return { text: goJsonStringContent(only), plain: only };
  const text = values.length === 1 ? toJson(only) : `[${values.map(toJson).join(',')}]`;
  return { text, plain: text };
}

function toJson(value: unknown): string {
  return value === noExtensions ? 'null' : goJson(value);
}

/** `undefined`: it grew too long, which replacing again and again can do exponentially, or it takes too long. */
function joinAsUpstream(source: string, pieces: readonly CompiledPiece[], values: readonly BoundText[]): string | undefined {
  const mayInject = pieces.some((piece, index) => !piece.literal && values[index]?.text.includes('$('));
  if (!mayInject) return values.map(({ text }) => text).join('');
  let text = source;
  let scanned = 0;
  for (const [index, piece] of pieces.entries()) {
    const value = values[index]?.text ?? '';
    if (piece.literal) continue;
    scanned += text.length;
    const between = text.split(piece.original);
    if (text.length + (between.length - 1) * value.length > maxLength || scanned > maxScanned) return undefined;
    text = between.join(value);
  }
  return text;
}

function tooLong(expression: string): BindingResult {
  return { ok: false, expression, error: `the value would be longer than ${maxLength} characters` };
}
