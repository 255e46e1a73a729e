import { readFile } from 'node:fs/promises';
import type { KubeObject } from '../../../src/resources/object.ts';
import type { Outcome } from '../run-pipeline-case.ts';
import { compareStatus, type StatusDifference } from './compare-status.ts';
import type { DeliberateDifferences } from './deliberate-differences.ts';

export interface Verdict {
  /** What is wrong. */
  readonly differences: readonly StatusDifference[];
  /** How many more are meant. */
  readonly deliberate: number;
  /** Whether upstream left a status to compare with. */
  readonly recorded: boolean;
}

/** How a case ended, and how each of its runs is, beside what upstream left (`NAME.status.json` beside the file, where there is one). */
export async function judgeCase(outcome: Outcome, table: DeliberateDifferences): Promise<Verdict> {
  const { path, file, passed, detail, expected, runs } = outcome;
  const recorded = await readRecorded(path.replace(/\.ya?ml$/, '.status.json'));
  const ending = passed ? [] : [{ path: 'outcome', got: detail, expected }];
  const all = [...ending, ...(recorded === undefined ? [] : compareStatus(runs, recorded))];
  const differences = all.filter((difference) => !table.covers(file, difference));
  return { differences, deliberate: all.length - differences.length, recorded: recorded !== undefined };
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
