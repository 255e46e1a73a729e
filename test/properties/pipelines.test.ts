import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decidePipelineRun } from '../../src/pipelines/decide.ts';
import type { PipelineRunDecision } from '../../src/pipelines/decisions.ts';
import { type GeneratedPipeline, generatedPipeline } from '../support/pipeline-arbitrary.ts';
import { dependenciesByTask } from '../support/pipeline-dependencies.ts';
import { PipelineSimulator } from '../support/pipeline-simulator.ts';

/** What its user does to a run, seconds after the start. */
interface Interference {
  readonly at: number;
  readonly act: 'Cancelled' | 'CancelledRunFinally' | 'StoppedRunFinally' | 'cancel-a-child';
  readonly which: number;
}

const interferences = fc.array(
  fc.record<Interference>({
    at: fc.nat(200),
    act: fc.constantFrom('Cancelled', 'CancelledRunFinally', 'StoppedRunFinally', 'cancel-a-child'),
    which: fc.nat(20),
  }),
  { maxLength: 2 },
);

const situations = fc.record({ pipeline: generatedPipeline, interferences: fc.oneof(fc.constant([]), interferences) });

type Check = (world: PipelineSimulator, decisions: readonly PipelineRunDecision[]) => void;

/** Plays a generated run to its end; `check` sees every list of decisions before it is applied. */
function play(pipeline: GeneratedPipeline, interference: readonly Interference[], check: Check): PipelineSimulator {
  const world = new PipelineSimulator({ run: pipeline.run, cachePlan: true, script: (task) => pipeline.children[task], before: check });
  const start = world.now;
  for (const { at, act, which } of [...interference].sort((a, b) => a.at - b.at)) {
    world.runUntil(start + at * 1000);
    if (world.ended) break;
    if (act === 'cancel-a-child') {
      const live = world.liveChildren();
      const name = live[which % Math.max(1, live.length)]?.metadata.name;
      if (name !== undefined) world.cancelChild(name);
    } else world.setSpecStatus(act);
  }
  world.runToEnd();
  return world;
}

function created(decisions: readonly PipelineRunDecision[]): string[] {
  return decisions.flatMap((decision) =>
    decision.type === 'create-child' ? [decision.child.metadata.labels?.['tekton.dev/pipelineTask'] ?? ''] : [],
  );
}

const runs = { numRuns: 120 };

describe('a run of any pipeline, whatever its tasks and its user do', () => {
  it('ends, and every task has run, was skipped, or failed validation', () => {
    fc.assert(
      fc.property(situations, ({ pipeline, interferences }) => {
        const world = play(pipeline, interferences, () => undefined);
        expect(world.ended).toBe(true);
        expect(world.peek()).toEqual([]);
        const reason = world.condition?.reason;
        if (reason === 'PipelineRunTimeout' || reason === 'PipelineValidationFailed' || pipeline.run.spec.status === 'Cancelled') return;
        if (world.run.spec.status === 'Cancelled') return;
        const { tasks = [], finally: finals = [] } = world.run.status?.pipelineSpec ?? {};
        const accounted = [
          ...(world.run.status?.childReferences ?? []).map((each) => each.pipelineTaskName),
          ...(world.run.status?.skippedTasks ?? []).map((each) => each.name),
        ];
        expect([...new Set(accounted)].sort()).toEqual([...tasks, ...finals].map((task) => task.name).sort());
      }),
      runs,
    );
  });

  it('starts no task before its parents allow it, and nothing after a failure that counts', () => {
    fc.assert(
      fc.property(situations, ({ pipeline, interferences }) => {
        const dependencies = dependenciesByTask(pipeline.run);
        play(pipeline, interferences, (world, decisions) => {
          for (const task of created(decisions)) {
            const parents = dependencies.get(task);
            if (parents === undefined) {
              expect(world.liveChildren((name) => name.startsWith('t'))).toEqual([]);
              continue;
            }
            for (const parent of parents) expect(world.standing(parent)).toMatch(/^(none|succeeded|failed)$/);
            for (const other of dependencies.keys()) {
              if (world.standing(other) === 'failed')
                expect(pipeline.run.spec.pipelineSpec?.tasks?.find(({ name }) => name === other)?.onError).toBe('continue');
            }
          }
        });
      }),
      runs,
    );
  });

  it('gives no task two attempts', () => {
    fc.assert(
      fc.property(situations, ({ pipeline, interferences }) => {
        const world = play(pipeline, interferences, () => undefined);
        const names = world.log.flatMap((decision) => (decision.type === 'create-child' ? [decision.child.metadata.name] : []));
        expect(names.length).toBe(new Set(names).size);
        const spec = world.run.status?.pipelineSpec;
        for (const task of [...(spec?.tasks ?? []), ...(spec?.finally ?? [])]) {
          const count = created(world.log).filter((name) => name === task.name).length;
          const values = task.matrix?.params?.[0]?.value;
          expect(count === 0 || count === (Array.isArray(values) ? values.length : 1)).toBe(true);
        }
      }),
      runs,
    );
  });

  it('creates nothing once cancelled, and only finally tasks once cancelled or stopped gracefully', () => {
    fc.assert(
      fc.property(situations, ({ pipeline, interferences }) => {
        play(pipeline, interferences, (world, decisions) => {
          const { status } = world.run.spec;
          if (status === 'Cancelled') expect(created(decisions)).toEqual([]);
          if (status === 'CancelledRunFinally' || status === 'StoppedRunFinally')
            expect(created(decisions).filter((name) => name.startsWith('t'))).toEqual([]);
        });
      }),
      runs,
    );
  });

  it('decides the same on the same facts: twice, with a fresh plan, and with its children in any order', () => {
    fc.assert(
      fc.property(situations, ({ pipeline, interferences }) => {
        play(pipeline, interferences, (world, decisions) => {
          const facts = world.facts;
          expect(world.peek()).toEqual(decisions);
          expect(decidePipelineRun(facts, world.now)).toEqual(decisions);
          expect(decidePipelineRun({ ...facts, children: [...facts.children].reverse() }, world.now)).toEqual(decisions);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('runs or skips every finally task once, whatever happened before, but for a cancel or a timeout of the whole', () => {
    fc.assert(
      fc.property(situations, ({ pipeline, interferences }) => {
        const world = play(pipeline, interferences, () => undefined);
        if (world.run.spec.status === 'Cancelled' || world.condition?.message?.includes('failed to finish within "')) return;
        if (world.run.status?.childReferences === undefined && world.run.status?.skippedTasks === undefined) return;
        const skipped = new Set((world.run.status?.skippedTasks ?? []).map((each) => each.name));
        for (const { name } of world.run.status?.pipelineSpec?.finally ?? []) {
          expect(created(world.log).includes(name) !== skipped.has(name)).toBe(true);
        }
      }),
      runs,
    );
  });
});
