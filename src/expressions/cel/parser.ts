import { type CelNode, type MapNode, type MessageNode, makeNode, type NodeShape } from './ast.ts';
import type { RawIssue } from './error.ts';
import { AFTER, AFTER_TOKEN, BEGINS, BINARY, type Enclosed, LIST, MAP, MESSAGE, RELATION, RESERVED, SIGNED } from './grammar.ts';
import type { Token } from './lexer.ts';
import type { CelLimits } from './limits.ts';
import { readBytes, readDouble, readInt, readString, readUint } from './literals.ts';
import { expandGlobalMacro, expandMemberMacro } from './macros.ts';
import { type Follow, Stop, TokenCursor, type Types } from './token-cursor.ts';
import { type CelValue, Uint } from './values.ts';

export type Parsed =
  | { readonly ok: true; readonly ast: CelNode }
  | { readonly ok: false; readonly issues: readonly [RawIssue, ...RawIssue[]] };

export interface ParseOptions {
  /** Whether `a.`b-c`` may select a field that is no identifier. Off upstream. */
  readonly escapedFields: boolean;
}

/**
 * Parses CEL as cel-go's grammar does: precedence, negative number literals, macros expanded at once, `!!` and `--` cancelling out.
 * After a syntax error it goes on as ANTLR does, see `TokenCursor`; what else is wrong with the source is told along with it.
 */
export function parse(source: string, limits: CelLimits, options: ParseOptions): Parsed {
  if (source.length > limits.maxSourceLength) {
    const message = `expression code point size exceeds limit: size: ${source.length}, limit ${limits.maxSourceLength}`;
    return { ok: false, issues: [{ code: 'LimitExceeded', message, offset: 0 }] };
  }
  const { ast, issues } = new Parser(source, limits.maxDepth, options).parseAll();
  const [first, ...rest] = issues;
  return first ? { ok: false, issues: [first, ...rest] } : { ok: true, ast };
}

type MapEntry = MapNode['entries'][number];
type MessageField = MessageNode['fields'][number];

class Parser {
  readonly #input: TokenCursor;
  /** What is wrong with what was read, beyond syntax. */
  readonly #issues: RawIssue[] = [];
  readonly #maxDepth: number;
  readonly #options: ParseOptions;
  #depth = 0;
  #nextId = 0;

  constructor(source: string, maxDepth: number, options: ParseOptions) {
    this.#input = new TokenCursor(source);
    this.#maxDepth = maxDepth;
    this.#options = options;
  }

