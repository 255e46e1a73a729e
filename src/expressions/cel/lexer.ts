import type { RawIssue } from './error.ts';

export type TokenKind = 'identifier' | 'escaped' | 'int' | 'uint' | 'double' | 'string' | 'bytes' | 'keyword' | 'operator' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** Source text; for a keyword or an operator this identifies it. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
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

/** Splits the source. Unknown characters become issues, worded as ANTLR does, and are left out. The last token is always `end`. */
export function tokenize(source: string): { readonly tokens: readonly Token[]; readonly issues: readonly RawIssue[] } {
  const tokens: Token[] = [];
  const issues: RawIssue[] = [];
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
      issues.push({ code: 'Syntax', message: `Syntax error: token recognition error at: '${source.slice(offset, end)}'`, offset });
      offset = end;
    }
  }
  tokens.push({ kind: 'end', text: '<EOF>', start: source.length, end: source.length });
  return { tokens, issues };
}

function matchAt(pattern: RegExp, source: string, offset: number): number {
  pattern.lastIndex = offset;
  return pattern.test(source) ? pattern.lastIndex : offset;
}

function readToken(source: string, start: number): Token | undefined {
  const token = (kind: TokenKind, end: number): Token => ({ kind, text: source.slice(start, end), start, end });
  const string = readString(source, start);
  if (string !== undefined) return string;
  const identifier = matchAt(IDENTIFIER, source, start);
  if (identifier > start) return token(KEYWORDS.has(source.slice(start, identifier)) ? 'keyword' : 'identifier', identifier);
  const number = matchAt(NUMBER, source, start);
  if (number > start) return token(numberKind(source.slice(start, number)), number);
  const operator = matchAt(OPERATOR, source, start);
  if (operator > start) return token('operator', operator);
  const escaped = matchAt(ESCAPED, source, start);
  return escaped > start ? token('escaped', escaped) : undefined;
}

function numberKind(text: string): TokenKind {
  if (/[uU]$/.test(text)) return 'uint';
  return text.startsWith('0x') || /^[0-9]+$/.test(text) ? 'int' : 'double';
}

function readString(source: string, start: number): Token | undefined {
  STRING_START.lastIndex = start;
  const opening = STRING_START.exec(source);
  if (!opening) return undefined;
  const [, bytes, raw, quote = ''] = opening;
  let offset = STRING_START.lastIndex;
  while (offset < source.length) {
    if (source.startsWith(quote, offset)) {
      const end = offset + quote.length;
      return { kind: bytes ? 'bytes' : 'string', text: source.slice(start, end), start, end };
    }
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

/** How far ANTLR's lexer reads before it gives up: a doubled operator's first half takes the next character with it. */
function endOfUnknown(source: string, offset: number): number {
  const character = source[offset];
  if (character === '"' || character === "'") {
    const newline = source.indexOf('\n', offset);
    return newline < 0 ? source.length : newline;
  }
  if (character === '=' || character === '&' || character === '|') return Math.min(source.length, offset + 2);
  return offset + ((source.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1);
}
