import { type CelNode, makeNode, type NodeShape } from './ast.ts';
import type { RawIssue } from './error.ts';
import { type Token, tokenize } from './lexer.ts';
import type { CelLimits } from './limits.ts';
import { readBytes, readDouble, readInt, readString, readUint } from './literals.ts';
import { expandGlobalMacro, expandMemberMacro } from './macros.ts';
import { Uint } from './values.ts';

export type Parsed =
  | { readonly ok: true; readonly ast: CelNode }
  | { readonly ok: false; readonly issues: readonly [RawIssue, ...RawIssue[]] };

export interface ParseOptions {
  /** Whether `a.`b-c`` may select a field that is no identifier. Off upstream. */
  readonly escapedFields: boolean;
}

/**
 * Parses CEL as cel-go's grammar does: precedence, negative number literals, macros expanded at once, `!!` and `--` cancelling out.
 * Wording of syntax errors follows ANTLR for the first error; its recovery, which reports follow-up errors, is not imitated.
 */
export function parse(source: string, limits: CelLimits, options: ParseOptions): Parsed {
  if (source.length > limits.maxSourceLength) {
    const message = `expression code point size exceeds limit: size: ${source.length}, limit ${limits.maxSourceLength}`;
    return { ok: false, issues: [{ code: 'LimitExceeded', message, offset: 0 }] };
  }
  const { tokens, issues } = tokenize(source);
  const parser = new Parser(tokens, issues, limits.maxDepth, options);
  const ast = parser.parseAll();
  const [first, ...rest] = parser.issues;
  return first ? { ok: false, issues: [first, ...rest] } : { ok: true, ast };
}

/** Thrown to leave the descent after the first syntax error; never leaves this file. */
class Stop {}

const STARTERS = "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

const RESERVED: ReadonlySet<string> = new Set(
  'as break const continue else for function if import let loop package namespace return var void while'.split(' '),
);

interface BinaryOperator {
  readonly name: string;
  readonly precedence: number;
}

const RELATION = 1;
const BINARY: ReadonlyMap<string, BinaryOperator> = new Map([
  ...['==', '!=', '<', '<=', '>', '>='].map((text) => [text, { name: `_${text}_`, precedence: RELATION }] as const),
  ['in', { name: '@in', precedence: RELATION }],
  ['+', { name: '_+_', precedence: 2 }],
  ['-', { name: '_-_', precedence: 2 }],
  ['*', { name: '_*_', precedence: 3 }],
  ['/', { name: '_/_', precedence: 3 }],
  ['%', { name: '_%_', precedence: 3 }],
]);

class Parser {
  readonly issues: RawIssue[];
  readonly #tokens: readonly Token[];
  readonly #maxDepth: number;
  readonly #options: ParseOptions;
  #position = 0;
  #depth = 0;
  #nextId = 0;

  constructor(tokens: readonly Token[], issues: readonly RawIssue[], maxDepth: number, options: ParseOptions) {
    this.#tokens = tokens;
    this.issues = [...issues];
    this.#maxDepth = maxDepth;
    this.#options = options;
  }

  parseAll(): CelNode {
    try {
      const ast = this.#expression();
      if (this.#token.kind !== 'end') {
        const alone = this.#peek(1).kind === 'end';
        this.#fail(`Syntax error: ${alone ? 'extraneous' : 'mismatched'} input '${this.#token.text}' expecting <EOF>`);
      }
      return ast;
    } catch (thrown) {
      if (!(thrown instanceof Stop)) throw thrown;
      return this.#placeholder(0);
    }
  }

  /** For macros: the same numbering and the same depth check as everything else. */
  readonly node = (shape: NodeShape): CelNode => {
    const node = makeNode(this.#nextId++, shape);
    if (node.depth > this.#maxDepth) this.#tooDeep(node.at);
    return node;
  };

  readonly report = (message: string, offset: number): CelNode => {
    this.issues.push({ code: 'Syntax', message, offset });
    return this.#placeholder(offset);
  };

  get #token(): Token {
    return this.#peek(0);
  }

  #peek(ahead: number): Token {
    const token = this.#tokens[Math.min(this.#position + ahead, this.#tokens.length - 1)];
    if (!token) throw new Error('a token list always ends with an end token');
    return token;
  }