  parseAll(): { readonly ast: CelNode; readonly issues: readonly RawIssue[] } {
    try {
      const ast = this.#expression(AFTER.source);
      this.#input.rule(AFTER.nothing, () => this.#input.expect('<EOF>', AFTER_TOKEN.source));
      return { ast, issues: [...this.#input.issues(false), ...this.#issues] };
    } catch (thrown) {
      if (!(thrown instanceof Stop)) throw thrown;
      return { ast: this.#placeholder(), issues: this.#input.issues(true) };
    }
  }

  /** For macros: the same numbering and the same depth check as everything else. */
  readonly node = (shape: NodeShape): CelNode => {
    const node = makeNode(this.#nextId++, shape);
    if (node.depth > this.#maxDepth) this.#tooDeep(node.at);
    return node;
  };

  readonly report = (message: string, offset: number): CelNode => {
    this.#issues.push({ code: 'Syntax', message, offset });
    return this.#placeholder(offset);
  };

  #tooDeep(offset: number): never {
    return this.#input.stop('LimitExceeded', `expression recursion limit exceeded: ${this.#maxDepth}`, offset);
  }

  /** Stands for what could not be read. */
  #placeholder(offset = this.#input.token.start): CelNode {
    return makeNode(this.#nextId++, { kind: 'literal', value: null, start: offset, end: offset, at: offset });
  }

  #expression(after: Follow): CelNode {
    this.#depth += 1;
    if (this.#depth > this.#maxDepth) this.#tooDeep(this.#input.token.start);
    const node = this.#input.rule(after, this.#conditional);
    this.#depth -= 1;
    return node ?? this.#placeholder();
  }

  // Rules are values of their own, not closures over `this`: what nests deeply should take little of the stack.
  readonly #conditional = (): CelNode => {
    const condition = this.#operation(AFTER.condition);
    const question = this.#input.accept('?');
    if (!question) return condition;
    const then = this.#operation(AFTER.beforeColon);
    this.#input.expect(':', AFTER_TOKEN.conditionalColon);
    const otherwise = this.#expression(AFTER.end);
    return this.#call('_?_:_', [condition, then, otherwise], question.start);
  };

  #operation(after: Follow): CelNode {
    this.#input.enter(after);
    const node = this.#or();
    this.#input.leave();
    return node;
  }

  #or(): CelNode {
    const first = this.#and();
    const at = this.#input.token.start;
    const operands = [first];
    while (this.#input.accept('||')) operands.push(this.#and());
    return operands.length === 1 ? first : this.#call('_||_', operands, at);
  }

  #and(): CelNode {
    const first = this.#binary(RELATION);
    const at = this.#input.token.start;
    const operands = [first];
    while (this.#input.accept('&&')) operands.push(this.#binary(RELATION));
    return operands.length === 1 ? first : this.#call('_&&_', operands, at);
  }

  #binary(precedence: number): CelNode {
    let left = this.#input.rule(AFTER.operators, this.#unary) ?? this.#placeholder();
    for (;;) {
      const { token } = this.#input;
      const operator = BINARY.get(token.type);
      if (!operator || operator.precedence < precedence) return left;
      this.#input.accept(token.type);
      const right = this.#binary(operator.precedence + 1);
      left = this.#call(operator.name, [left, right], token.start);
    }
  }

  #call(name: string, args: readonly CelNode[], at: number): CelNode {
    const start = Math.min(at, args[0]?.start ?? at);
    return this.node({ kind: 'call', name, target: undefined, args, start, end: args[args.length - 1]?.end ?? at, at });
  }

