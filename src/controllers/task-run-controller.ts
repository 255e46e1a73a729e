import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Runtime } from '../ports/runtime.ts';
import type { Store } from '../ports/store.ts';
import type { EngineConfig } from '../resources/engine-config.ts';
import type { OwnerReference, Stored } from '../resources/object.ts';
import type { Resolved } from '../resources/resolved.ts';
import type { StepAction } from '../resources/step-action/schema.ts';
import type { Task } from '../resources/task/schema.ts';
import type { TaskRun } from '../resources/task-run/schema.ts';
import { decideTaskRun } from '../tasks/decide.ts';
import type { TaskRunDecision, TaskRunFacts } from '../tasks/decisions.ts';
import { podUid } from '../tasks/pod-uid.ts';
import { stepActionNames, taskRefName } from '../tasks/references.ts';
import type { PodObservation } from '../tasks/pod-observation.ts';
import type { PodPlan } from '../tasks/pod-plan.ts';
import { createOnce, statusFirst, writeStatus } from './apply.ts';
import { type Informer, objectKey } from './informer.ts';
import { gatherMaterials } from './materials.ts';
import { podRecord, podRecordStatus } from './pod-record.ts';
import { WorkQueue } from './work-queue.ts';

export interface TaskRunControllerOptions {
  readonly store: Store;
  readonly runtime: Runtime;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly config: EngineConfig;
  readonly taskRuns: Informer<TaskRun>;
  readonly tasks: Informer<Task>;
  readonly stepActions: Informer<StepAction>;
}

/** Brings every TaskRun to its end: one loop, keyed by `namespace/name`. */
export class TaskRunController {
  readonly queue: WorkQueue;
  readonly #options: TaskRunControllerOptions;
  readonly #stopListening: () => void;
  /** TaskRun uid to queue key, for what the runtime reports by uid. */
  readonly #keys = new Map<string, string>();

