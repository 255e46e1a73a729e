import type { RawIssue } from './error.ts';

/** Punctuation and keywords are of a type of their own, which is their text; the others are named as in CEL's grammar. */
export interface Token {
  readonly type: string;
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export interface Tokens {
  /** The last one is always `<EOF>`. */
  readonly tokens: readonly Token[];
  /** Where characters were left out that are of no token, each worded as ANTLR does. */
  readonly unknown: readonly (RawIssue & { readonly end: number })[];
}

/** Identifiers that are tokens of their own in CEL's grammar, so that `body.in` is a syntax error. */
const KEYWORDS: ReadonlySet<string> = new Set(['true', 'false', 'null', 'in']);

// Each is sticky and matched at one offset only; none can backtrack over more than one token.
const BLANK = /(?:[ \t\r\n\f]+|\/\/[^\n]*)+/y;
const IDENTIFIER = /[A-Za-z_][A-Za-z0-9_]*/y;
const ESCAPED = /`[A-Za-z0-9_.\-/ ]+`/y;
const NUMBER = /0x[0-9a-fA-F]+[uU]?|(?:[0-9]+\.[0-9]+|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|[0-9]+[uU]?/y;
const STRING_START = /([bB]?)([rR]?)('''|"""|'|")/y;
const ESCAPE = /\\(?:[bfnrtav"'\\?`]|[uU](?:(?<=u)[0-9a-fA-F]{4}|(?<=U)[0-9a-fA-F]{8})|[xX][0-9a-fA-F]{2}|[0-3][0-7]{2})/y;
const OPERATOR = /==|!=|<=|>=|&&|\|\||[()[\]{}.,?:<>+\-*/%!]/y;
/** The beginning of an escape sequence, as far as one can be told. */
const BROKEN_ESCAPE = /\\(?:[uU][0-9a-fA-F]{0,7}|[xX][0-9a-fA-F]?|[0-3][0-7]?)?/y;
const BROKEN_ESCAPED = /`[A-Za-z0-9_.\-/ ]*/y;

/** Splits the source. The longest token wins, as in ANTLR; what is of no token is left out. */
export function tokenize(source: string): Tokens {
  const tokens: Token[] = [];
  const unknown: (RawIssue & { end: number })[] = [];
  let offset = 0;
  while (offset < source.length) {
    const blank = matchAt(BLANK, source, offset);
    if (blank > offset) {
      offset = blank;
      continue;
    }
    const token = readToken(source, offset);
    if (token) {
      tokens.push(token);
      offset = token.end;
    } else {
      const end = endOfUnknown(source, offset);
      const message = `Syntax error: token recognition error at: '${escapeBlanks(source.slice(offset, end))}'`;
      unknown.push({ code: 'Syntax', message, offset, end });
      offset = end;
    }
  }
  tokens.push({ type: '<EOF>', text: '<EOF>', start: source.length, end: source.length });
  return { tokens, unknown };
}

/** As ANTLR shows input in messages. */
export function escapeBlanks(text: string): string {
  return text.replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t');
}

function matchAt(pattern: RegExp, source: string, offset: number): number {
  pattern.lastIndex = offset;
  return pattern.test(source) ? pattern.lastIndex : offset;
}

function readToken(source: string, start: number): Token | undefined {
  const token = (end: number, type?: string): Token => {
    const text = source.slice(start, end);
    return { type: type ?? text, text, start, end };
  };
  const string = readString(source, start);
  if (string !== undefined) return token(string.end, string.type);
  const identifier = matchAt(IDENTIFIER, source, start);
  if (identifier > start) return token(identifier, KEYWORDS.has(source.slice(start, identifier)) ? undefined : 'IDENTIFIER');
  const number = matchAt(NUMBER, source, start);
  if (number > start) return token(number, numberType(source.slice(start, number)));
  const operator = matchAt(OPERATOR, source, start);
  if (operator > start) return token(operator);
  const escaped = matchAt(ESCAPED, source, start);
  return escaped > start ? token(escaped, 'ESC_IDENTIFIER') : undefined;
}

function numberType(text: string): string {
  if (/[uU]$/.test(text)) return 'NUM_UINT';
  return text.startsWith('0x') || /^[0-9]+$/.test(text) ? 'NUM_INT' : 'NUM_FLOAT';
}

function readString(source: string, start: number): { readonly type: string; readonly end: number } | undefined {
  STRING_START.lastIndex = start;
  const opening = STRING_START.exec(source);
  if (!opening) return undefined;
  const [prefixed, bytes, raw, quote = ''] = opening;
  const type = bytes ? 'BYTES' : 'STRING';
  const end = endOfString(source, start + prefixed.length, quote, raw !== '');
  if (end !== undefined) return { type, end };
  // Three quotes that open nothing: the first two are an empty string.
  return quote.length === 3 ? { type, end: start + prefixed.length - 1 } : undefined;
}

function endOfString(source: string, from: number, quote: string, raw: boolean): number | undefined {
  let offset = from;
  while (offset < source.length) {
    if (source.startsWith(quote, offset)) return offset + quote.length;
    const character = source[offset];
    if (quote.length === 1 && (character === '\n' || character === '\r')) return undefined;
    if (character === '\\' && !raw) {
      const end = matchAt(ESCAPE, source, offset);
      if (end === offset) return undefined;
      offset = end;
    } else {
      offset += 1;
    }
  }
  return undefined;
}

/** How far ANTLR's lexer reads before it gives up: up to the first character that cannot be, which it leaves out as well. */
function endOfUnknown(source: string, offset: number): number {
  const failed = failedAt(source, offset);
  if (failed >= source.length) return source.length;
  return failed + ((source.codePointAt(failed) ?? 0) > 0xffff ? 2 : 1);
}

function failedAt(source: string, offset: number): number {
  const character = source[offset];
  if (character === '=' || character === '&' || character === '|') return offset + 1;
  if (character === '`') return matchAt(BROKEN_ESCAPED, source, offset);
  if (character !== '"' && character !== "'") return offset;
  for (let position = offset + 1; position < source.length; ) {
    if (source[position] === '\n' || source[position] === '\r') return position;
    const end = matchAt(ESCAPE, source, position);
    if (source[position] === '\\' && end === position) return matchAt(BROKEN_ESCAPE, source, position);
    position = Math.max(end, position + 1);
  }
  return source.length;
}
