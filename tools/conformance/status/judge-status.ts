import { readFile } from 'node:fs/promises';
import type { KubeObject } from '../../../src/resources/object.ts';
import { compareStatus, type StatusDifference } from './compare-status.ts';
import type { DeliberateDifferences } from './deliberate-differences.ts';

export interface StatusVerdict {
  /** What is wrong. */
  readonly differences: readonly StatusDifference[];
  /** How many more are meant. */
  readonly deliberate: number;
}

/** Compares the runs of a case with the `NAME.status.json` beside it; `undefined` when upstream left none. */
export async function judgeStatus(
  path: string,
  file: string,
  runs: readonly KubeObject[],
  table: DeliberateDifferences,
): Promise<StatusVerdict | undefined> {
  const recorded = await readRecorded(path.replace(/\.ya?ml$/, '.status.json'));
  if (recorded === undefined) return undefined;
  const all = compareStatus(runs, recorded);
  const differences = all.filter((difference) => !table.covers(file, difference));
  return { differences, deliberate: all.length - differences.length };
}

async function readRecorded(path: string): Promise<readonly KubeObject[] | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const objects: unknown = JSON.parse(text);
  if (!Array.isArray(objects)) throw new Error(`${path}: got ${typeof objects}, expected a list of runs`);
  return objects;
}
