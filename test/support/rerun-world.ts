import { type ChosenTasks, chooseTasks, type RerunFrom } from '../../src/pipelines/rerun/choose-tasks.ts';
import { partialRerun } from '../../src/pipelines/rerun/partial-rerun.ts';
import type { KubeObject, Stored } from '../../src/resources/object.ts';
import type { PipelineRun } from '../../src/resources/pipeline-run/schema.ts';
import { generatedConfig } from './pipeline-arbitrary.ts';
import { type ChildScript, PipelineSimulator } from './pipeline-simulator.ts';

export interface RerunWorld {
  readonly chosen: ChosenTasks;
  /** Absent when there is nothing to run again, or it cannot be. */
  readonly world?: PipelineSimulator | undefined;
}

/** The run of an ended world made again in a world of its own. `older`: children that the run has itself from runs before it. */
export function rerunIn(
  old: PipelineSimulator,
  from: RerunFrom,
  script: (task: string) => ChildScript | undefined,
  options: { readonly name?: string; readonly older?: readonly KubeObject[] } = {},
): RerunWorld {
  const { name = 'rerun', older = [] } = options;
  const children = [...old.children, ...older];
  const chosen = chooseTasks(old.run, children, from);
  if (!chosen.ok) return { chosen };
  const made = partialRerun(old.run as Stored<PipelineRun>, { keep: chosen.keep });
  const metadata = { ...made.metadata, name, uid: `uid-of-${name}`, creationTimestamp: '2026-01-02T00:00:00Z' };
  const run = { ...made, metadata } as unknown as PipelineRun;
  const now = Date.parse('2026-01-02T00:00:00Z');
  return {
    chosen,
    world: new PipelineSimulator({ run, now, config: generatedConfig, script, cachePlan: true, reused: { from: old.run, children } }),
  };
}
