import type { Stored } from '../../resources/object.ts';
import type { RunAction, RunOutcome } from '../../resources/run-action/schema.ts';
import { RUN_ACTION } from '../../resources/run-annotations.ts';
import { isDone } from '../children.ts';
import { annotation, kindOf } from './selected-runs.ts';

export interface CancelDecision {
  readonly outcome: RunOutcome;
  /** Absent: nothing is to be written. */
  readonly patch?: Readonly<Record<string, unknown>> | undefined;
}

/** Words of a PipelineRun's `spec.status`, the gentlest first; a run that is told the harder one is not told a gentler one. */
const words = ['StoppedRunFinally', 'CancelledRunFinally', 'Cancelled', 'TaskRunCancelled'];

/**
 * What is written into one run. The patch is tied to the version it was decided from, and says whose it is: done again after a crash, the
 * outcome is the same.
 */
export function cancelRun(action: Stored<RunAction>, run: Stored): CancelDecision {
  const { uid, name, resourceVersion } = run.metadata;
  const kind = kindOf(run);
  const cancelled: RunOutcome = { kind, name, outcome: 'Cancelled' };
  if (annotation(run, RUN_ACTION) === action.metadata.uid) return { outcome: cancelled };
  if (isDone(run)) return { outcome: { kind, name, outcome: 'AlreadyDone' } };

  const told = statusOf(run);
  const word = wordFor(action, kind);
  if (words.indexOf(told) >= words.indexOf(word)) return { outcome: { ...cancelled, message: `it was ${told} before` } };
  const statusMessage = kind === 'TaskRun' ? { statusMessage: cancelMessage(action) } : {};
  const metadata = { uid, resourceVersion, annotations: { [RUN_ACTION]: action.metadata.uid } };
  return { outcome: cancelled, patch: { metadata, spec: { status: word, ...statusMessage } } };
}

/** For people. */
export function cancelMessage({ metadata, spec }: Stored<RunAction>): string {
  return `cancelled by RunAction ${metadata.name}${spec.reason === undefined ? '' : `: ${spec.reason}`}`;
}

function wordFor({ spec: { action } }: RunAction, kind: 'PipelineRun' | 'TaskRun'): string {
  if (kind === 'TaskRun') return 'TaskRunCancelled';
  switch (action) {
    case 'StoppedRunFinally':
      return 'StoppedRunFinally';
    case 'CancelRunFinally':
      return 'CancelledRunFinally';
    default:
      return 'Cancelled';
  }
}

function statusOf(run: Stored): string {
  const spec = run['spec'];
  const status = typeof spec === 'object' && spec !== null && 'status' in spec ? spec.status : undefined;
  return typeof status === 'string' ? status : '';
}
