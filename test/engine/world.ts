import { onTestFinished } from 'vitest';
import type { Pace } from '../../src/controllers/pace.ts';
import { type Engine, type EngineResolvers, type RunAudience, startEngine } from '../../src/main/start-engine.ts';
import type { Runtime } from '../../src/ports/runtime.ts';
import type { Store } from '../../src/ports/store.ts';
import { admit } from '../../src/resources/admit.ts';
import { defaultEngineConfig, type EngineConfig } from '../../src/resources/engine-config.ts';
import type { Condition, KubeObject, Stored } from '../../src/resources/object.ts';
import { createScriptedRuntime } from '../../src/runtimes/scripted/scripted-runtime.ts';
import type { StepScript } from '../../src/runtimes/scripted/step-script.ts';
import { openMemory } from '../../src/stores/memory/open-memory.ts';
import type { PodObservation } from '../../src/tasks/pod-observation.ts';
import type { PodPlan } from '../../src/tasks/pod-plan.ts';
import { countingIds } from '../support/counting-ids.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { silentLogger } from '../support/silent-logger.ts';

/** What a step does, by the name of its pod. */
export type Scripts = (pod: string, step: string) => StepScript | undefined;

/** What stands between the engine and its ports. */
export type Wrap = (store: Store, runtime: Runtime, clock: ManualClock) => { readonly store: Store; readonly runtime: Runtime };

export interface WorldOptions {
  readonly config?: Partial<EngineConfig> | undefined;
  /** Absent: as fits a store on this machine. */
  readonly pace?: Pace | undefined;
  /** Milliseconds since the epoch. */
  readonly startsAt?: number | undefined;
  /** Resolvers and how they are asked; none when absent. */
  readonly fetching?: Partial<EngineResolvers> | undefined;
  /** Who hears of every run's changes; made for each start. */
  readonly audience?: ((ports: { store: Store; clock: ManualClock; config: EngineConfig }) => RunAudience | undefined) | undefined;
  /** For every start that brings no other. */
  readonly wrap?: Wrap | undefined;
}

export interface World {
  readonly clock: ManualClock;
  readonly store: Store;
  readonly runtime: Runtime;
  readonly config: EngineConfig;
  /** Names of the pods the runtime has begun, in order: a name twice would be a pod that ran twice. */
  readonly begun: readonly string[];
  /** What the engine asked the runtime to run, by the pod's name. */
  readonly plans: ReadonlyMap<string, PodPlan>;
  /** Runs the engine has in memory. */
  held(): number;
  /** Stops what the engine does; what runs runs on. */
  close(): Promise<void>;
  /** An engine on the same store and runtime; `wrap` stands between them. */
  start(wrap?: Wrap): Promise<void>;
  /** Lets everything happen that needs no time. */
  settle(): Promise<void>;
  /** Turns the clock and lets happen what follows. */
  advance(ms: number): Promise<void>;
  apply(...objects: readonly unknown[]): Promise<void>;
  get(kind: string, name: string): Promise<Stored | undefined>;
  list(kind: string): Promise<readonly Stored[]>;
  /** `Succeeded` as `reason: message`. */
  outcome(kind: string, name: string): Promise<string>;
  /** The phase of every pod the runtime holds, by the name of its record. */
  pods(): Promise<Readonly<Record<string, string>>>;
  /** Every pod the runtime holds, by the name of its record. */
  observations(): Promise<ReadonlyMap<string, PodObservation>>;
}

