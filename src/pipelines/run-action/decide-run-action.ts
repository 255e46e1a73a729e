import type { KubeObject, Stored } from '../../resources/object.ts';
import type { RunAction, RunOutcome } from '../../resources/run-action/schema.ts';
import { RERUN_OF, RUN_ACTION } from '../../resources/run-annotations.ts';
import { hasFailed, isDone } from '../children.ts';
import { rerunOf } from './rerun.ts';
import { newestOfEach } from './rerun-groups.ts';
import { annotation, kindOf, label, selectedRuns } from './selected-runs.ts';

export type RunActionStep =
  | { readonly type: 'report'; readonly outcome: RunOutcome }
  /** `cancelRun` says what is written into it. */
  | { readonly type: 'cancel'; readonly run: Stored }
  | { readonly type: 'create'; readonly run: KubeObject; readonly outcome: RunOutcome };

/**
 * What a RunAction has to do, or has done already: deciding again after a crash gives the same steps, however far they went. `runs` are those
 * that bear its labels, `made` those that it made itself.
 */
export function decideRunAction(action: Stored<RunAction>, runs: readonly Stored[], made: readonly Stored[]): readonly RunActionStep[] {
  const selected = selectedRuns(action, runs);
  if (action.spec.action !== 'Rerun') return selected.map((run) => ({ type: 'cancel', run }));
  // What was made stands for its group, also when the run it was made of is gone: an older one is not taken for the newest.
  return newestOfEach([...selected, ...made]).map((run) => rerunStep(run, action));
}

function rerunStep(run: Stored, action: Stored<RunAction>): RunActionStep {
  const kind = kindOf(run);
  const { name } = run.metadata;
  if (label(run, RUN_ACTION) === action.metadata.uid) {
    return { type: 'report', outcome: { kind, name: annotation(run, RERUN_OF), outcome: 'Rerun', rerun: name } };
  }
  if (!isDone(run)) return { type: 'report', outcome: { kind, name, outcome: 'StillRunning' } };
  if (action.spec.only !== 'All' && !hasFailed(run)) {
    return { type: 'report', outcome: { kind, name, outcome: 'AlreadyDone', message: 'it has succeeded' } };
  }
  const next = rerunOf(run, action);
  return { type: 'create', run: next, outcome: { kind, name, outcome: 'Rerun', rerun: next.metadata.name } };
}
