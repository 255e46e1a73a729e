import type { Stored } from '../resources/object.ts';
import { runOutcome } from '../resources/run-outcome.ts';

/** Whether a run has ended: its `Succeeded` condition is known, one way or the other. */
export function isDone(object: Stored): boolean {
  return runOutcome(object) !== 'running';
}
