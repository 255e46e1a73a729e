import type { KubeObject } from '../../../src/resources/object.ts';
import { comparedPart } from './compared-part.ts';
import { type Difference, differences } from './differences.ts';
import { nameRuns } from './stable-names.ts';

/** `path` begins with the run: `TaskRun recipe-time-*-fetch status.results[x].value`. */
export type StatusDifference = Difference;

/** Where the runs of a namespace are not as upstream left them. */
export function compareStatus(got: readonly KubeObject[], expected: readonly KubeObject[]): readonly StatusDifference[] {
  const ours = nameRuns(got);
  const theirs = nameRuns(expected);
  return [...new Set([...theirs.runs.keys(), ...ours.runs.keys()])].flatMap((name) => {
    const [our, their] = [ours.runs.get(name), theirs.runs.get(name)];
    if (our === undefined || their === undefined) return [{ path: name, got: our && 'a run', expected: their && 'a run' }];
    const found = differences(comparedPart(our, ours.stable), comparedPart(their, theirs.stable));
    return found.map((difference) => ({ ...difference, path: `${name} ${difference.path}` }));
  });
}
