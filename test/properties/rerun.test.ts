import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decidePipelineRun } from '../../src/pipelines/decide.ts';
import type { PipelineRunDecision } from '../../src/pipelines/decisions.ts';
import type { RerunFrom } from '../../src/pipelines/rerun/choose-tasks.ts';
import type { PipelineRun } from '../../src/resources/pipeline-run/schema.ts';
import { type GeneratedPipeline, generatedConfig, generatedPipeline } from '../support/pipeline-arbitrary.ts';
import { type ChildScript, PipelineSimulator } from '../support/pipeline-simulator.ts';
import { rerunIn } from '../support/rerun-world.ts';

type Scripts = Readonly<Record<string, ChildScript>>;

const froms: fc.Arbitrary<{ readonly type: RerunFrom['type']; readonly task: number }> = fc.record({
  type: fc.constantFrom('failed', 'failed', 'from', 'only', 'all'),
  task: fc.nat(10),
});

/** A run, what of it is run again, and what its tasks do then. */
const situations = fc.record({ pipeline: generatedPipeline, next: generatedPipeline, from: froms, cancelAt: fc.option(fc.nat(120)) });

/** The pipeline with time enough and a result for every task, so that what comes of a task shows. */
function patient({ run, children }: GeneratedPipeline): { readonly run: PipelineRun; readonly scripts: Scripts } {
  const spec = run.spec.pipelineSpec ?? {};
  const results = (spec.tasks ?? []).map(({ name, matrix }) => ({
    name,
    value: `$(tasks.${name}.results.r${matrix === undefined ? '' : '[*]'})`,
  }));
  const scripts = Object.entries(children).map(([name, script]) => [
    name,
    { ...script, outcome: script.outcome === 'hangs' ? 'fails' : script.outcome },
  ]);
  return {
    run: { ...run, spec: { ...run.spec, timeouts: { pipeline: '10h' }, pipelineSpec: { ...spec, results } } },
    scripts: Object.fromEntries(scripts),
  };
}

/** What hangs ends by a timeout; where there is none it fails. */
function ending(script: ChildScript, { spec }: PipelineRun): ChildScript {
  return script.outcome === 'hangs' && spec.timeouts?.tasks === '0s' ? { ...script, outcome: 'fails' } : script;
}

const emits: ChildScript = { results: { r: 'a' } };

function lucky(scripts: Scripts): Scripts {
  return Object.fromEntries(Object.entries(scripts).map(([name, { after }]) => [name, { after, ...emits }]));
}

function fromOf({ type, task }: { readonly type: RerunFrom['type']; readonly task: number }, run: PipelineRun): RerunFrom {
  const { tasks = [], finally: finals = [] } = run.spec.pipelineSpec ?? {};
  const names = [...tasks, ...finals].map(({ name }) => name);
  return type === 'all' || type === 'failed' ? { type } : { type, task: names[task % names.length] ?? '' };
}

function played(run: PipelineRun, scripts: Scripts, cancelAt?: number | null): PipelineSimulator {
  const { status, ...spec } = run.spec;
  // One that is pending would never end.
  const begun = status === 'PipelineRunPending' ? { ...run, spec } : run;
  const world = new PipelineSimulator({ run: begun, config: generatedConfig, script: (task) => scripts[task], cachePlan: true });
  if (typeof cancelAt === 'number') {
    world.runUntil(world.now + cancelAt * 1000);
    if (!world.ended) world.setSpecStatus('CancelledRunFinally');
  }
  world.runToEnd();
  return world;
}

function createdTasks(decisions: readonly PipelineRunDecision[]): readonly string[] {
  return decisions.flatMap((decision) =>
    decision.type === 'create-child' ? [decision.child.metadata.labels?.['tekton.dev/pipelineTask'] ?? ''] : [],
  );
}

/** What a run says of itself, but for names and times. */
function told({ run }: PipelineSimulator): unknown {
  const { conditions = [], skippedTasks, results, childReferences = [] } = run.status ?? {};
  return {
    conditions: conditions.map(({ status, reason, message }) => ({
      status,
      reason,
      message: message?.replaceAll(run.metadata.name ?? '', 'RUN'),
    })),
    skippedTasks,
    results,
    childReferences: childReferences.map(({ name: _, ...rest }) => rest),
  };
}

