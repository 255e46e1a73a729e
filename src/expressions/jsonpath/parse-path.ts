import type { FilterNode, PathNode, SliceNode } from './path-node.ts';
import { unquote } from './unquote.ts';

export type ParsedPath =
  | { readonly ok: true; readonly nodes: readonly PathNode[] }
  /** `start` and `end`: the step that is wrong, in UTF-16 units of the text. */
  | { readonly ok: false; readonly error: string; readonly start: number; readonly end: number };

/**
 * The inside of one `{…}` of Kubernetes' JSONPath dialect, errors in client-go's words (reference/triggers.md 4.4).
 * There is no way to nest without end: an array's text ends at the first `]`, a filter's at the first `)`, so recursion here is bounded by
 * the grammar. Neither `{` nor `}` may be in `text`.
 */
export function parsePath(text: string): ParsedPath {
  const parser = new PathParser(text);
  try {
    return { ok: true, nodes: parser.parse() };
  } catch (error) {
    if (error instanceof PathSyntaxError) return { ok: false, error: error.message, ...parser.step(text.length) };
    throw error;
  }
}

class PathSyntaxError extends Error {}

const letterOrDigit = /[\p{L}\p{Nd}_]/u;
const fieldEnds = new Set([' ', '\t', '\r', '\n', '.', ',', '[', ']', '$', '@', '{', '}']);

/** A cursor over the text, which is closed by a `}` of our own as upstream's is by the author's. */
class PathParser {
  private readonly input: string;
  private position = 0;
  private stepStart = 0;
  private readonly nodes: PathNode[] = [];

  constructor(text: string) {
    this.input = `${text}}`;
  }

  parse(): readonly PathNode[] {
    while (!this.at('}')) {
      this.stepStart = this.position;
      this.parseStep();
    }
    return this.nodes;
  }

  /** The step in hand, as far as it was read. */
  step(length: number): { readonly start: number; readonly end: number } {
    const start = Math.min(this.stepStart, length);
    return { start, end: Math.max(start, Math.min(this.position, length)) };
  }

  private parseStep(): void {
    if (this.at('[?(')) {
      this.nodes.push(this.filter());
      return;
    }
    if (this.at('..')) {
      this.recursive();
      return;
    }
    const character = this.take();
    switch (character) {
      case '':
      case '\r':
      case '\n':
        throw new PathSyntaxError('unclosed action');
      case ' ':
      case '@':
      case '$':
        return;
      case '[':
        this.array();
        return;
      case '"':
      case "'":
        this.nodes.push(this.quoted(character));
        return;
      case '.':
        this.nodes.push(this.field());
        return;
    }
    if (/[+\-\p{Nd}]/u.test(character)) this.nodes.push(this.number(character));
    else if (letterOrDigit.test(character)) this.nodes.push(this.word(character));
    else throw new PathSyntaxError(`unrecognized character in action: ${describeCharacter(character)}`);
  }

  private field(): PathNode {
    const from = this.position;
    for (;;) {
      const character = this.peek();
      if (character === '\\') {
        this.take();
        this.take();
      } else if (character === '' || fieldEnds.has(character)) {
        break;
      } else {
        this.take();
      }
    }
    const name = this.input.slice(from, this.position);
    return name === '*' ? { type: 'wildcard' } : { type: 'field', name: name.replaceAll('\\', '') };
  }

  private recursive(): void {
    if (this.nodes.at(-1)?.type === 'recursive') throw new PathSyntaxError('invalid multiple recursive descent');
    this.position += 2;
    this.nodes.push({ type: 'recursive' });
    if (letterOrDigit.test(this.peek())) this.nodes.push(this.field());
  }

  private number(first: string): PathNode {
    let text = first;
    while (/[.\p{Nd}]/u.test(this.peek())) text += this.take();
    if (/^[+-]?[0-9]+$/.test(text)) {
      const integer = BigInt(text.replace('+', ''));
      return { type: 'literal', value: BigInt.asIntN(64, integer) === integer ? integer : Number(text) };
    }
    if (/^[+-]?(?:[0-9]+\.[0-9]*|\.[0-9]+)$/.test(text)) return { type: 'literal', value: Number(text) };
    throw new PathSyntaxError(`cannot parse number ${text}`);
  }

