import { decidePipelineRun } from '../../src/pipelines/decide.ts';
import type { PipelineRunDecision } from '../../src/pipelines/decisions.ts';
import { defaultEngineConfig, type EngineConfig } from '../../src/resources/engine-config.ts';
import type { KubeObject } from '../../src/resources/object.ts';
import type { Pipeline } from '../../src/resources/pipeline/schema.ts';
import type { PipelineRun } from '../../src/resources/pipeline-run/schema.ts';
import type { Resolved } from '../../src/resources/resolved.ts';
import type { StepAction } from '../../src/resources/step-action/schema.ts';
import type { Task } from '../../src/resources/task/schema.ts';
import type { TaskRun } from '../../src/resources/task-run/schema.ts';
import { mergePatch } from '../../src/stores/shared/merge-patch.ts';
import { decideTaskRun } from '../../src/tasks/decide.ts';
import type { TaskRunDecision } from '../../src/tasks/decisions.ts';
import type { PodObservation } from '../../src/tasks/pod-observation.ts';
import { podUid } from '../../src/tasks/pod-uid.ts';
import { mergeDiff } from './merge-diff.ts';

/** One thing that was seen, and what was decided on it: a line of a recording. */
export interface RecordedEvent {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** `Kind/name`, a pod's uid, or a run whose time has come. */
  readonly object?: string;
  readonly pod?: string;
  readonly tick?: string;
  /** What has become of it, as a merge patch on what was known; `null`: it is gone. */
  readonly is?: unknown;
  /** By run; those without decisions are left out. */
  readonly decided?: Readonly<Record<string, readonly unknown[]>>;
}

/** The facts of a recording as they grow, and what the engine of today decides on them. */
export class RecordedWorld {
  readonly #config: EngineConfig;
  readonly #objects = new Map<string, KubeObject>();
  readonly #pods = new Map<string, PodObservation>();

  constructor(config: Partial<EngineConfig>) {
    this.#config = { ...defaultEngineConfig, ...config };
  }

  object(name: string): KubeObject | undefined {
    return this.#objects.get(name);
  }

  pod(uid: string): PodObservation | undefined {
    return this.#pods.get(uid);
  }

  /** Takes in an event and gives what is decided on it, by run. */
  take({ at, object, pod, tick, is }: RecordedEvent): Readonly<Record<string, readonly unknown[]>> {
    const before = object === undefined ? undefined : this.#objects.get(object);
    if (object !== undefined) put(this.#objects, object, is);
    if (pod !== undefined) put(this.#pods, pod, is);
    const decided: [string, readonly unknown[]][] = [];
    for (const name of this.#concerned(object ?? tick, before, pod)) {
      const run = this.#objects.get(name);
      const list = run === undefined ? [] : this.#decide(run, at);
      if (list.length > 0) decided.push([name, list]);
    }
    return asJson(Object.fromEntries(decided));
  }

  /** The run itself, its TaskRun where it is a pod, and the run it is a child of. */
  #concerned(name: string | undefined, before: KubeObject | undefined, pod: string | undefined): readonly string[] {
    if (pod !== undefined) {
      const taskRun = [...this.#objects].find(([, { kind, metadata }]) => kind === 'TaskRun' && pod.startsWith(`${metadata.uid}-`));
      return taskRun === undefined ? [] : [taskRun[0]];
    }
    const object = this.#objects.get(name ?? '') ?? before;
    if (name === undefined || object === undefined || !/^(PipelineRun|TaskRun|CustomRun)$/.test(object.kind)) return [];
    const owner = object.metadata.ownerReferences?.find(({ kind }) => kind === 'PipelineRun');
    return [...(object.kind === 'CustomRun' ? [] : [name]), ...(owner === undefined ? [] : [`PipelineRun/${owner.name}`])];
  }

  #decide(run: KubeObject, now: number): readonly unknown[] {
    if (run.kind === 'TaskRun') return this.#decideTaskRun(run as TaskRun, now).map((decision) => taskDecision(decision, run));
    return this.#decidePipelineRun(run as PipelineRun, now).map((decision) => pipelineDecision(decision, run));
  }

  #decideTaskRun(taskRun: TaskRun, now: number): readonly TaskRunDecision[] {
    const { taskRef } = taskRun.spec;
    const task = taskRef?.name ? this.#definitions<Task>('Task').get(taskRef.name) : undefined;
    const pod = this.#pods.get(podUid(taskRun));
    return decideTaskRun({ taskRun, task, stepActions: this.#definitions<StepAction>('StepAction'), pod, config: this.#config }, now);
  }

  #decidePipelineRun(run: PipelineRun, now: number): readonly PipelineRunDecision[] {
    const { uid } = run.metadata;
    const pipelines = this.#definitions<Pipeline>('Pipeline');
    const { pipelineRef } = run.spec;
    const facts = {
      run,
      pipeline: pipelineRef?.name && run.status?.pipelineSpec === undefined ? pipelines.get(pipelineRef.name) : undefined,
      tasks: this.#definitions<Task>('Task'),
      childPipelines: pipelines,
      children: [...this.#objects.values()].filter(({ metadata }) => metadata.ownerReferences?.[0]?.uid === uid),
      config: this.#config,
    };
    return decidePipelineRun(facts, now);
  }

  /** Those there are; any other name is missing. */
  #definitions<T extends KubeObject>(kind: string): Map<string, Resolved<T>> {
    const found = [...this.#objects.values()].filter((object) => object.kind === kind) as unknown as readonly T[];
    const type = `${kind.toLowerCase()}s.tekton.dev`;
    return new Definitions(
      type,
      found.map((object) => [object.metadata.name ?? '', { type: 'found', object }]),
    );
  }
}

class Definitions<T> extends Map<string, Resolved<T>> {
  readonly #type: string;

  constructor(type: string, entries: readonly (readonly [string, Resolved<T>])[]) {
    super();
    this.#type = type;
    for (const [name, resolved] of entries) this.set(name, resolved);
  }

  override get(name: string): Resolved<T> {
    return super.get(name) ?? { type: 'missing', message: `${this.#type} "${name}" not found` };
  }
}

/** A status as what changes in it; what the engine says of its own flags is not history. */
function statusChange(status: object, run: KubeObject): unknown {
  const { provenance: _, ...before } = (run['status'] ?? {}) as { readonly provenance?: unknown };
  const { provenance: __, ...after } = status as { readonly provenance?: unknown };
  return { status: mergeDiff(before, asJson(after)) };
}

function pipelineDecision(decision: PipelineRunDecision, run: KubeObject): unknown {
  return decision.type === 'set-status' ? statusChange(decision.status, run) : decision;
}

/** What exactly a pod is made of may grow; that it is started is what counts. */
function taskDecision(decision: TaskRunDecision, run: KubeObject): unknown {
  if (decision.type === 'set-status') return statusChange(decision.status, run);
  return decision.type === 'start-pod' ? { type: 'start-pod', name: decision.plan.name } : decision;
}

function put<T>(known: Map<string, T>, key: string, patch: unknown): void {
  if (patch === null) known.delete(key);
  else known.set(key, mergePatch(known.get(key), patch) as T);
}

function asJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