describe('a rerun of any run, whatever part of it', () => {
  it('never starts a task that stays, starts the others once, and ends', () => {
    fc.assert(
      fc.property(situations, ({ pipeline, next, from, cancelAt }) => {
        const old = played(pipeline.run, pipeline.children, cancelAt);
        const { chosen, world } = rerunIn(old, fromOf(from, pipeline.run), (task) => ending(next.children[task] ?? {}, pipeline.run));
        if (world === undefined || !chosen.ok) return;
        world.runToEnd();
        expect(world.ended).toBe(true);
        expect(world.condition?.reason).not.toBe('InvalidRerun');
        const names = world.log.flatMap((decision) => (decision.type === 'create-child' ? [decision.child.metadata.name] : []));
        expect(names.length).toBe(new Set(names).size);
        for (const task of createdTasks(world.log)) expect(chosen.again).toContain(task);
        if (world.condition?.reason === 'PipelineRunTimeout' || world.condition?.reason === 'PipelineValidationFailed') return;
        const references = new Map(old.run.status?.childReferences?.map((each) => [each.name, each.pipelineTaskName]));
        for (const { name, pipelineTaskName } of world.run.status?.childReferences ?? []) {
          expect(references.get(name)).toBe(chosen.keep.includes(pipelineTaskName) ? pipelineTaskName : undefined);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('decides the same on the same facts, with a fresh plan, and when the old run is gone after its first look', () => {
    fc.assert(
      fc.property(situations, ({ pipeline, next, from }) => {
        const old = played(pipeline.run, pipeline.children);
        const { world } = rerunIn(old, fromOf(from, pipeline.run), (task) => ending(next.children[task] ?? {}, pipeline.run));
        if (world === undefined) return;
        for (let looks = 0; looks < 1000 && !world.ended; looks++) {
          const { reused, ...facts } = world.facts;
          const decisions = world.peek();
          expect(decidePipelineRun(world.facts, world.now)).toEqual(decisions);
          const orphan = { ...facts, reused: { children: reused?.children ?? [] } };
          if (looks > 0) expect(decidePipelineRun(orphan, world.now)).toEqual(decisions);
          world.reconcile();
          world.advance(7);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('from what failed, tells the same as a run in which all of it had happened', () => {
    fc.assert(
      fc.property(situations, ({ pipeline, next }) => {
        const { run, scripts } = patient(pipeline);
        const old = played(run, scripts);
        const again = lucky(next.children);
        const { chosen, world } = rerunIn(old, { type: 'failed' }, (task) => again[task] ?? emits);
        if (world === undefined || !chosen.ok) return;
        world.runToEnd();
        const mixed = Object.fromEntries([
          ...chosen.keep.map((name) => [name, scripts[name]]),
          ...chosen.again.map((name) => [name, again[name] ?? emits]),
        ]);
        const whole = played(run, mixed as Scripts);
        // Failures stop a run wherever the others have come to: those are a matter of time.
        if (
          whole.condition?.reason === 'PipelineValidationFailed' ||
          [whole, world].some(({ run: { status } }) => status?.skippedTasks?.some(({ reason }) => reason === 'PipelineRun was stopping'))
        )
          return;
        expect(told(world)).toEqual(told(whole));
        const params = (each: PipelineSimulator): ReadonlyMap<string | undefined, unknown> =>
          new Map(
            each.children.map(({ metadata, ...child }) => [
              metadata.name?.slice(each.run.metadata.name?.length),
              (child['spec'] as { readonly params?: unknown }).params,
            ]),
          );
        for (const [name, value] of params(world)) expect([name, params(whole).get(name)]).toEqual([name, value]);
      }),
      { numRuns: 150 },
    );
  });

  it('of a rerun keeps what that kept', () => {
    fc.assert(
      fc.property(situations, fc.gen(), ({ pipeline, next, from }, gen) => {
        const { run, scripts } = patient(pipeline);
        const first = played(run, scripts);
        const again: Scripts = { ...scripts, ...patient(next).scripts };
        const second = rerunIn(first, fromOf(from, run), (task) => again[task]);
        if (second.world === undefined) return;
        second.world.runToEnd();
        const where = gen(() => froms);
        const third = rerunIn(second.world, fromOf(where, run), () => ({}), { name: 'third', older: first.children });
        if (third.world === undefined || !third.chosen.ok) return;
        third.world.runToEnd();
        expect(third.world.condition?.reason).not.toBe('InvalidRerun');
        const before = new Map(second.world.run.status?.childReferences?.map((each) => [each.name, each]));
        for (const reference of third.world.run.status?.childReferences ?? []) {
          if (third.chosen.keep.includes(reference.pipelineTaskName)) expect(before.get(reference.name)).toEqual(reference);
        }
      }),
      { numRuns: 80 },
    );
  });
});
