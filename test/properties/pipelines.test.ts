import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decidePipelineRun } from '../../src/pipelines/decide.ts';
import type { PipelineRunDecision } from '../../src/pipelines/decisions.ts';
import type { PipelineTask } from '../../src/resources/pipeline/schema.ts';
import { type GeneratedPipeline, generatedConfig, generatedPipeline } from '../support/pipeline-arbitrary.ts';
import { dependenciesByTask } from '../support/pipeline-dependencies.ts';
import { PipelineSimulator } from '../support/pipeline-simulator.ts';
import { tally } from '../support/pipeline-tally.ts';

/** What is done to a run, seconds after the start. */
interface Interference {
  readonly at: number;
  readonly act: 'Cancelled' | 'CancelledRunFinally' | 'StoppedRunFinally' | 'cancel-a-child' | 'delete-a-child' | 'restart';
  readonly which: number;
}

const acts = ['Cancelled', 'CancelledRunFinally', 'StoppedRunFinally', 'cancel-a-child', 'restart'] as const;
const interference = (allowed: readonly Interference['act'][]) =>
  fc.array(fc.record<Interference>({ at: fc.nat(200), act: fc.constantFrom(...allowed), which: fc.nat(20) }), { maxLength: 3 });

interface Situation {
  readonly pipeline: GeneratedPipeline;
  readonly interferences: readonly Interference[];
  /** When a pending run is let go. */
  readonly clearedAt: number;
}

const situation = (allowed: readonly Interference['act'][]): fc.Arbitrary<Situation> =>
  fc.record({ pipeline: generatedPipeline, interferences: fc.oneof(fc.constant([]), interference(allowed)), clearedAt: fc.nat(300) });
const situations = situation(acts);

type Check = (world: PipelineSimulator, decisions: readonly PipelineRunDecision[]) => void;