  private word(first: string): PathNode {
    let text = first;
    while (this.peek() !== '' && !fieldEnds.has(this.peek())) text += this.take();
    if (text === 'true' || text === 'false') return { type: 'literal', value: text === 'true' };
    return { type: 'identifier', name: text };
  }

  private quoted(quote: string): PathNode {
    const from = this.position - 1;
    for (;;) {
      const character = this.take();
      if (character === '' || character === '\n') throw new PathSyntaxError('unterminated quoted string');
      if (character === quote && this.input[this.position - 2] !== '\\') break;
    }
    const source = this.input.slice(from, this.position);
    const text = unquote(source);
    if (text === undefined) throw new PathSyntaxError(`unquote string ${source} error invalid syntax`);
    return { type: 'text', text };
  }

  private array(): void {
    const from = this.position;
    for (;;) {
      const character = this.take();
      if (character === '' || character === '\n') throw new PathSyntaxError('unterminated array');
      if (character === ']') break;
    }
    const text = this.input.slice(from, this.position - 1);
    const parts = text.split(',');
    if (parts.length > 1) {
      this.nodes.push({ type: 'union', paths: parts.map((part) => inner(`[${withoutSpaces(part)}]`)) });
      return;
    }
    const key = /^'([^']*)'$/.exec(text);
    // A quoted key is parsed as a path once more: `['a.b']` means `.a.b`.
    if (key === null) this.nodes.push(slice(text === '*' ? ':' : text));
    else this.nodes.push(...inner(`.${key[1]}`));
  }

  private filter(): FilterNode {
    this.position += 3;
    const from = this.position;
    let quote: string | undefined;
    let closed = false;
    for (;;) {
      const character = this.take();
      if (character === '' || character === '\n') throw new PathSyntaxError('unterminated filter');
      if (character === '"' || character === "'") {
        if (quote === undefined) quote = character;
        else if (character === quote && this.input[this.position - 2] !== '\\') closed = true;
      } else if (character === ')' && (quote === undefined || closed)) {
        break;
      }
    }
    const text = this.input.slice(from, this.position - 1);
    if (this.take() !== ']') throw new PathSyntaxError('unclosed array expect ]');
    const comparison = /^([^!<>=]+)([!<>=]+)([^\n]+)$/.exec(text);
    if (comparison === null) return { type: 'filter', left: inner(text), right: [] };
    const [, left = '', operator, right = ''] = comparison;
    return { type: 'filter', left: inner(left), operator, right: inner(right) };
  }

  private at(prefix: string): boolean {
    return this.input.startsWith(prefix, this.position);
  }

  /** The next character (a whole code point), `''` at the end. */
  private peek(): string {
    const code = this.input.codePointAt(this.position);
    return code === undefined ? '' : String.fromCodePoint(code);
  }

  private take(): string {
    const character = this.peek();
    this.position += character.length;
    return character;
  }
}

function inner(text: string): readonly PathNode[] {
  return new PathParser(text).parse();
}

/** Not a pattern: ` +$` takes quadratic time on spaces that are not at the end. */
function withoutSpaces(text: string): string {
  let [start, end] = [0, text.length];
  while (text[start] === ' ') start += 1;
  while (end > start && text[end - 1] === ' ') end -= 1;
  return text.slice(start, end);
}

function slice(text: string): SliceNode {
  const match = /^(-?[0-9]*)(:-?[0-9]*)?(:-?[0-9]*)?$/.exec(text);
  if (match === null) throw new PathSyntaxError(`invalid array index ${text}`);
  const start = bound(match[1] ?? '');
  const step = bound((match[3] ?? '').slice(1));
  if (match[2] === undefined || match[2] === '') return { type: 'slice', start, end: (start ?? 0) + 1, single: true, step };
  return { type: 'slice', start, end: bound(match[2].slice(1)), single: false, step };
}

function bound(text: string): number | undefined {
  if (text === '') return undefined;
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new PathSyntaxError(`array index ${text} is not a number`);
}

/** Go's `%#U`: `U+002A '*'`. */
function describeCharacter(character: string): string {
  const code = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  return /[\p{C}\p{Z}]/u.test(character) && character !== ' ' ? code : `${code} '${character}'`;
}
