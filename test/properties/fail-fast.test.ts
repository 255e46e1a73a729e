import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decidePipelineRun } from '../../src/pipelines/decide.ts';
import { type GeneratedPipeline, generatedConfig, generatedPipeline } from '../support/pipeline-arbitrary.ts';
import { PipelineSimulator } from '../support/pipeline-simulator.ts';

it('with the first failure that counts, a run that fails fast leaves no task running, starts none, and still comes to its finally tasks', () => {
  fc.assert(
    fc.property(generatedPipeline.filter(isStable), ({ run, children }) => {
      const annotations = { 'tappet.dev/fail-fast': 'true' };
      const strict = new Set((run.spec.pipelineSpec?.tasks ?? []).flatMap(({ name, onError }) => (onError === 'continue' ? [] : [name])));
      const taskOf = (child: { readonly metadata: { readonly labels?: Readonly<Record<string, string>> | undefined } }): string =>
        child.metadata.labels?.['tekton.dev/pipelineTask'] ?? '';
      const world = new PipelineSimulator({
        run: { ...run, metadata: { ...run.metadata, annotations } },
        config: generatedConfig,
        script: (task) => children[task],
        cachePlan: true,
        before: (each, decisions) => {
          expect(decidePipelineRun(each.facts, each.now)).toEqual(decisions);
          const live = new Set(each.liveChildren());
          const failed = each.children.filter(
            (child) => !live.has(child) && strict.has(taskOf(child)) && JSON.stringify(child['status']).includes('"False"'),
          );
          if (failed.length === 0) return;
          const begun = decisions.flatMap((decision) => (decision.type === 'create-child' ? [taskOf(decision.child)] : []));
          expect(begun.filter((task) => task.startsWith('t'))).toEqual([]);
          const told = decisions.flatMap((decision) => (decision.type === 'cancel-child' ? [decision.name] : []));
          // What was told before and does not listen, as a custom run may, is not told again.
          const untold = [...live].filter((child) => (child['spec'] as { readonly status?: string } | undefined)?.status === undefined);
          const running = untold.filter((child) => taskOf(child).startsWith('t')).map((child) => child.metadata.name);
          expect(told).toEqual(expect.arrayContaining(running));
        },
      });
      world.runToEnd();
      expect(world.ended).toBe(true);
      if (world.condition?.message?.includes('failed to finish within "')) return;
      const skipped = new Set(world.run.status?.skippedTasks?.map(({ name }) => name));
      const begun = new Set(world.children.map(taskOf));
      for (const { name } of world.run.status?.pipelineSpec?.finally ?? []) expect(begun.has(name) !== skipped.has(name)).toBe(true);
    }),
    { numRuns: 200 },
  );
});

/** What is pending does not end. */
function isStable({ run }: GeneratedPipeline): boolean {
  return run.spec.status === undefined;
}
