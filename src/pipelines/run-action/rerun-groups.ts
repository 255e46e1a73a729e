import type { Stored } from '../../resources/object.ts';
import { RERUN_OF } from '../../resources/run-annotations.ts';
import { generateNameOf } from '../rerun/again.ts';
import { annotation, label } from './selected-runs.ts';

/**
 * Runs of the same thing: made by the same trigger of the same listener under the same name but for its end, of the same pipeline or task.
 * `runs` in order of age; of each group the newest, in order of age. A rerun is newer than what it was made of, within a second too.
 */
export function newestOfEach(runs: readonly Stored[]): readonly Stored[] {
  const superseded = new Set(runs.map((run) => `${run.kind}/${annotation(run, RERUN_OF)}`));
  const newest = new Map<string, Stored>();
  for (const run of runs) {
    if (superseded.has(`${run.kind}/${run.metadata.name}`)) continue;
    const key = groupOf(run);
    // Behind those of groups whose newest is older.
    newest.delete(key);
    newest.set(key, run);
  }
  return [...newest.values()];
}

function groupOf(run: Stored): string {
  const trigger = [label(run, 'triggers.tekton.dev/eventlistener'), label(run, 'triggers.tekton.dev/trigger')];
  return JSON.stringify([run.kind, ...trigger, generateNameOf(run), referenceOf(run)]);
}

function referenceOf(run: Stored): string {
  const spec = (run['spec'] ?? {}) as { readonly pipelineRef?: Reference; readonly taskRef?: Reference };
  return spec.pipelineRef?.name ?? spec.taskRef?.name ?? '';
}

interface Reference {
  readonly name?: string | undefined;
}
