export interface JsonError {
  /** Go's words, as upstream answers them. */
  readonly message: string;
  /** Bytes from 0. */
  readonly offset: number;
}

/**
 * Says what is wrong with text that is not JSON, in the words of Go's `encoding/json` scanner (upstream's answer contains them, and its
 * users look for them). `undefined` when nothing is wrong. Recursive: the caller has capped the depth with `scanJson`.
 */
export function describeJsonError(bytes: Uint8Array): JsonError | undefined {
  const reader = new GoScanner(bytes);
  try {
    reader.document();
    return undefined;
  } catch (error) {
    if (error instanceof Unreadable) return { message: error.message, offset: error.offset };
    throw error;
  }
}

class Unreadable extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

class GoScanner {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  document(): void {
    this.#value();
    this.#space();
    if (this.#at < this.#bytes.length) this.#fail('after top-level value');
  }

  /** `''` at the end. A byte above ASCII is shown as Go shows it: as the character of that number. */
  #char(): string {
    const byte = this.#bytes[this.#at];
    return byte === undefined ? '' : String.fromCharCode(byte);
  }

  #fail(context: string): never {
    const char = this.#char();
    if (char === '') throw new Unreadable('unexpected end of JSON input', this.#at);
    throw new Unreadable(`invalid character ${quoteChar(char)} ${context}`, this.#at);
  }

  #space(): void {
    while (' \t\r\n'.includes(this.#char() || 'x')) this.#at++;
  }

  #value(): void {
    this.#space();
    const char = this.#char();
    if (char === '{') this.#object();
    else if (char === '[') this.#array();
    else if (char === '"') this.#string();
    else if (char === 't') this.#literal('true');
    else if (char === 'f') this.#literal('false');
    else if (char === 'n') this.#literal('null');
    else if (char === '-' || isDigit(char)) this.#number();
    else this.#fail('looking for beginning of value');
  }

  #object(): void {
    this.#at++;
    this.#space();
    if (this.#char() === '}') {
      this.#at++;
      return;
    }
    for (;;) {
      this.#space();
      if (this.#char() !== '"') this.#fail('looking for beginning of object key string');
      this.#string();
      this.#space();
      if (this.#char() !== ':') this.#fail('after object key');
      this.#at++;
      this.#value();
      this.#space();
      if (this.#char() === '}') break;
      if (this.#char() !== ',') this.#fail('after object key:value pair');
      this.#at++;
    }
    this.#at++;
  }

  #array(): void {
    this.#at++;
    this.#space();
    if (this.#char() === ']') {
      this.#at++;
      return;
    }
    for (;;) {
      this.#value();
      this.#space();
      if (this.#char() === ']') break;
      if (this.#char() !== ',') this.#fail('after array element');
      this.#at++;
    }
    this.#at++;
  }

  #string(): void {
    for (this.#at++; this.#char() !== '"'; this.#at++) {
      if (this.#char() === '' || this.#char() < ' ') this.#fail('in string literal');
      if (this.#char() !== '\\') continue;
      this.#at++;
      if (this.#char() === 'u') {
        for (let digit = 0; digit < 4; digit++) {
          this.#at++;
          if (!/^[0-9a-fA-F]$/.test(this.#char())) this.#fail('in \\u hexadecimal character escape');
        }
      } else if (this.#char() === '' || !'bfnrt\\/"'.includes(this.#char())) this.#fail('in string escape code');
    }
    this.#at++;
  }

  #literal(word: string): void {
    for (const [index, expected] of [...word].entries()) {
      if (this.#char() !== expected) this.#fail(`in literal ${word} (expecting ${quoteChar(word[index] ?? '')})`);
      this.#at++;
    }
  }

  #number(): void {
    if (this.#char() === '-') this.#at++;
    if (this.#char() === '0') this.#at++;
    else this.#digits('in numeric literal');
    if (this.#char() === '.') {
      this.#at++;
      this.#digits('after decimal point in numeric literal');
    }
    if (this.#char() === 'e' || this.#char() === 'E') {
      this.#at++;
      if (this.#char() === '+' || this.#char() === '-') this.#at++;
      this.#digits('in exponent of numeric literal');
    }
  }

  #digits(context: string): void {
    if (!isDigit(this.#char())) this.#fail(context);
    while (isDigit(this.#char())) this.#at++;
  }
}

function isDigit(char: string): boolean {
  return char >= '0' && char <= '9' && char.length === 1;
}

function quoteChar(char: string): string {
  if (char === "'") return "'\\''";
  if (char === '"') return `'"'`;
  return `'${JSON.stringify(char)
    .slice(1, -1)
    .replace(/^\\u00([0-9a-f]{2})$/, '\\x$1')
    .replace('\u007f', '\\x7f')}'`;
}