  constructor(options: TaskRunControllerOptions) {
    this.#options = options;
    this.queue = new WorkQueue({
      clock: options.clock,
      logger: options.logger,
      concurrency: 256,
      reconcile: (key) => this.#reconcile(key),
    });
    this.#stopListening = options.runtime.onChange((uid) => {
      const key = this.#keys.get(uid.slice(0, uid.lastIndexOf('-')));
      if (key !== undefined) this.queue.add(key);
    });
  }

  /** The TaskRun informer's listener. */
  onTaskRun(now: Stored<TaskRun> | undefined, before: Stored<TaskRun> | undefined, key: string): void {
    if (now !== undefined) {
      this.#keys.set(now.metadata.uid, key);
      this.queue.add(key);
      return;
    }
    this.queue.forget(key);
    if (before !== undefined) {
      this.#keys.delete(before.metadata.uid);
      void this.#discard(before);
    }
  }

  /** A Task or StepAction came or changed: TaskRuns that waited for it in vain look again. */
  onDefinition(): void {
    for (const taskRun of this.#options.taskRuns.values()) if (taskRun.status?.podName === undefined) this.queue.add(objectKey(taskRun));
  }

  /** Destroys pods whose TaskRun is gone; call once after the first list. */
  async discardOrphans(): Promise<void> {
    const { runtime } = this.#options;
    for (const uid of await runtime.list()) {
      if (!this.#keys.has(uid.slice(0, uid.lastIndexOf('-')))) await this.#discardPod(uid);
    }
  }

  async close(): Promise<void> {
    this.#stopListening();
    await this.queue.close();
  }

  async #reconcile(key: string): Promise<void> {
    const { taskRuns, runtime, clock } = this.#options;
    const taskRun = taskRuns.get(key);
    if (taskRun === undefined || taskRun.metadata.deletionTimestamp !== undefined) return;
    const pod = await runtime.observe(podUid(taskRun));
    const decisions = decideTaskRun(this.#facts(taskRun, pod), clock.now());
    // Pods first: a status names a pod that can be asked, and nothing waits for the disk that need not. A server killed in between
    // decides the same again, and starting the same pod again does nothing.
    for (const decision of decisions) if (decision.type === 'start-pod') await this.#startPod(decision.plan);
    await Promise.all(statusFirst(decisions).map((decision) => this.#apply(key, taskRun, decision)));
    if (pod !== undefined) await this.#recordPod(taskRun, pod);
  }

  #facts(taskRun: Stored<TaskRun>, pod: PodObservation | undefined): TaskRunFacts {
    const { tasks, stepActions, config } = this.#options;
    const { namespace = '' } = taskRun.metadata;
    const refName = taskRefName(taskRun);
    const task: Resolved<Task> | undefined =
      refName === undefined ? undefined : found(tasks.get(`${namespace}/${refName}`), `tasks.tekton.dev "${refName}" not found`);
    const spec = taskRun.status?.taskSpec ?? taskRun.spec.taskSpec ?? (task?.type === 'found' ? task.object.spec : undefined);
    const actions = new Map<string, Resolved<StepAction>>();
    for (const name of spec === undefined ? [] : stepActionNames(spec)) {
      actions.set(name, found(stepActions.get(`${namespace}/${name}`), `stepactions.tekton.dev "${name}" not found`));
    }
    return { taskRun, task, stepActions: actions, pod, config };
  }

  async #apply(key: string, taskRun: Stored<TaskRun>, decision: TaskRunDecision): Promise<void> {
    const { store, runtime } = this.#options;
    switch (decision.type) {
      case 'set-status':
        return writeStatus(store, taskRun, decision.status);
      case 'set-metadata': {
        const { namespace, name } = taskRun.metadata;
        await store.patch({ kind: 'tekton.dev/TaskRun', namespace, name }, { metadata: { labels: decision.labels, annotations: decision.annotations } });
        return;
      }
      case 'create-claim':
        return createOnce(store, decision.claim);
      case 'start-pod':
        // In the same turn as the status that names it: nobody sees one without the other.
        return createOnce(store, podRecord(decision.plan, ownerOf(taskRun)));
      case 'stop-pod':
        await runtime.stop(decision.uid, { graceMs: STOP_GRACE_MS });
        return;
      case 'check-again-at':
        this.queue.addAt(key, decision.at);
        return;
    }
  }

  async #startPod(plan: PodPlan): Promise<void> {
    const { store, runtime } = this.#options;
    await runtime.start(plan, await gatherMaterials(store, plan));
  }

  async #recordPod(taskRun: Stored<TaskRun>, pod: PodObservation): Promise<void> {
    const { store } = this.#options;
    const name = taskRun.status?.podName;
    if (name === undefined || name === '') return;
    const record = await store.get({ kind: 'Pod', namespace: taskRun.metadata.namespace, name });
    if (record !== undefined) await writeStatus(store, record, podRecordStatus(record, pod));
  }

  async #discard(taskRun: Stored<TaskRun>): Promise<void> {
    const attempts = taskRun.status?.retriesStatus?.length ?? 0;
    for (let attempt = 0; attempt <= attempts; attempt++) await this.#discardPod(`${taskRun.metadata.uid}-${attempt}`);
  }

  async #discardPod(uid: string): Promise<void> {
    const { runtime, logger } = this.#options;
    try {
      await runtime.stop(uid, { graceMs: 0 });
      await runtime.remove(uid);
    } catch (error) {
      logger.warn('could not remove a pod, the next start will try again', { uid, error: error instanceof Error ? error.message : String(error) });
    }
  }
}

/** Kubernetes' own default for a pod's grace period is 30 s; on one machine people wait for it. */
const STOP_GRACE_MS = 10_000;

function found<T>(object: T | undefined, message: string): Resolved<T> {
  return object === undefined ? { type: 'missing', message } : { type: 'found', object };
}

function ownerOf(taskRun: Stored<TaskRun>): OwnerReference {
  const { name, uid } = taskRun.metadata;
  return { apiVersion: 'tekton.dev/v1', kind: 'TaskRun', name, uid, controller: true, blockOwnerDeletion: true };
}
