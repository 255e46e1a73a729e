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
import { specToResolve, stepActionNames, taskRefName } from '../tasks/references.ts';
import type { PodObservation } from '../tasks/pod-observation.ts';
import type { PodPlan } from '../tasks/pod-plan.ts';
import { createOnce, statusFirst, writeStatus } from './apply.ts';
import { type Informer, objectKey } from './informer.ts';
import { isDone } from './is-done.ts';
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
  /** TaskRun uid to queue key, for what the runtime reports by uid. Of runs that are not held any more nothing is reported. */
  readonly #keys = new Map<string, string>();
  /** Every TaskRun of the first list by uid, with the pod it has now unless it is done; let go of when orphans were looked for. */
  #listed: Map<string, string | undefined> | undefined = new Map();

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
    if (now === undefined) {
      this.queue.forget(key);
      if (before === undefined) return;
      this.#keys.delete(before.metadata.uid);
      void this.#discard(before);
      return;
    }
    const done = isDone(now);
    this.#listed?.set(now.metadata.uid, done ? undefined : podUid(now));
    // A done run is looked at once more, to bring its pod's record up to date and to see that nothing of it runs on.
    if (done) this.#keys.delete(now.metadata.uid);
    else this.#keys.set(now.metadata.uid, key);
    this.queue.add(key);
  }

  /** A Task or StepAction came or changed: TaskRuns that waited for it in vain look again. */
  onDefinition(): void {
    for (const taskRun of this.#options.taskRuns.values()) if (taskRun.status?.podName === undefined) this.queue.add(objectKey(taskRun));
  }

  /**
   * Ends what an earlier life left running against the records: pods of TaskRuns that are gone are destroyed, pods of earlier attempts and of
   * TaskRuns that are done are stopped (their output is kept). Call once, after the first list.
   */
  async settlePods(): Promise<void> {
    const { runtime } = this.#options;
    const listed = this.#listed ?? new Map<string, string | undefined>();
    this.#listed = undefined;
    for (const uid of await runtime.list()) {
      const owner = uid.slice(0, uid.lastIndexOf('-'));
      if (!listed.has(owner)) await this.#discardPod(uid);
      else if (listed.get(owner) !== uid) await runtime.stop(uid, { graceMs: STOP_GRACE_MS });
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
    const pods = decisions.filter((decision) => decision.type === 'start-pod');
    // A pod may mount a claim that this very decision creates.
    if (pods.length > 0) await Promise.all(decisions.map((decision) => decision.type === 'create-claim' && createOnce(this.#options.store, decision.claim)));
    for (const { plan } of pods) await this.#startPod(plan);
    // Status and record in one turn, which is one transaction.
    await Promise.all([...statusFirst(decisions).map((decision) => this.#apply(key, taskRun, decision)), this.#recordPod(taskRun, pod)]);
  }

  #facts(taskRun: Stored<TaskRun>, pod: PodObservation | undefined): TaskRunFacts {
    const { tasks, stepActions, config } = this.#options;
    const { namespace = '' } = taskRun.metadata;
    const refName = taskRefName(taskRun);
    const task: Resolved<Task> | undefined =
      refName === undefined ? undefined : found(tasks.get(`${namespace}/${refName}`), `tasks.tekton.dev "${refName}" not found`);
    const spec = specToResolve(taskRun, task?.type === 'found' ? task.object.spec : undefined);
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
        // The TaskRun may be done by now and looked at no more: the record tells how the pod ended.
        return this.#recordPod(taskRun, await runtime.observe(decision.uid));
      case 'check-again-at':
        this.queue.addAt(key, decision.at);
        return;
    }
  }

  async #startPod(plan: PodPlan): Promise<void> {
    const { store, runtime } = this.#options;
    await runtime.start(plan, await gatherMaterials(store, plan));
  }

  async #recordPod(taskRun: Stored<TaskRun>, pod: PodObservation | undefined): Promise<void> {
    const { store } = this.#options;
    const name = taskRun.status?.podName;
    if (pod === undefined || name === undefined || name === '') return;
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
