import type { KubeObject } from '../../resources/object.ts';
import type { PipelineRun } from '../../resources/pipeline-run/schema.ts';
import { celGuards } from '../cel.ts';
import { outcomeCode, taskState } from '../children.ts';
import type { Graph } from '../graph.ts';
import { layOut, withoutDefinition } from '../plan.ts';
import { schedule } from '../schedule.ts';
import { skipReasons } from '../skip.ts';
import type { KeptTask } from './kept-tasks.ts';
import { taskRecords } from './reused-references.ts';

/**
 * How a task of a run that has ended stands. `skipped`: it would be again, for nothing that it looks at has changed. `unreached`: it did not run
 * because of what became of others, or of the run as a whole. `owing`: one of these wants a result that it did not give. `running`: it does not
 * heed that its run has ended, a custom task perhaps. `gone`: it ran, and nothing is left to tell how.
 */
export type Standing = 'succeeded' | 'failed' | 'running' | 'ignored' | 'owing' | 'skipped' | 'unreached' | 'gone';

/**
 * The standings of `tasks`, then of `finally`. What the run's own status says of skips is not asked: a failure turns every reason into "was
 * stopping". Instead they are worked out once more as if nothing had failed.
 */
export function standings(run: PipelineRun, graph: Graph, children: readonly KubeObject[]): readonly Standing[] {
  const { tasks = [], finally: finals = [] } = run.status?.pipelineSpec ?? {};
  const planned = [...tasks.map((task) => withoutDefinition(task, false)), ...finals.map((task) => withoutDefinition(task, true))];
  const records = taskRecords(run, undefined);
  const objects = new Map(children.map((child) => [`${child.kind}/${child.metadata.name}`, child]));
  const gone = new Set<number>();
  const states = planned.map((task, place) => {
    const references = records.get(task.name)?.children ?? [];
    const runs = references.flatMap(({ kind, name }) => objects.get(`${kind}/${name}`) ?? []);
    if (runs.length < references.length) gone.add(place);
    return { ...taskState(task, runs), kept: true };
  });
  const kept = new Map<number, KeptTask>();
  for (const [place, state] of states.entries()) if (state.outcome !== 'none') kept.set(place, { type: 'ran', state, references: [] });

  const layout = layOut(planned, graph, kept);
  const { skipped, resolution } = schedule({
    plan: layout,
    states,
    codes: Uint8Array.from(states, ({ outcome }) => outcomeCode[outcome]),
    situation: { specStatus: undefined, pipelineTimedOut: false, tasksTimedOut: false, finallyTimedOut: false },
    cel: celGuards().allows,
  });
  const isUnreached = (place: number): boolean =>
    states[place]?.outcome === 'none' && (skipped[place] === undefined || skipped[place] === skipReasons.stopping);
  const owing = new Set<number>();
  for (const place of graph.order) {
    const wanted = isUnreached(place) ? resolution(place) : undefined;
    if (wanted?.ok === false) owing.add(layout.places.get(wanted.reference.task) ?? -1);
  }
  return states.map(({ outcome, planned: { ignoresFailure } }, place) => {
    if (gone.has(place)) return 'gone';
    if (outcome === 'none') return isUnreached(place) ? 'unreached' : 'skipped';
    if (outcome === 'running') return 'running';
    if (outcome === 'failed' && !ignoresFailure) return 'failed';
    if (owing.has(place)) return 'owing';
    return outcome === 'succeeded' ? 'succeeded' : 'ignored';
  });
}