  readonly #unary = (): CelNode => {
    const input = this.#input;
    input.sync(BEGINS.expression);
    const { token } = input;
    let count = 0;
    if (token.type === '!') {
      for (; input.accept('!'); count++) input.syncRepetition(BEGINS.expression);
    } else if (token.type === '-' && !SIGNED.has(input.peek(1).type)) {
      for (; input.is('-'); count++) {
        if (!BEGINS.operand.has(input.peek(1).type)) input.refuse(BEGINS.operand, 1);
        input.accept('-');
      }
    } else if (!BEGINS.operand.has(token.type)) input.refuse(BEGINS.expression);
    const operand = this.#member();
    return count % 2 === 0 ? operand : this.#call(`${token.type}_`, [operand], token.start);
  };

  #member(): CelNode {
    const input = this.#input;
    let operand = input.rule(AFTER.member, this.#primary) ?? this.#placeholder();
    input.rule(AFTER.end, () => {
      for (;;) {
        if (input.is('.')) operand = this.#selection(operand);
        else if (input.is('[')) operand = this.#index(operand);
        else return;
      }
    });
    return operand;
  }

  #index(operand: CelNode): CelNode {
    const { start: at } = this.#input.take();
    this.#input.sync(BEGINS.element);
    const optional = this.#input.accept('?');
    const index = this.#expression(AFTER.index);
    const { end } = this.#input.expect(']', AFTER_TOKEN.index);
    if (optional) return this.report("unsupported syntax '[?'", at);
    return this.node({ kind: 'call', name: '_[_]', target: undefined, args: [operand, index], start: operand.start, end, at });
  }

  #selection(operand: CelNode): CelNode {
    const input = this.#input;
    if (!BEGINS.field.has(input.peek(1).type)) input.refuse(BEGINS.field, 1);
    const { start: at } = input.take();
    const optional = input.accept('?');
    const { start: nameStart } = input.token;
    const name = this.#name(AFTER.member);
    const open = name?.type === 'IDENTIFIER' && !optional ? input.accept('(') : undefined;
    if (name && open) {
      const { args, end } = this.#arguments(BEGINS.memberArguments, AFTER_TOKEN.memberCall);
      const position = { start: operand.start, end, at: open.start };
      return (
        expandMemberMacro(this, name.text, operand, args, position) ??
        this.node({ kind: 'call', name: name.text, target: operand, args, ...position })
      );
    }
    const problem = this.#problemOf(name);
    if (problem !== undefined) this.report(problem, nameStart);
    if (optional) return this.report("unsupported syntax '.?'", at);
    const { start } = operand;
    return this.node({ kind: 'select', operand, field: fieldOf(name), test: false, start, end: name?.end ?? at, at });
  }

  /** An identifier, or one between backticks. */
  #name(after: Follow): Token | undefined {
    const input = this.#input;
    return input.rule(after, () => {
      input.sync(BEGINS.name);
      return BEGINS.name.has(input.token.type) ? input.take() : input.refuse(BEGINS.name);
    });
  }

  #problemOf(name: Token | undefined): string | undefined {
    if (!name) return 'unsupported ident kind';
    return name.type === 'IDENTIFIER' || this.#options.escapedFields ? undefined : "unsupported syntax: '`'";
  }

  #arguments(begins: Types, after: Follow): { readonly args: readonly CelNode[]; readonly end: number } {
    const input = this.#input;
    const args: CelNode[] = [];
    input.sync(begins);
    if (BEGINS.expression.has(input.token.type)) {
      input.rule(AFTER.parenthesis, () => {
        do args.push(this.#expression(AFTER.element));
        while (input.accept(','));
      });
    }
    return { args, end: input.expect(')', after).end };
  }

  readonly #primary = (): CelNode => {
    const input = this.#input;
    input.sync(BEGINS.operand);
    const { token } = input;
    switch (token.type) {
      case 'STRING':
        return this.#literal(readString(token.text), 'invalid unicode code point');
      case 'BYTES':
        return this.#literal(readBytes(token.text), 'unable to unescape string');
      case 'true':
      case 'false':
        return this.#literal(token.type === 'true', '');
      case 'null':
        return this.#literal(null, '');
      case 'NUM_INT':
      case 'NUM_UINT':
      case 'NUM_FLOAT':
        return this.#number();
      case '-':
        return SIGNED.has(input.peek(1).type) ? this.#number() : input.refuse(BEGINS.operand, 1);
      case 'IDENTIFIER':
        return this.#identifier();
      case '.':
        return input.peek(1).type === 'IDENTIFIER' ? this.#identifier() : input.refuse(BEGINS.operand, 1);
      case '(':
        return this.#parenthesis();
      case '[':
        return this.#list();
      case '{':
        return this.#map();
    }
    return input.refuse(BEGINS.operand);
  };

  #parenthesis(): CelNode {
    this.#input.take();
    const inner = this.#expression(AFTER.parenthesis);
    this.#input.expect(')', AFTER_TOKEN.parenthesis);
    return inner;
  }

  #number(): CelNode {
    const minus = this.#input.accept('-');
    const { type, text } = this.#input.token;
    const signed = minus ? `-${text}` : text;
    if (type === 'NUM_INT') return this.#literal(readInt(signed), 'invalid int literal', minus);
    if (type === 'NUM_FLOAT') return this.#literal(readDouble(signed), 'invalid double literal', minus);
    const value = readUint(text);
    return this.#literal(value === undefined ? undefined : new Uint(value), 'invalid uint literal');
  }

  #literal(value: CelValue | undefined, problem: string, minus?: Token): CelNode {
    const token = this.#input.take();
    const { start } = minus ?? token;
    if (value === undefined) return this.report(problem, start);
    return this.node({ kind: 'literal', value, start, end: token.end, at: start });
  }

  /** An identifier, a global call, or a message literal with a qualified name; each may begin with a dot. */
  #identifier(): CelNode {
    const input = this.#input;
    const dot = input.accept('.');
    const first = input.token;
    const start = dot?.start ?? first.start;
    const parts = this.#messageName();
    if (parts) return this.#message(`${dot ? '.' : ''}${parts.join('.')}`, start);
    input.accept('IDENTIFIER');
    const name = `${dot ? '.' : ''}${first.text}`;
    const known = this.#issues.length;
    const open = input.accept('(');
    const { args, end } = open ? this.#arguments(BEGINS.arguments, AFTER_TOKEN.call) : { args: [], end: first.end };
    if (RESERVED.has(first.text)) return this.#insteadOf(known, `reserved identifier: ${first.text}`, start);
    if (!open) return this.node({ kind: 'ident', name, start, end, at: start });
    const position = { start, end, at: open.start };
    return expandGlobalMacro(this, name, args, position) ?? this.node({ kind: 'call', name, target: undefined, args, ...position });
  }

  /** Looks ahead for `a.b.C {`; takes the name if it is one. */
  #messageName(): readonly string[] | undefined {
    const input = this.#input;
    let length = 1;
    while (input.peek(length).type === '.' && input.peek(length + 1).type === 'IDENTIFIER') length += 2;
    if (input.peek(length).type !== '{') return undefined;
    const parts = [input.token.text];
    for (input.accept('IDENTIFIER'); input.accept('.'); input.accept('IDENTIFIER')) parts.push(input.token.text);
    return parts;
  }

  #message(name: string, start: number): CelNode {
    const { start: at } = this.#input.take();
    const { start: first } = this.#input.token;
    const fields: MessageField[] = [];
    const end = this.#enclosed(MESSAGE, (afterColon) => this.#field(fields, first, afterColon));
    return this.node({ kind: 'message', name, fields, start, end, at });
  }

  #field(fields: MessageField[], first: number, afterColon: Follow): void {
    const input = this.#input;
    const known = this.#issues.length;
    const optional = input.is('?') ? input.token : undefined;
    const name = input.rule(AFTER.beforeColon, () => {
      input.sync(BEGINS.field);
      input.accept('?');
      return this.#name(AFTER.end);
    });
    const { start: at } = input.expect(':', afterColon);
    const value = this.#expression(AFTER.element);
    const problem = optional ? "unsupported syntax '?'" : this.#problemOf(name);
    if (problem === undefined) fields.push({ name: fieldOf(name), at, value });
    else this.#insteadOf(known, problem, optional?.start ?? first);
  }

  #list(): CelNode {
    const { start } = this.#input.take();
    const elements: CelNode[] = [];
    const end = this.#enclosed(LIST, () => {
      const optional = this.#input.accept('?');
      elements.push(this.#expression(AFTER.element));
      if (optional) this.report("unsupported syntax '?'", optional.start);
    });
    return this.node({ kind: 'list', elements, start, end, at: start });
  }

  #map(): CelNode {
    const input = this.#input;
    const { start } = input.take();
    const entries: MapEntry[] = [];
    const end = this.#enclosed(MAP, (afterColon) => {
      const known = this.#issues.length;
      const optional = input.accept('?');
      const key = this.#expression(AFTER.beforeColon);
      input.expect(':', afterColon);
      entries.push({ key, value: this.#expression(AFTER.element) });
      if (optional) this.#insteadOf(known, "unsupported syntax '?'", optional.start);
    });
    return this.node({ kind: 'map', entries, start, end, at: start });
  }

  /** What is between brackets: perhaps elements, perhaps a comma after the last of them. Gives where the closing bracket ends. */
  #enclosed(enclosed: Enclosed, parseElement: (afterColon: Follow) => void): number {
    const input = this.#input;
    const { close, begins, element, ends, after, afterColon, afterNextColon, afterClose } = enclosed;
    input.sync(begins);
    if (element.has(input.token.type)) {
      input.rule(after, () => {
        parseElement(afterColon);
        while (element.has(input.peek(1).type) && input.accept(',')) parseElement(afterNextColon);
      });
    }
    input.sync(ends);
    input.accept(',');
    return input.expect(close, afterClose).end;
  }

  /** One issue in place of those found since. */
  #insteadOf(known: number, message: string, offset: number): CelNode {
    this.#issues.length = known;
    return this.report(message, offset);
  }
}

function fieldOf(name: Token | undefined): string {
  if (name === undefined || name.type === 'IDENTIFIER') return name?.text ?? '';
  return name.text.slice(1, -1);
}
