import { readFile, writeFile } from 'node:fs/promises';
import { type Document, isMap, isNode, isScalar, type Pair, parseAllDocuments, stringify, type YAMLMap } from 'yaml';
import { cannotRead } from '../read-manifests.ts';
import type { Update } from './check-test.ts';

interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** Puts into the tests of a file what came, in place of what was expected. All else stays as it is written, to the letter. */
export async function updateFile(file: string, updates: ReadonlyMap<string, readonly Update[]>): Promise<void> {
  const text = await readFile(file, 'utf8').catch(cannotRead(file));
  await writeFile(file, updatedText(text, updates));
}

export function updatedText(text: string, updates: ReadonlyMap<string, readonly Update[]>): string {
  const splices = parseAllDocuments(text).flatMap((document) => {
    const name = document.getIn(['metadata', 'name']);
    const own = (typeof name === 'string' ? updates.get(name) : undefined) ?? [];
    return own.flatMap((update) => spliceOf(text, document, update) ?? []);
  });
  // From the end, so that what is before stays where it is.
  return splices
    .sort((a, b) => b.from - a.from)
    .reduce((changed, { from, to, text: put }) => changed.slice(0, from) + put + changed.slice(to), text);
}

function spliceOf(text: string, document: Document.Parsed, { trigger, field, value }: Update): Splice | undefined {
  const expectation = document.getIn(['spec', 'expect', 'triggers', trigger], true);
  const pair = isMap(expectation) ? pairOf(expectation, field) : undefined;
  if (pair === undefined || !isNode(pair.key) || !isNode(pair.value)) return undefined;
  const [start, keyEnd] = pair.key.range ?? [];
  const end = pair.value.range?.[1];
  if (start === undefined || keyEnd === undefined || end === undefined) return undefined;
  const from = text.indexOf(':', keyEnd) + 1;
  if (isMap(expectation) && expectation.flow === true) return { from, to: end, text: ` ${JSON.stringify(value)}` };
  const indent = ' '.repeat(start - text.lastIndexOf('\n', start - 1) - 1 + 2);
  const lines = stringify(value, { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd().split('\n');
  const put = lines.map((line) => `\n${line === '' ? '' : indent}${line}`).join('');
  // The range of a block may end before or behind its last line's end.
  return { from, to: end, text: text[end - 1] === '\n' ? `${put}\n` : put };
}

function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && pair.key.value === key);
}
