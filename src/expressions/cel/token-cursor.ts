import type { RawIssue } from './error.ts';
import { escapeBlanks, type Token, type Tokens, tokenize } from './lexer.ts';

/** Thrown to leave the descent for good; never leaves the parser. */
export class Stop {}

/** Thrown when a rule of the grammar cannot go on; caught in that same rule. */
class Mismatch {
  /** What was decided, or what comes after what was missed: tells one place of the grammar from another. */
  readonly state: Types | Follow;

  constructor(state: Types | Follow) {
    this.state = state;
  }
}

export type Types = ReadonlySet<string>;

/** What may come after a rule, or a token, in the rule that has it; `open` when that rule may end there and what follows it comes next. */
export interface Follow {
  readonly types: Types;
  readonly open: boolean;
}

const MOST_ATTEMPTS = 30;
const MOST_SKIPPED = 256;
/** One more than are told. */
const MOST_ISSUES = 101;

/** Order in which messages list what was expected: that of CEL's grammar. */
const ORDER: readonly string[] = (
  '<EOF> == != in < <= >= > && || [ ] { } ( ) . , - ! ? : + * / % true false null ' +
  'NUM_FLOAT NUM_INT NUM_UINT STRING BYTES IDENTIFIER ESC_IDENTIFIER'
).split(' ');

/**
 * Reads tokens and, where they are not what the grammar expects, reports and recovers as ANTLR's default error strategy does, so that
 * syntax errors, and those that follow from them, are the ones upstream reports: a superfluous token is skipped, a missing one
 * supposed, and otherwise the rule is given up and tokens are skipped until one that may follow it in any of the rules around.
 */
export class TokenCursor {
  readonly #source: string;
  readonly #input: Tokens;
  readonly #issues: RawIssue[] = [];
  /** What follows each rule that is under way, the outermost first. */
  readonly #follows: Follow[] = [];
  #position = 0;
  #recovering = false;
  #attempts = 0;
  #failedAt = -1;
  readonly #failedStates = new Set<Types | Follow>();

  constructor(source: string) {
    this.#source = source;
    this.#input = tokenize(source);
  }

  get token(): Token {
    return this.peek(0);
  }

