import type { Follow, Types } from './token-cursor.ts';

export interface BinaryOperator {
  readonly name: string;
  readonly precedence: number;
}

/** The lowest precedence of an operator between two operands; `&&`, `||` and `?:` bind weaker. */
export const RELATION = 1;

export const BINARY: ReadonlyMap<string, BinaryOperator> = new Map([
  ...['==', '!=', '<', '<=', '>', '>='].map((text) => [text, { name: `_${text}_`, precedence: RELATION }] as const),
  ['in', { name: '@in', precedence: RELATION }],
  ['+', { name: '_+_', precedence: 2 }],
  ['-', { name: '_-_', precedence: 2 }],
  ['*', { name: '_*_', precedence: 3 }],
  ['/', { name: '_/_', precedence: 3 }],
  ['%', { name: '_%_', precedence: 3 }],
]);

/** Words that can be no variable. */
export const RESERVED: ReadonlySet<string> = new Set(
  'as break const continue else for function if import let loop package namespace return var void while'.split(' '),
);

const types = (text: string): Types => new Set(text.split(' '));
const closed = (text: string): Follow => ({ types: types(text), open: false });
const open = (text: string): Follow => ({ types: types(text), open: true });

const OPERAND = '[ { ( . - true false null NUM_FLOAT NUM_INT NUM_UINT STRING BYTES IDENTIFIER';
const EXPRESSION = `! ${OPERAND}`;

/** What the rules of the grammar can begin with. */
export const BEGINS = {
  operand: types(OPERAND),
  expression: types(EXPRESSION),
  /** Of a list or a map, and what is between `[` and `]` after an operand. */
  element: types(`? ${EXPRESSION}`),
  arguments: types(`) ${EXPRESSION}`),
  memberArguments: types(`) ${EXPRESSION}`),
  name: types('IDENTIFIER ESC_IDENTIFIER'),
  field: types('? IDENTIFIER ESC_IDENTIFIER'),
};

/** A minus before one of these belongs to the literal, so that the smallest int can be written. */
export const SIGNED = types('NUM_INT NUM_FLOAT');

const end = (): Follow => ({ types: new Set<string>(), open: true });

/** What follows a token that must come. Each place in the grammar has its own, by which it is known. */
export const AFTER_TOKEN = {
  source: { types: new Set<string>(), open: false },
  conditionalColon: closed(EXPRESSION),
  index: open('. ['),
  memberCall: open('. ['),
  call: end(),
  parenthesis: end(),
} as const satisfies Record<string, Follow>;

/** What follows a rule in the one around it. */
export const AFTER = {
  source: closed('<EOF>'),
  nothing: { types: new Set<string>(), open: false },
  end: end(),
  operators: open('|| && == != < <= > >= in + - * / %'),
  member: open('. ['),
  condition: open('?'),
  /** The middle part of `? :`, and a key. */
  beforeColon: closed(':'),
  element: open(','),
  parenthesis: closed(')'),
  index: closed(']'),
} as const satisfies Record<string, Follow>;

/** Something between brackets, with a comma allowed after its last element. */
export interface Enclosed {
  readonly close: string;
  readonly begins: Types;
  readonly element: Types;
  readonly ends: Types;
  readonly after: Follow;
  /** After the colon of the first entry, and of those that follow. */
  readonly afterColon: Follow;
  readonly afterNextColon: Follow;
  readonly afterClose: Follow;
}

function enclosed(close: string, element: Types): Enclosed {
  return {
    close,
    element,
    begins: new Set([...element, ',', close]),
    ends: new Set([',', close]),
    after: closed(`, ${close}`),
    afterColon: closed(EXPRESSION),
    afterNextColon: closed(EXPRESSION),
    afterClose: end(),
  };
}

export const LIST = enclosed(']', BEGINS.element);
export const MAP = enclosed('}', BEGINS.element);
export const MESSAGE = enclosed('}', BEGINS.field);
