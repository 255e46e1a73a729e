import { countCombinations } from '../resources/pipeline/count-combinations.ts';
import type { TaskState } from './children.ts';
import type { Layout } from './plan.ts';
import { resolveReferences, type StateOf } from './results.ts';
import type { RunSituation } from './skip.ts';
import { replaceInTaskFields } from './substitute.ts';

/**
 * Places of matrices that were begun and lack children, because their creation was cut short or not all of it was seen yet. They go on until
 * all are there, and the missing ones are created again under their names. Not once nothing may start: then what is there is all there is.
 * Upstream takes what it sees for the whole.
 */
export function fanOutGaps(plan: Layout, states: readonly TaskState[], situation: RunSituation): readonly number[] {
  return plan.matrixed.filter((place) => {
    const state = states[place];
    if (state === undefined || state.runs.length === 0 || state.kept === true || !mayStart(state.planned.isFinal, situation)) return false;
    const { task, references } = state.planned;
    const stateOf: StateOf = (name) => states[plan.places.get(name) ?? -1];
    const resolution = resolveReferences(references, stateOf);
    const resolved = resolution.ok ? replaceInTaskFields(task, resolution.replacements) : task;
    return state.runs.length < countCombinations(resolved.matrix ?? {});
  });
}

function mayStart(isFinal: boolean, { stopping, specStatus, pipelineTimedOut, tasksTimedOut, finallyTimedOut }: RunSituation): boolean {
  if (pipelineTimedOut) return false;
  return isFinal
    ? !finallyTimedOut
    : !stopping && !tasksTimedOut && specStatus !== 'CancelledRunFinally' && specStatus !== 'StoppedRunFinally';
}