  peek(ahead: number): Token {
    const { tokens } = this.#input;
    const token = tokens[Math.min(this.#position + ahead, tokens.length - 1)];
    if (!token) throw new Error('a token list always ends with an end token');
    return token;
  }

  /** All that was wrong, in the order of the source; of a parser that stopped only what is up to there. */
  issues(stopped: boolean): readonly RawIssue[] {
    const reached = stopped ? this.token.start : this.#source.length;
    const all = [...this.#input.unknown.filter(({ offset }) => offset <= reached), ...this.#issues];
    return all.sort((a, b) => a.offset - b.offset).slice(0, MOST_ISSUES);
  }

  is(type: string): boolean {
    return this.token.type === type;
  }

  take(): Token {
    const { token } = this;
    this.#position += 1;
    this.#recovering = false;
    this.#failedAt = -1;
    this.#failedStates.clear();
    return token;
  }

  accept(type: string): Token | undefined {
    return this.is(type) ? this.take() : undefined;
  }

  enter(follow: Follow): void {
    this.#follows.push(follow);
  }

  leave(): void {
    this.#follows.pop();
  }

  /** Reads a rule that is followed by `after` in the one around it; `undefined` when it was given up. */
  rule<Value>(after: Follow, parse: () => Value): Value | undefined {
    const depth = this.#follows.push(after);
    let value: Value | undefined;
    try {
      value = parse();
    } catch (thrown) {
      if (!(thrown instanceof Mismatch)) throw thrown;
      this.#recover(thrown);
    }
    this.#follows.length = depth - 1;
    return value;
  }

  /** Takes a token of this type, or does as if it were there. */
  expect(type: string, after: Follow): Token {
    const { token } = this;
    if (token.type === type) return this.take();
    this.#attempt();
    const expected = new Set([type]);
    if (this.peek(1).type === type) {
      this.#skipUnwanted(expected);
      return this.take();
    }
    if (!this.#mayFollow(after, token.type)) return this.#fail(expected, after);
    this.#report(`missing ${listOf(expected)} at ${quote(token.text)}`);
    return { type, text: '', start: token.start, end: token.start };
  }

  /** Before a decision of the grammar: what comes must be one of these, or is skipped when the next one is. */
  sync(expected: Types): void {
    if (this.#recovering || expected.has(this.token.type)) return;
    if (!expected.has(this.peek(1).type)) this.#fail(expected);
    this.#skipUnwanted(expected);
  }

  /** Between the rounds of a repetition: what is none of these is skipped. */
  syncRepetition(expected: Types): void {
    if (this.#recovering || expected.has(this.token.type)) return;
    this.#report(`extraneous input ${quote(this.token.text)} expecting ${listOf(expected)}`);
    const stops = this.#recoveryTypes();
    while (!this.is('<EOF>') && !expected.has(this.token.type) && !stops.has(this.token.type)) this.#position += 1;
  }

  /** None of the alternatives, which begin with `expected`, is possible, as the token that far ahead shows. */
  refuse(expected: Types, ahead = 0): never {
    const offending = this.peek(ahead);
    const text = this.#textBetween(this.token.start, offending.end);
    const word = /^.(true|false|null)$/s.exec(text)?.[1];
    const problem =
      word === undefined ? `no viable alternative at input ${quote(text)}` : `mismatched input '${word}' expecting IDENTIFIER`;
    this.#report(problem, offending);
    throw new Mismatch(expected);
  }

  /** Goes to a token that may come after one of the rules that are under way. */
  #recover({ state }: Mismatch): void {
    this.#attempt();
    const repeated = this.#failedAt === this.#position && this.#failedStates.has(state);
    let skipped = 0;
    if (repeated && !this.is('<EOF>')) {
      this.#position += 1;
      skipped += 1;
    }
    this.#failedAt = this.#position;
    this.#failedStates.add(state);
    const stops = this.#recoveryTypes();
    for (; !this.is('<EOF>') && !stops.has(this.token.type); skipped += 1) {
      if (skipped === MOST_SKIPPED) this.stop('Syntax', `error recovery token lookahead limit exceeded: ${MOST_SKIPPED}`);
      this.#position += 1;
    }
  }

  stop(code: RawIssue['code'], message: string, offset = this.token.start): never {
    this.#issues.push({ code, message, offset });
    throw new Stop();
  }

  #skipUnwanted(expected: Types): void {
    this.#report(`extraneous input ${quote(this.token.text)} expecting ${listOf(expected)}`);
    this.take();
  }

  #fail(expected: Types, state: Types | Follow = expected): never {
    this.#report(`mismatched input ${quote(this.token.text)} expecting ${listOf(expected)}`);
    throw new Mismatch(state);
  }

  /** One report for a failure; what goes wrong before the next token that fits follows from it. */
  #report(problem: string, at = this.token): void {
    if (this.#recovering) return;
    this.#recovering = true;
    this.#issues.push({ code: 'Syntax', message: `Syntax error: ${problem}`, offset: at.start });
    if (this.#issues.length === MOST_ISSUES) throw new Stop();
  }

  #attempt(): void {
    if (this.#attempts === MOST_ATTEMPTS) this.stop('Syntax', `Syntax error: error recovery attempt limit exceeded: ${MOST_ATTEMPTS}`);
    this.#attempts += 1;
  }

  #mayFollow(after: Follow, type: string): boolean {
    let follow: Follow | undefined = after;
    for (let index = this.#follows.length - 1; follow; index -= 1) {
      if (follow.types.has(type)) return true;
      follow = follow.open ? this.#follows[index] : undefined;
    }
    return false;
  }

  #recoveryTypes(): Types {
    return new Set(this.#follows.flatMap(({ types }) => [...types]));
  }

  /** As ANTLR has it: characters that are of no token are not there. */
  #textBetween(start: number, end: number): string {
    let text = '';
    let offset = start;
    for (const unknown of this.#input.unknown) {
      if (unknown.offset < start || unknown.offset >= end) continue;
      text += this.#source.slice(offset, unknown.offset);
      offset = unknown.end;
    }
    return text + this.#source.slice(offset, end);
  }
}

function quote(text: string): string {
  return `'${escapeBlanks(text)}'`;
}

function listOf(types: Types): string {
  const names = ORDER.filter((type) => types.has(type)).map((type) => (/^[A-Z<]{2}/.test(type) ? type : `'${type}'`));
  return names.length === 1 ? names.join() : `{${names.join(', ')}}`;
}
