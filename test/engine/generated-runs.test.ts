import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Stored } from '../../src/resources/object.ts';
import type { PipelineRun } from '../../src/resources/pipeline-run/schema.ts';
import { type GeneratedPipeline, generatedConfig, generatedPipeline } from '../support/pipeline-arbitrary.ts';
import type { ChildScript } from '../support/pipeline-simulator.ts';
import { playScenario } from '../support/play-scenario.ts';
import type { CustomRunScript, Outcomes, PodScript, Scenario } from '../support/scenario.ts';
import { scenarioSummary } from '../support/scenario-summary.ts';
import type { World } from './world.ts';

interface Situation {
  readonly pipeline: GeneratedPipeline;
  /** Seconds after the start. */
  readonly restarts: readonly number[];
  readonly cancel: { readonly at: number; readonly how: string } | undefined;
}

const situations: fc.Arbitrary<Situation> = fc.record({
  pipeline: generatedPipeline,
  restarts: fc.array(fc.nat(120), { minLength: 1, maxLength: 4 }),
  cancel: fc.option(
    fc.record({ at: fc.nat(60), how: fc.constantFrom('Cancelled', 'CancelledRunFinally', 'StoppedRunFinally', 'PipelineRunPending') }),
    { nil: undefined, freq: 3 },
  ),
});

it('any run on the whole engine comes to the same end however often the engine is restarted, and no pod runs twice', async () => {
  const property = fc.asyncProperty(situations, async ({ pipeline, restarts, cancel }) => {
    const undisturbed = await play(pipeline, cancel, []);
    const restarted = await play(pipeline, cancel, restarts);
    expect(await picture(restarted)).toEqual(await picture(undisturbed));
    for (const world of [undisturbed, restarted]) {
      expect(world.begun.length).toBe(new Set(world.begun).size);
      await expectOneLiveAttempt(world);
      expect(Object.values(await world.pods()).filter((phase) => phase !== 'Succeeded' && phase !== 'Failed')).toEqual([]);
      const run = (await world.get('tekton.dev/PipelineRun', 'run')) as Stored<PipelineRun> | undefined;
      expect(run?.status?.conditions?.[0]?.status).toMatch(/True|False/);
      await world.close();
    }
  });
  await fc.assert(property, { numRuns: 40 });
}, 120_000);

async function play(pipeline: GeneratedPipeline, cancel: Situation['cancel'], restarts: readonly number[]): Promise<World> {
  const patch = 'PipelineRun/run';
  // A run that is pending is let go; one that is not cannot become so, and admission would refuse it.
  const isPending = pipeline.run.spec.status === 'PipelineRunPending';
  const status = cancel?.how === 'PipelineRunPending' ? undefined : cancel?.how;
  const actions: Outcomes['actions'] = [
    ...(isPending ? [{ at: cancel?.at ?? 1, patch, spec: { status: status ?? null } }] : []),
    ...(!isPending && cancel !== undefined && status !== undefined ? [{ at: cancel.at, patch, spec: { status } }] : []),
    ...restarts.map((at) => ({ at, engine: 'restarts' as const })),
  ].sort((a, b) => a.at - b.at);
  const scenario: Scenario = {
    objects: [pipeline.run],
    outcomes: { config: generatedConfig as unknown as Outcomes['config'], unchecked: [], actions, ...scripts(pipeline) },
    expected: {},
  };
  const { world } = await playScenario(scenario, [], async () => undefined);
  return world;
}

/** The children's scripts in terms of pods and custom runs. */
function scripts({ children }: GeneratedPipeline): Pick<Outcomes, 'pods' | 'customRuns'> {
  const pods: Record<string, PodScript> = {};
  const customRuns: Record<string, CustomRunScript> = {};
  for (const [task, script] of Object.entries(children)) {
    pods[task] = podScript(script);
    // Of a child pipeline it is its one task that does it.
    pods[`run-${task}-within`] = podScript(script);
    for (const child of [task, `${task}-0`, `${task}-1`, `${task}-2`]) {
      for (let attempt = 0; attempt < (script.failsFirst ?? 0); attempt++)
        pods[`run-${child}-pod${attempt === 0 ? '' : `-retry${attempt}`}`] = podScript({ ...script, outcome: 'fails' });
    }
    const { after, outcome, ignoresCancel, results = {} } = script;
    customRuns[task] = {
      // Nobody ends a custom run that has no timeout.
      after: outcome === 'hangs' ? 4_000 : after,
      ignoresCancel,
      ...(outcome === 'fails' && { fails: { reason: 'Broken', message: 'it broke' } }),
      results: Object.fromEntries(Object.entries(results).map(([name, value]) => [name, String(value)])),
    };
  }
  return { pods, customRuns };
}

function podScript({ after, outcome, results = {} }: ChildScript): PodScript {
  const files = Object.entries(results).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]);
  return {
    after,
    ...(outcome === 'fails' && { exitCode: 1 }),
    ...(outcome === 'hangs' && { neverEnds: true }),
    results: Object.fromEntries(files),
  };
}

async function picture(world: World): Promise<unknown> {
  const names = (await world.list('tekton.dev/TaskRun')).map(({ metadata }) => [`TaskRun/${metadata.name}`, {}]);
  return { ...(await scenarioSummary(world, Object.fromEntries(names))), begun: world.begun.toSorted() };
}

/** Attempts of a TaskRun follow each other. */
async function expectOneLiveAttempt(world: World): Promise<void> {
  const ends = new Map<string, number>();
  const attempts = [...(await world.observations())].filter(([, { startedAt }]) => startedAt !== undefined);
  for (const [name, { startedAt = 0, finishedAt = Number.POSITIVE_INFINITY }] of attempts.sort(
    ([, a], [, b]) => (a.startedAt ?? 0) - (b.startedAt ?? 0),
  )) {
    const taskRun = world.plans.get(name)?.labels['tekton.dev/taskRun'] ?? '';
    expect([name, startedAt]).toEqual([name, Math.max(startedAt, ends.get(taskRun) ?? 0)]);
    ends.set(taskRun, finishedAt);
  }
}