/** The engine on a store in memory, scripted pods and a clock that tests turn; closed at the end of the test. */
export async function world(scripts: Scripts = () => undefined, options: WorldOptions = {}): Promise<World> {
  const clock = new ManualClock(options.startsAt);
  const config = { ...defaultEngineConfig, ...options.config };
  const resolvers = { resolvers: [], cache: { maxSize: 100, ttlMs: 300_000 }, requirePinned: false, ...options.fetching };
  const { store } = openMemory({ clock, ids: countingIds() });
  const begun: string[] = [];
  const names = new Map<string, string>();
  const plans = new Map<string, PodPlan>();
  const runtime = createScriptedRuntime({
    clock,
    script: (plan, step) => {
      if (names.get(plan.uid) === undefined) begun.push(plan.name);
      names.set(plan.uid, plan.name);
      plans.set(plan.name, plan);
      return scripts(plan.name, step.name);
    },
  });
  let engine: Engine | undefined;
  const close = async (): Promise<void> => {
    await engine?.close();
    engine = undefined;
  };
  onTestFinished(close);

  const settle = async (): Promise<void> => {
    // Something that waits for the test itself never becomes calm.
    for (let calm = 0, turns = 0; calm < 8 && turns < 2_000; calm++, turns++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (engine !== undefined && engine.depth > 0) calm = 0;
    }
  };
  const get = (kind: string, name: string): Promise<Stored | undefined> => store.get({ kind, namespace: 'default', name });
  const made: World = {
    clock,
    store,
    runtime,
    config,
    begun,
    plans,
    held: () => engine?.held ?? 0,
    close,
    async start(wrap = options.wrap) {
      const ports = wrap?.(store, runtime, clock) ?? { store, runtime };
      engine = await startEngine({
        ...ports,
        clock,
        logger: silentLogger,
        config,
        pace: options.pace,
        resolvers,
        audience: options.audience?.({ store, clock, config }),
      });
    },
    settle,
    async advance(ms) {
      clock.advance(ms);
      await settle();
    },
    async apply(...objects) {
      await Promise.all(
        objects.map((object) => {
          const admitted = admit(object, config);
          if (!admitted.ok) throw new Error(JSON.stringify(admitted.errors));
          return store.create(admitted.object);
        }),
      );
      await settle();
    },
    get,
    list: async (kind) => (await store.list(kind)).items,
    outcome: async (kind, name) => {
      const { reason, message } = succeeded(await get(kind, name)) ?? {};
      return `${reason}: ${message}`;
    },
    async pods() {
      return Object.fromEntries([...(await made.observations())].map(([name, { phase }]) => [name, phase]).toSorted());
    },
    async observations() {
      const found = new Map<string, PodObservation>();
      for (const uid of await runtime.list()) {
        const pod = await runtime.observe(uid);
        if (pod !== undefined) found.set(names.get(uid) ?? uid, pod);
      }
      return found;
    },
  };
  await made.start();
  return made;
}

export function succeeded(object: Stored | undefined): Condition | undefined {
  const status = object?.['status'] as { readonly conditions?: readonly Condition[] } | undefined;
  return status?.conditions?.find(({ type }) => type === 'Succeeded');
}

export function pipelineRun(name: string, pipelineSpec: unknown, spec: Readonly<Record<string, unknown>> = {}): KubeObject {
  const pipeline = typeof pipelineSpec === 'string' ? { pipelineRef: { name: pipelineSpec } } : { pipelineSpec };
  return { apiVersion: 'tekton.dev/v1', kind: 'PipelineRun', metadata: { name, namespace: 'default' }, spec: { ...pipeline, ...spec } };
}

export function taskRun(name: string, spec: Readonly<Record<string, unknown>>): KubeObject {
  return { apiVersion: 'tekton.dev/v1', kind: 'TaskRun', metadata: { name, namespace: 'default' }, spec };
}

export function definition(kind: 'Task' | 'Pipeline' | 'StepAction', name: string, spec: unknown): KubeObject {
  return {
    apiVersion: kind === 'StepAction' ? 'tekton.dev/v1beta1' : 'tekton.dev/v1',
    kind,
    metadata: { name, namespace: 'default' },
    spec,
  };
}

/** A task of one step `do`. */
export const taskSpec = { steps: [{ name: 'do', image: 'any', command: ['true'] }] };

export function task(name: string, more: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return { name, taskSpec, ...more };
}
