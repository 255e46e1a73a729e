import type { Type } from './types.ts';

const SIMPLE: ReadonlySet<string> = new Set(['dyn', 'bool', 'int', 'uint', 'double', 'string', 'bytes', 'null', 'timestamp', 'duration']);

/**
 * Reads the notation in which functions and variables are declared: `int`, `list(A)`, `map(string, dyn)`, `type(A)`, `wrapper(int)`;
 * a single capital letter is a type variable. Throws on anything else: declarations are ours, not a user's.
 */
export function readType(text: string): Type {
  const reader = { text, offset: 0 };
  const type = readOne(reader);
  if (reader.offset !== text.length) throw new Error(`type '${text}': expected its end at offset ${reader.offset}`);
  return type;
}

interface Reader {
  readonly text: string;
  offset: number;
}

function readOne(reader: Reader): Type {
  const name = /^ *([A-Za-z]+)/.exec(reader.text.slice(reader.offset));
  const word = name?.[1] ?? '';
  reader.offset += name?.[0].length ?? 0;
  if (/^[A-Z]$/.test(word)) return { kind: 'variable', name: word };
  if (SIMPLE.has(word)) return { kind: word } as Type;
  const [first, second] = readParameters(reader);
  if (first && word === 'list') return { kind: 'list', element: first };
  if (first && word === 'type') return { kind: 'type', of: first };
  if (first && word === 'wrapper') return { kind: 'wrapper', of: first };
  if (first && second && word === 'map') return { kind: 'map', key: first, value: second };
  throw new Error(`type '${reader.text}': expected a type, got '${word}'`);
}

function readParameters(reader: Reader): readonly Type[] {
  const parameters: Type[] = [];
  if (reader.text[reader.offset] !== '(') return parameters;
  do {
    reader.offset += 1;
    parameters.push(readOne(reader));
  } while (reader.text[reader.offset] === ',');
  if (reader.text[reader.offset] !== ')') throw new Error(`type '${reader.text}': expected ')' at offset ${reader.offset}`);
  reader.offset += 1;
  return parameters;
}