  #is(text: string): boolean {
    const token = this.#token;
    return token.text === text && (token.kind === 'operator' || token.kind === 'keyword');
  }

  #accept(text: string): Token | undefined {
    if (!this.#is(text)) return undefined;
    const token = this.#token;
    this.#position += 1;
    return token;
  }

  #expect(text: string): Token {
    return this.#accept(text) ?? this.#fail(`Syntax error: mismatched input '${this.#token.text}' expecting '${text}'`);
  }

  #fail(message: string, offset = this.#token.start): never {
    this.issues.push({ code: 'Syntax', message, offset });
    throw new Stop();
  }

  #tooDeep(offset: number): never {
    this.issues.push({ code: 'LimitExceeded', message: `expression recursion limit exceeded: ${this.#maxDepth}`, offset });
    throw new Stop();
  }

  #placeholder(offset: number): CelNode {
    return makeNode(this.#nextId++, { kind: 'literal', value: null, start: offset, end: offset, at: offset });
  }

  #expression(): CelNode {
    this.#depth += 1;
    if (this.#depth > this.#maxDepth) this.#tooDeep(this.#token.start);
    const condition = this.#chain('||', () => this.#chain('&&', () => this.#binary(RELATION)));
    const question = this.#accept('?');
    if (!question) {
      this.#depth -= 1;
      return condition;
    }
    const then = this.#chain('||', () => this.#chain('&&', () => this.#binary(RELATION)));
    this.#expect(':');
    const otherwise = this.#expression();
    this.#depth -= 1;
    return this.#call('_?_:_', [condition, then, otherwise], question.start);
  }

  #chain(operator: '&&' | '||', operand: () => CelNode): CelNode {
    const first = operand();
    const at = this.#token.start;
    const operands = [first];
    while (this.#accept(operator)) operands.push(operand());
    return operands.length === 1 ? first : this.#call(`_${operator}_`, operands, at);
  }

  #binary(precedence: number): CelNode {
    let left = this.#unary();
    for (;;) {
      const token = this.#token;
      const operator = token.kind === 'operator' || token.kind === 'keyword' ? BINARY.get(token.text) : undefined;
      if (!operator || operator.precedence < precedence) return left;
      this.#position += 1;
      const right = this.#binary(operator.precedence + 1);
      left = this.#call(operator.name, [left, right], token.start);
    }
  }

  #call(name: string, args: readonly CelNode[], at: number): CelNode {
    const start = Math.min(at, args[0]?.start ?? at);
    return this.node({ kind: 'call', name, target: undefined, args, start, end: args[args.length - 1]?.end ?? at, at });
  }

  #unary(): CelNode {
    const token = this.#token;
    if (!this.#is('!') && !this.#is('-')) return this.#member(this.#primary());
    let count = 0;
    while (this.#accept(token.text)) count += 1;
    // A single minus before a number belongs to the literal, so that the smallest int can be written.
    const literal = token.text === '-' && count === 1 && (this.#token.kind === 'int' || this.#token.kind === 'double');
    if (literal) count -= 1;
    const operand = this.#member(literal ? this.#number(this.#tokens[this.#position - 1]) : this.#primary());
    return count % 2 === 0 ? operand : this.#call(`${token.text}_`, [operand], token.start);
  }

  #member(start: CelNode): CelNode {
    let operand = start;
    for (;;) {
      const token = this.#token;
      if (this.#accept('.')) operand = this.#selection(operand, token);
      else if (this.#accept('[')) {
        if (this.#is('?')) this.#fail("unsupported syntax '[?'");
        const index = this.#expression();
        const end = this.#expect(']').end;
        operand = this.node({
          kind: 'call',
          name: '_[_]',
          target: undefined,
          args: [operand, index],
          start: operand.start,
          end,
          at: token.start,
        });
      } else return operand;
    }
  }

  #selection(operand: CelNode, dot: Token): CelNode {
    if (this.#is('?')) this.#fail("unsupported syntax '.?'", dot.start);
    const name = this.#token;
    if (name.kind === 'escaped') {
      if (!this.#options.escapedFields) this.#fail("unsupported syntax: '`'");
      this.#position += 1;
      const field = name.text.slice(1, -1);
      return this.node({ kind: 'select', operand, field, test: false, start: operand.start, end: name.end, at: dot.start });
    }
    if (name.kind !== 'identifier') this.#fail(`Syntax error: no viable alternative at input '.${name.kind === 'end' ? '' : name.text}'`);
    this.#position += 1;
    const open = this.#accept('(');
    if (!open) {
      return this.node({ kind: 'select', operand, field: name.text, test: false, start: operand.start, end: name.end, at: dot.start });
    }
    const { args, end } = this.#arguments();
    const position = { start: operand.start, end, at: open.start };
    return (
      expandMemberMacro(this, name.text, operand, args, position) ??
      this.node({ kind: 'call', name: name.text, target: operand, args, ...position })
    );
  }

  #arguments(): { args: CelNode[]; end: number } {
    const args: CelNode[] = [];
    if (!this.#is(')')) {
      do args.push(this.#expression());
      while (this.#accept(','));
    }
    return { args, end: this.#expect(')').end };
  }

  #primary(): CelNode {
    const token = this.#token;
    switch (token.kind) {
      case 'int':
      case 'uint':
      case 'double':
        return this.#number(undefined);
      case 'string':
        return this.#literal(readString(token.text), 'string');
      case 'bytes':
        return this.#literal(readBytes(token.text), 'bytes');
      case 'identifier':
        return this.#identifier(token.start);
    }
    if (this.#is('true') || this.#is('false')) return this.#literal(token.text === 'true', 'bool');
    if (this.#is('null')) return this.#literal(null, 'null');
    if (this.#accept('(')) {
      const inner = this.#expression();
      this.#expect(')');
      return inner;
    }
    if (this.#is('[')) return this.#list();
    if (this.#is('{')) return this.#map();
    if (this.#is('.') && this.#peek(1).kind === 'identifier') {
      this.#position += 1;
      return this.#identifier(token.start);
    }
    if (token.kind === 'escaped') return this.#fail("unsupported syntax: '`'");
    const alone = this.#canStart(this.#peek(1));
    return this.#fail(`Syntax error: ${alone ? 'extraneous' : 'mismatched'} input '${token.text}' expecting ${STARTERS}`);
  }

  #canStart(token: Token): boolean {
    if (token.kind === 'operator') return ['[', '{', '(', '.', '-', '!'].includes(token.text);
    return token.kind !== 'end' && token.text !== 'in';
  }

  #number(minus: Token | undefined): CelNode {
    const token = this.#token;
    const text = minus ? `-${token.text}` : token.text;
    const start = minus?.start;
    if (token.kind === 'int') return this.#literal(readInt(text), 'int', start);
    if (token.kind === 'double') return this.#literal(readDouble(text), 'double', start);
    const value = readUint(text);
    return this.#literal(value === undefined ? undefined : new Uint(value), 'uint');
  }

  #literal(
    value: bigint | number | string | boolean | null | Uint | Uint8Array | undefined,
    type: string,
    start = this.#token.start,
  ): CelNode {
    const { end } = this.#token;
    this.#position += 1;
    if (value === undefined) return this.report(`invalid ${type} literal`, start);
    return this.node({ kind: 'literal', value, start, end, at: start });
  }

  /** An identifier, a global call, or a message literal with a qualified name. A leading dot was accepted at `start`. */
  #identifier(start: number): CelNode {
    const message = this.#messageName();
    if (message) return this.#message(message, start);
    const token = this.#token;
    this.#position += 1;
    const name = (start < token.start ? '.' : '') + token.text;
    const open = this.#accept('(');
    if (!open) {
      if (RESERVED.has(token.text)) return this.report(`reserved identifier: ${token.text}`, token.start);
      return this.node({ kind: 'ident', name, start, end: token.end, at: start });
    }
    const { args, end } = this.#arguments();
    const position = { start, end, at: open.start };
    return expandGlobalMacro(this, name, args, position) ?? this.node({ kind: 'call', name, target: undefined, args, ...position });
  }

  /** Looks ahead for `a.b.C {`; the tokens stay. */
  #messageName(): readonly Token[] | undefined {
    const parts = [this.#token];
    for (let ahead = 1; this.#peek(ahead).text === '.' && this.#peek(ahead + 1).kind === 'identifier'; ahead += 2)
      parts.push(this.#peek(ahead + 1));
    const next = this.#peek(parts.length * 2 - 1);
    return next.kind === 'operator' && next.text === '{' ? parts : undefined;
  }

  #message(parts: readonly Token[], start: number): CelNode {
    const leading = start < (parts[0]?.start ?? start) ? '.' : '';
    this.#position += parts.length * 2 - 1;
    const open = this.#expect('{');
    const fields: { name: string; at: number; value: CelNode }[] = [];
    while (!this.#is('}')) {
      if (this.#is('?')) this.#fail("unsupported syntax '?'");
      const name = this.#token;
      const escaped = name.kind === 'escaped' && this.#options.escapedFields;
      if (name.kind !== 'identifier' && !escaped) {
        this.#fail(`Syntax error: extraneous input '${name.text}' expecting {'}', ',', '?', IDENTIFIER, ESC_IDENTIFIER}`);
      }
      this.#position += 1;
      const colon = this.#expect(':');
      fields.push({ name: escaped ? name.text.slice(1, -1) : name.text, at: colon.start, value: this.#expression() });
      if (!this.#accept(',')) break;
    }
    const end = this.#expect('}').end;
    return this.node({ kind: 'message', name: leading + parts.map((part) => part.text).join('.'), fields, start, end, at: open.start });
  }

  #list(): CelNode {
    const { start } = this.#expect('[');
    const elements: CelNode[] = [];
    while (!this.#is(']')) {
      if (this.#is('?')) this.#fail("unsupported syntax '?'");
      elements.push(this.#expression());
      if (!this.#accept(',')) break;
    }
    return this.node({ kind: 'list', elements, start, end: this.#expect(']').end, at: start });
  }

  #map(): CelNode {
    const { start } = this.#expect('{');
    const entries: { key: CelNode; value: CelNode }[] = [];
    while (!this.#is('}')) {
      if (this.#is('?')) this.#fail("unsupported syntax '?'");
      const key = this.#expression();
      this.#expect(':');
      entries.push({ key, value: this.#expression() });
      if (!this.#accept(',')) break;
    }
    return this.node({ kind: 'map', entries, start, end: this.#expect('}').end, at: start });
  }
}
