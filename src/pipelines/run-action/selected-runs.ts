import type { KubeObject, Stored } from '../../resources/object.ts';
import { owningRun } from '../../resources/owning-run.ts';
import type { RunOutcome } from '../../resources/run-action/schema.ts';

/** What triggers stamp on all that an event creates. */
export const EVENT_ID = 'triggers.tekton.dev/triggers-eventid';

/**
 * The runs a RunAction is about, of those that bear its labels, in the order in which they were made. Not children of other runs (labels are
 * inherited): they follow their run. Not what came after it, however late it is done: a `/cancel` is not for the `/test` that follows. And
 * nothing of its own event: a template may end the runs of old commits and begin one of the new.
 */
export function selectedRuns(action: Stored, runs: readonly Stored[]): readonly Stored[] {
  const event = label(action, EVENT_ID);
  const concerned = runs.filter((run) => {
    const { deletionTimestamp, creationTimestamp, labels, namespace } = run.metadata;
    return (
      owningRun(run) === undefined &&
      deletionTimestamp === undefined &&
      namespace === action.metadata.namespace &&
      creationTimestamp <= action.metadata.creationTimestamp &&
      (event === '' || labels?.[EVENT_ID] !== event)
    );
  });
  return concerned.sort(byAge);
}

export function kindOf(run: KubeObject): RunOutcome['kind'] {
  return run.kind === 'TaskRun' ? 'TaskRun' : 'PipelineRun';
}

export function label({ metadata }: KubeObject, key: string): string {
  const { labels } = metadata;
  return labels !== undefined && Object.hasOwn(labels, key) ? (labels[key] ?? '') : '';
}

export function annotation({ metadata }: KubeObject, key: string): string {
  const { annotations } = metadata;
  return annotations !== undefined && Object.hasOwn(annotations, key) ? (annotations[key] ?? '') : '';
}

/** Oldest first; times have whole seconds, so that names decide the rest. */
function byAge({ metadata: a }: Stored, { metadata: b }: Stored): number {
  if (a.creationTimestamp !== b.creationTimestamp) return a.creationTimestamp < b.creationTimestamp ? -1 : 1;
  return a.name < b.name ? -1 : 1;
}
