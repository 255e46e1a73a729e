import { Failure, invalidArgument } from '../failure.ts';
import type { Type } from '../types.ts';

/** Digits after the point that may be asked for; cel-go's bound. JavaScript formats no more either. */
export const MOST_DIGITS = 100;

export type ClauseLetter = 's' | 'd' | 'f' | 'e' | 'b' | 'o' | 'x' | 'X';

interface ClauseRule {
  /** Types of value it can be used on. */
  readonly kinds: readonly Type['kind'][];
  readonly refusal: string;
}

const NUMBERS: ClauseRule['kinds'] = ['int', 'uint', 'double'];
const hexadecimal: ClauseRule = {
  kinds: ['int', 'uint', 'string', 'bytes'],
  refusal: 'only ints, uints, bytes, and strings can be formatted as hex',
};

const RULES: Readonly<Record<ClauseLetter, ClauseRule>> = {
  s: {
    kinds: ['list', 'map', ...NUMBERS, 'bool', 'string', 'timestamp', 'bytes', 'duration', 'type', 'null'],
    refusal: 'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps',
  },
  d: { kinds: NUMBERS, refusal: 'decimal clause can only be used on ints, uints, and doubles' },
  f: { kinds: NUMBERS, refusal: 'fixed-point clause can only be used on ints, uints, and doubles' },
  e: { kinds: NUMBERS, refusal: 'scientific clause can only be used on ints, uints, and doubles' },
  b: { kinds: ['bool', 'int', 'uint'], refusal: 'only ints, uints, and bools can be formatted as binary' },
  o: { kinds: ['int', 'uint'], refusal: 'octal clause can only be used on ints and uints' },
  x: hexadecimal,
  X: hexadecimal,
};

/** `.2f`. */
export interface Clause {
  readonly letter: ClauseLetter;
  readonly digits: number | undefined;
  readonly end: number;
}

/** Reads the clause that begins at `start`, after its percent sign. */
export function readClause(template: string, start: number): Clause | Failure {
  if (start === template.length) return invalidArgument('unexpected end of string');
  let end = start;
  let digits: number | undefined;
  if (template[start] === '.') {
    end += 1;
    while (/[0-9]/.test(template.charAt(end))) end += 1;
    if (end === template.length) return badPrecision('could not find end of precision specifier');
    const number = template.slice(start + 1, end);
    if (number === '') return badPrecision('error while converting precision to integer: strconv.Atoi: parsing "": invalid syntax');
    digits = Number(number);
    if (digits > MOST_DIGITS) return badPrecision(`precision ${number} exceeds maximum allowed precision ${MOST_DIGITS}`);
  }
  const letter = String.fromCodePoint(template.codePointAt(end) ?? 0);
  if (!isClauseLetter(letter)) return invalidArgument(`could not parse formatting clause: unrecognized formatting clause "${letter}"`);
  return { letter, digits, end: end + 1 };
}

function isClauseLetter(letter: string): letter is ClauseLetter {
  return Object.hasOwn(RULES, letter);
}

function badPrecision(why: string): Failure {
  return invalidArgument(`could not parse formatting clause: error while parsing precision: ${why}`);
}

export function outOfRange(index: number): Failure {
  return new Failure('IndexOutOfBounds', `index ${index} out of range`);
}

export function canFormat(letter: ClauseLetter, kind: Type['kind']): boolean {
  return RULES[letter].kinds.includes(kind);
}

export function refusal(letter: ClauseLetter, typeName: string): string {
  return `error during formatting: ${RULES[letter].refusal}, was given ${typeName}`;
}
