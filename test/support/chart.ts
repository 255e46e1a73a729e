import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Document, parseAllDocuments } from 'yaml';
import { manifests } from '../../src/cli/manifests.ts';

export const CHART = join(import.meta.dirname, '..', '..', 'charts', 'tappet');

/** Values files of the chart; `defaults` is none. */
export const valuesFiles: readonly (readonly [name: string, file: string | undefined])[] = [
  ['defaults', undefined],
  ...readdirSync(join(CHART, 'ci')).map((file): [string, string] => [file, join(CHART, 'ci', file)]),
];

// biome-ignore lint/suspicious/noExplicitAny: objects of many kinds, looked into by tests
export type Manifest = any;

export async function renderedObjects(file: string | undefined, set: readonly string[] = []): Promise<readonly Manifest[]> {
  const text = await manifests({ values: file === undefined ? [] : [file], set, name: 'tappet', namespace: 'ci' });
  return parseAllDocuments(text).map((document: Document) => document.toJS());
}
