import type { PipelineRun } from '../../src/resources/pipeline-run/schema.ts';

/** What each task but the finally tasks waits for, worked out another way than the engine does: by a look at the text. */
export function dependenciesByTask(run: PipelineRun): ReadonlyMap<string, ReadonlySet<string>> {
  const tasks = run.spec.pipelineSpec?.tasks ?? [];
  return new Map(
    tasks.map((task) => {
      const mentioned = [...JSON.stringify(task).matchAll(/\$\(tasks\.([^.]+)\.results\./g)].map(([, name = '']) => name);
      return [task.name, new Set([...(task.runAfter ?? []), ...mentioned])];
    }),
  );
}
