import { cancelMessage, cancelRun } from '../pipelines/run-action/cancel-run.ts';
import type { RunActionStep } from '../pipelines/run-action/decide-run-action.ts';
import { kindOf, label } from '../pipelines/run-action/selected-runs.ts';
import { type Store, StoreError } from '../ports/store.ts';
import { groupKindOf, type KubeObject, type Stored } from '../resources/object.ts';
import type { RunAction, RunOutcome } from '../resources/run-action/schema.ts';
import { RUN_ACTION } from '../resources/run-annotations.ts';
import type { EventRecorder } from './event-recorder.ts';

/** A run that moves on while it is cancelled is looked at again so often before the whole action is. */
const ATTEMPTS = 5;

/**
 * Takes one step of a RunAction. What the store refuses is that run's outcome, for it would refuse it later too; rejects when the step is worth
 * another try.
 */
export async function takeStep(store: Store, events: EventRecorder, action: Stored<RunAction>, step: RunActionStep): Promise<RunOutcome> {
  if (step.type === 'report') return step.outcome;
  try {
    if (step.type === 'cancel') return await cancel(store, events, action, step.run);
    await create(store, action, step.run);
    return step.outcome;
  } catch (error) {
    if (!(error instanceof StoreError) || (error.code !== 'Invalid' && error.code !== 'AlreadyExists')) throw error;
    const { kind, name } = step.type === 'create' ? step.outcome : { kind: kindOf(step.run), name: step.run.metadata.name };
    return { kind, name, outcome: 'Failed', message: error.message };
  }
}

async function cancel(store: Store, events: EventRecorder, action: Stored<RunAction>, run: Stored): Promise<RunOutcome> {
  const { namespace, name, uid } = run.metadata;
  const key = { kind: groupKindOf(run), namespace, name };
  let current: Stored | undefined = run;
  for (let attempt = 1; current?.metadata.uid === uid; attempt++) {
    const { outcome, patch } = cancelRun(action, current);
    if (patch === undefined) return outcome;
    try {
      await store.patch(key, patch);
      await events.transition(run, { type: 'Normal', reason: 'CancelRequested', message: cancelMessage(action) });
      return outcome;
    } catch (error) {
      const changed = error instanceof StoreError && (error.code === 'Conflict' || error.code === 'NotFound');
      if (!changed || attempt >= ATTEMPTS) throw error;
      current = await store.get(key);
    }
  }
  return { kind: kindOf(run), name, outcome: 'AlreadyDone', message: 'it was deleted meanwhile' };
}

/** One that is there already is ours, or an error: its outcome would be taken for ours. */
async function create(store: Store, action: Stored<RunAction>, run: KubeObject): Promise<void> {
  const { namespace, name = '' } = run.metadata;
  try {
    await store.create(run);
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'AlreadyExists') throw error;
    const there = await store.get({ kind: groupKindOf(run), namespace, name });
    if (there === undefined || label(there, RUN_ACTION) !== action.metadata.uid) throw error;
  }
}