/** Plays a generated run to its end; `check` sees every list of decisions before it is applied. */
function play({ pipeline, interferences, clearedAt }: Situation, check: Check = () => undefined): PipelineSimulator {
  const world = new PipelineSimulator({
    run: pipeline.run,
    config: generatedConfig,
    cachePlan: true,
    script: (task) => pipeline.children[task],
    before: check,
  });
  const start = world.now;
  const clear = { at: clearedAt, act: 'clear', which: 0 } as const;
  for (const { at, act, which } of [...interferences, clear].sort((a, b) => a.at - b.at)) {
    world.runUntil(start + at * 1000);
    if (world.ended) break;
    const live = world.liveChildren();
    const name = live[which % Math.max(1, live.length)]?.metadata.name;
    if (act === 'restart') world.restart();
    else if (act === 'clear') {
      if (world.run.spec.status === 'PipelineRunPending') world.setSpecStatus(undefined);
    } else if (act === 'cancel-a-child' || act === 'delete-a-child') {
      if (name !== undefined) act === 'cancel-a-child' ? world.cancelChild(name) : world.deleteChild(name);
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

/** The whole run was cut off: by its user or by its time. */
function wasCutOff(world: PipelineSimulator): boolean {
  return world.run.spec.status === 'Cancelled' || (world.condition?.message?.includes('failed to finish within "') ?? false);
}

function tasksOf(world: PipelineSimulator): readonly PipelineTask[] {
  const { tasks = [], finally: finals = [] } = world.run.status?.pipelineSpec ?? {};
  return [...tasks, ...finals];
}

const runs = { numRuns: 150 };

describe('a run of any pipeline, whatever its tasks and its user do', () => {
  it('ends, and every task has run, was skipped, or failed validation', () => {
    fc.assert(
      fc.property(situation([...acts, 'delete-a-child']), (each) => {
        const world = play(each);
        expect(world.ended).toBe(true);
        expect(world.peek()).toEqual([]);
        const reason = world.condition?.reason;
        if (wasCutOff(world) || reason === 'PipelineRunTimeout' || reason === 'PipelineValidationFailed') return;
        const ran = new Set((world.run.status?.childReferences ?? []).map(({ pipelineTaskName }) => pipelineTaskName));
        const skipped = (world.run.status?.skippedTasks ?? []).map(({ name }) => name);
        expect(skipped.filter((name) => ran.has(name))).toEqual([]);
        expect([...ran, ...skipped].sort()).toEqual(
          tasksOf(world)
            .map(({ name }) => name)
            .sort(),
        );
      }),
      runs,
    );
  });

  it('ends with the reason and the counts that its children add up to', () => {
    fc.assert(
      fc.property(situations, (each) => {
        const world = play(each);
        const { reason = '', message = '' } = world.condition ?? {};
        const told = world.run.status?.childReferences !== undefined || world.run.status?.skippedTasks !== undefined;
        if (wasCutOff(world) || reason === 'PipelineRunTimeout' || !told || !/^Tasks|was cancelled$/.test(message)) return;
        const expected = tally(world.run, world.children);
        expect({ reason, message: message.slice(0, expected.message.length) }).toEqual(expected);
      }),
      runs,
    );
  });

  it('starts no task before its parents allow it, and nothing after a failure that counts', () => {
    fc.assert(
      fc.property(situations, (each) => {
        const dependencies = dependenciesByTask(each.pipeline.run);
        play(each, (world, decisions) => {
          for (const task of created(decisions)) {
            const parents = dependencies.get(task);
            if (parents === undefined) {
              expect(world.liveChildren((name) => name.startsWith('t'))).toEqual([]);
              continue;
            }
            for (const parent of parents) expect(world.standing(parent)).toMatch(/^(none|succeeded|failed)$/);
            // Of the ways to be skipped only one lets what follows run.
            const status = decisions.find((decision) => decision.type === 'set-status')?.status ?? world.run.status;
            const skipped = (status?.skippedTasks ?? []).filter(({ name }) => parents.has(name)).map(({ reason }) => reason);
            expect(new Set([...skipped, 'When Expressions evaluated to false']).size).toBe(1);
            for (const other of dependencies.keys()) {
              if (world.standing(other) === 'failed')
                expect(each.pipeline.run.spec.pipelineSpec?.tasks?.find(({ name }) => name === other)?.onError).toBe('continue');
            }
          }
        });
      }),
      runs,
    );
  });

  it('gives no task two attempts, and a matrix one for each combination', () => {
    fc.assert(
      fc.property(situations, (each) => {
        const world = play(each);
        const names = world.log.flatMap((decision) => (decision.type === 'create-child' ? [decision.child.metadata.name] : []));
        expect(names.length).toBe(new Set(names).size);
        for (const { name, matrix } of tasksOf(world)) {
          const count = created(world.log).filter((task) => task === name).length;
          expect(count === 0 || count === combinations(matrix?.params?.[0]?.value, world)).toBe(true);
        }
      }),
      runs,
    );
  });

  it('creates nothing once cancelled, only finally tasks once cancelled or stopped gracefully, and nothing while pending', () => {
    fc.assert(
      fc.property(situation([...acts, 'delete-a-child']), (each) => {
        play(each, (world, decisions) => {
          const { status } = world.run.spec;
          if (status === 'Cancelled' || status === 'PipelineRunPending') expect(created(decisions)).toEqual([]);
          if (status === 'CancelledRunFinally' || status === 'StoppedRunFinally')
            expect(created(decisions).filter((name) => name.startsWith('t'))).toEqual([]);
        });
      }),
      runs,
    );
  });

  it('is started once, ends once, and by its timeout at the latest; what it leaves behind has been told to end', () => {
    fc.assert(
      fc.property(situations, (each) => {
        let start: string | undefined;
        const world = play(each, ({ run, ended }) => {
          const { startTime, completionTime } = run.status ?? {};
          if (startTime !== undefined) start ??= startTime;
          expect([startTime, completionTime !== undefined]).toEqual([startTime && start, ended]);
        });
        const { completionTime = '', startTime = '' } = world.run.status ?? {};
        const limit = { '1m': 60, '10m': 600 }[each.pipeline.run.spec.timeouts?.pipeline ?? ''] ?? Number.POSITIVE_INFINITY;
        expect((Date.parse(completionTime) - Date.parse(startTime)) / 1000).toBeLessThanOrEqual(limit);
        for (const { spec } of world.liveChildren()) expect((spec as { readonly status?: string }).status).toMatch(/Cancelled$/);
      }),
      runs,
    );
  });

  it('is decided the same on the same facts: twice, with a fresh plan, and with its children in any order', () => {
    fc.assert(
      fc.property(situations, (each) => {
        play(each, (world, decisions) => {
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
      fc.property(situations, (each) => {
        const world = play(each);
        if (wasCutOff(world)) return;
        if (world.run.status?.childReferences === undefined && world.run.status?.skippedTasks === undefined) return;
        const skipped = new Set((world.run.status?.skippedTasks ?? []).map(({ name }) => name));
        for (const { name } of world.run.status?.pipelineSpec?.finally ?? [])
          expect([name, created(world.log).includes(name)]).toEqual([name, !skipped.has(name)]);
      }),
      runs,
    );
  });
});

/** How many children a matrix must have: by its list, or by the result its list came from. */
function combinations(value: unknown, world: PipelineSimulator): number {
  if (value === undefined) return 1;
  if (Array.isArray(value)) return value.length;
  const [, producer, result] = /^\$\(tasks\.([^.]+)\.results\.([rl])\[\*\]\)$/.exec(String(value)) ?? [];
  return world.children
    .filter(({ metadata }) => metadata.labels?.['tekton.dev/pipelineTask'] === producer)
    .flatMap(({ status }) => (status as { readonly results?: readonly { readonly name: string; readonly value: unknown }[] }).results ?? [])
    .filter(({ name }) => name === result)
    .flatMap(({ value: emitted }) =>
      typeof emitted === 'string' && emitted.startsWith('[') ? (JSON.parse(emitted) as unknown[]) : emitted,
    ).length;
}
