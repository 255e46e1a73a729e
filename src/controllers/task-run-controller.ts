import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Runtime } from '../ports/runtime.ts';
import type { Store } from '../ports/store.ts';
import type { EngineConfig } from '../resources/engine-config.ts';
import type { OwnerReference, Stored } from '../resources/object.ts';
import type { Resolved } from '../resources/resolved.ts';
import { sameValue } from '../resources/same-value.ts';
import type { StepAction } from '../resources/step-action/schema.ts';
import type { Task, TaskSpec } from '../resources/task/schema.ts';
import type { TaskRun, TaskRunStatus } from '../resources/task-run/schema.ts';
import { credentialFiles } from '../tasks/credentials/credential-files.ts';
import { decideTaskRun } from '../tasks/decide.ts';
import type { TaskRunDecision, TaskRunFacts } from '../tasks/decisions.ts';
import type { PodObservation } from '../tasks/pod-observation.ts';
import type { PodPlan } from '../tasks/pod-plan.ts';
import { attemptOf, podName, podUid } from '../tasks/pod-uid.ts';
import {
  remoteStepActions,
  remoteTask,
  requestBase,
  specToResolve,
  stepActionNames,
  taskRefName,
  wantsDefinitions,
} from '../tasks/references.ts';
import { createOnce, writeStatus } from './apply.ts';
import { conditionEvents } from './condition-event.ts';
import { credentialSecrets } from './credential-secrets.ts';
import type { Definitions } from './definitions.ts';
import type { EventRecorder } from './event-recorder.ts';
import { HeldStatuses } from './held-statuses.ts';
import type { Informer } from './informer.ts';
import { isDone } from './is-done.ts';
import { gatherMaterials } from './materials.ts';
import type { Pace } from './pace.ts';
import { PodEnder } from './pod-ender.ts';
import { podRecord, podRecordStatus } from './pod-record.ts';
import type { Asker, Resolutions } from './resolutions.ts';
import { RunFinder } from './run-finder.ts';
import { messageOf, WorkQueue } from './work-queue.ts';

export interface TaskRunControllerOptions {
  readonly store: Store;
  readonly runtime: Runtime;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly config: EngineConfig;
  readonly taskRuns: Informer<TaskRun>;
  readonly events: EventRecorder;
  readonly resolutions: Resolutions;
  readonly definitions: Definitions;
  readonly pace: Pace;
}

/** Brings every TaskRun to its end: one loop, keyed by `namespace/name`. */
export class TaskRunController {
  readonly queue: WorkQueue;
  readonly #options: TaskRunControllerOptions;
  readonly #ender: PodEnder;
  readonly #stopListening: () => void;
  /** TaskRun uid to queue key, for what the runtime reports by uid. Of runs that are not held any more nothing is reported. */
  readonly #keys = new Map<string, string>();
  readonly #held: HeldStatuses;
  readonly #finder: RunFinder<TaskRun>;
  /** TaskRuns that were deleted and whose pods are not seen to yet, by queue key. */
  readonly #gone = new Map<string, Stored<TaskRun>[]>();
  /** Every TaskRun of the first list by uid, with the pod it has now unless it is done; let go of when orphans were looked for. */
  #listed: Map<string, string | undefined> | undefined = new Map();

  constructor(options: TaskRunControllerOptions) {
    this.#options = options;
    this.#held = new HeldStatuses(options.pace);
    this.#finder = new RunFinder(options.store, 'tekton.dev/TaskRun', options.taskRuns);
    this.queue = new WorkQueue({
      clock: options.clock,
      logger: options.logger,
      concurrency: 256,
      reconcile: (key) => this.#reconcile(key),
      onPoison: (key, error) => this.#poisoned(key, error),
    });
    this.#ender = new PodEnder(options);
    this.#stopListening = options.runtime.onChange((uid) => {
      const key = this.#keys.get(uid.slice(0, uid.lastIndexOf('-')));
      if (key !== undefined) this.queue.add(key);
    });
  }

  /** The TaskRun informer's listener. */
  onTaskRun(now: Stored<TaskRun> | undefined, before: Stored<TaskRun> | undefined, key: string): void {
    this.#finder.heard(now, key);
    if (now === undefined) {
      this.queue.forget(key);
      if (before === undefined) return;
      this.#keys.delete(before.metadata.uid);
      this.#held.forget(before);
      this.#gone.set(key, [...(this.#gone.get(key) ?? []), before]);
      this.queue.add(key);
      return;
    }
    const done = isDone(now);
    this.#listed?.set(now.metadata.uid, done ? undefined : podUid(now));
    // A done run is looked at once more, to bring its pod's record up to date and to see that nothing of it runs on.
    if (done) {
      this.#keys.delete(now.metadata.uid);
      this.#held.forget(now);
      this.queue.forget(key);
    } else this.#keys.set(now.metadata.uid, key);
    this.queue.add(key);
  }

  /**
   * Ends what an earlier life left running against the records: pods of TaskRuns that are gone are destroyed, pods of earlier attempts and of
   * TaskRuns that are done are stopped (their output is kept). Then the work begins. Call once, when all is listed.
   */
  async begin(): Promise<void> {
    const listed = this.#listed ?? new Map<string, string | undefined>();
    this.#listed = undefined;
    for (const uid of await this.#options.runtime.list()) {
      const owner = uid.slice(0, uid.lastIndexOf('-'));
      if (!listed.has(owner)) this.#ender.end(uid, { type: 'discard' });
      else if (listed.get(owner) !== uid) this.#ender.end(uid, { type: 'stop' });
    }
    this.queue.begin();
  }

  /** Keys and pods waiting or being worked on. */
  get depth(): number {
    return this.queue.depth + this.#ender.queue.depth;
  }

  async close(): Promise<void> {
    this.#stopListening();
    await this.queue.close();
    this.#ender.close();
  }

  async #reconcile(key: string): Promise<void> {
    const { runtime, store, clock } = this.#options;
    this.#discardGone(key);
    const written = await this.#finder.find(key);
    if (written === undefined || written.metadata.deletionTimestamp !== undefined) return;
    const taskRun = this.#held.over(written);
    const pod = await runtime.observe(podUid(taskRun));
    const decisions = decideTaskRun(await this.#facts(key, taskRun, pod), clock.now());
    const plans = decisions.flatMap((decision) => (decision.type === 'start-pod' ? [decision.plan] : []));
    if (plans.length > 0 && (await this.#lastAttemptRuns(taskRun))) return;
    // Pods first: a status names a pod that can be asked, and nothing waits for the disk that need not. A server killed in between
    // decides the same again, and starting the same pod again does nothing.
    // A pod may mount a claim that this very decision creates.
    if (plans.length > 0)
      await Promise.all(decisions.map((decision) => decision.type === 'create-claim' && createOnce(store, decision.claim)));
    for (const plan of plans) await this.#startPod(taskRun, plan);
    const status = this.#statusToWrite(key, written, taskRun, decisions);
    // Status, record and Event in one turn, which is one transaction. What the status has no word of, the record can do without.
    await Promise.all([
      status && this.#setStatus(written, status),
      ...decisions.map((decision) => this.#apply(key, taskRun, decision)),
      (status !== undefined || isDone(taskRun)) && this.#recordPod(taskRun),
    ]);
  }

  /** The latest status, decided now or held, unless it can wait: then it is looked at again in time. First what else is decided, for pods do not wait. */
  #statusToWrite(
    key: string,
    written: Stored<TaskRun>,
    taskRun: Stored<TaskRun>,
    decisions: readonly TaskRunDecision[],
  ): TaskRunStatus | undefined {
    const decided = decisions.find((decision) => decision.type === 'set-status')?.status;
    const status = decided ?? (taskRun === written ? undefined : taskRun.status);
    if (status === undefined) return undefined;
    const due = this.#held.hold(written, status, this.#options.clock.now(), this.#keys.size);
    if (due === undefined) return status;
    this.queue.addAt(key, due);
    return undefined;
  }

  async #startPod(taskRun: Stored<TaskRun>, plan: PodPlan): Promise<void> {
    const { runtime, store, clock } = this.#options;
    const [materials, credentials] = await Promise.all([
      // A cluster finds what its pods refer to by itself.
      runtime.recordsPods === true ? { configMaps: new Map(), secrets: new Map() } : gatherMaterials((key) => store.get(key), plan),
      this.#credentials(taskRun, plan),
    ]);
    await runtime.start(plan, { ...materials, credentials });
    this.#held.podStarted(plan.uid, clock.now());
  }

  async #credentials(taskRun: Stored<TaskRun>, { namespace, serviceAccountName }: PodPlan): Promise<ReadonlyMap<string, string>> {
    const { definitions, config, events } = this.#options;
    const { secrets, missing } = await credentialSecrets((key) => definitions.get(taskRun, key), namespace, serviceAccountName, config);
    const { files, problems } = credentialFiles(secrets);
    if (missing.length > 0) {
      const message = `Unable to retrieve some secrets (${missing.join(', ')}); attempting to use them may not succeed.`;
      void events.occurrence(taskRun, { type: 'Warning', reason: 'FailedToRetrieveSecret', message });
    }
    if (problems.length > 0)
      void events.occurrence(taskRun, { type: 'Warning', reason: 'InvalidCredentials', message: problems.join('; ') });
    return files;
  }

  /** Follows tektoncd/pipeline pkg/pod/creds_init.go, `checkGitSSHSecret`. */
  async #credentialProblem(taskRun: Stored<TaskRun>, pod: PodObservation | undefined): Promise<string | undefined> {
    const { definitions, config } = this.#options;
    const { metadata, spec } = taskRun;
    if (!config['require-git-ssh-secret-known-hosts'] || pod !== undefined) return undefined;
    const account = spec.serviceAccountName || config['default-service-account'];
    const { secrets } = await credentialSecrets((key) => definitions.get(taskRun, key), metadata.namespace ?? '', account, config);
    const lacks = secrets.some(({ type, data }) => type === 'kubernetes.io/ssh-auth' && !data.has('known_hosts'));
    if (!lacks) return undefined;
    return 'TaskRun validation failed. Git SSH Secret must have "known_hosts" included when feature flag "require-git-ssh-secret-known-hosts" is set to true';
  }

  /** No task has two live attempts: the pod of the last one may be ending still, or a killed server has left it. */
  async #lastAttemptRuns(taskRun: Stored<TaskRun>): Promise<boolean> {
    const attempt = attemptOf(taskRun);
    if (attempt === 0) return false;
    const uid = `${taskRun.metadata.uid}-${attempt - 1}`;
    const pod = await this.#options.runtime.observe(uid);
    if (pod === undefined || pod.phase === 'Succeeded' || pod.phase === 'Failed') return false;
    // Its end wakes this TaskRun again.
    this.#ender.end(uid, { type: 'stop', record: recordOf(taskRun, podName(taskRun.metadata.name, attempt - 1)) });
    return true;
  }

  /** Here, and not when it is heard of: the look that was under way may have started one more pod. */
  #discardGone(key: string): void {
    const gone = this.#gone.get(key);
    this.#gone.delete(key);
    for (const taskRun of gone ?? []) {
      for (let attempt = 0; attempt <= attemptOf(taskRun); attempt++)
        this.#ender.end(`${taskRun.metadata.uid}-${attempt}`, { type: 'discard' });
    }
  }

  /** Definitions are read from the store itself, as upstream does: one that was applied just before its run is found. */
  async #facts(key: string, taskRun: Stored<TaskRun>, pod: PodObservation | undefined): Promise<TaskRunFacts> {
    const { definitions, config } = this.#options;
    if (isDone(taskRun) || !wantsDefinitions(taskRun)) return { taskRun, stepActions: new Map(), pod, config };
    const { namespace } = taskRun.metadata;
    const asker: Asker = { run: taskRun, base: requestBase(taskRun), wake: () => this.queue.add(key) };
    const refName = taskRefName(taskRun);
    const remote = remoteTask(taskRun);
    const task =
      remote !== undefined
        ? await this.#options.resolutions.ask('Task', remote, asker)
        : refName !== undefined
          ? await definitions.resolve<Task>(taskRun, { kind: 'tekton.dev/Task', namespace, name: refName })
          : undefined;
    const spec = specToResolve(taskRun, task?.type === 'found' ? task.object.spec : undefined);
    const stepActions = spec === undefined ? new Map<string, Resolved<StepAction>>() : await this.#stepActions(spec, taskRun, asker);
    return { taskRun, task, stepActions, pod, credentialProblem: await this.#credentialProblem(taskRun, pod), config };
  }

  async #stepActions(spec: TaskSpec, taskRun: Stored<TaskRun>, asker: Asker): Promise<ReadonlyMap<string, Resolved<StepAction>>> {
    const { definitions, config, resolutions } = this.#options;
    const { namespace } = taskRun.metadata;
    const stepActions = new Map<string, Resolved<StepAction>>();
    for (const name of stepActionNames(spec))
      stepActions.set(name, await definitions.resolve<StepAction>(taskRun, { kind: 'tekton.dev/StepAction', namespace, name }));
    let open = 0;
    for (const [key, reference] of remoteStepActions(spec, taskRun)) {
      if (open >= config['default-step-ref-concurrency-limit']) break;
      const resolved = await resolutions.ask('StepAction', reference, asker);
      stepActions.set(key, resolved);
      if (resolved.type === 'pending') open++;
    }
    return stepActions;
  }

  async #apply(key: string, taskRun: Stored<TaskRun>, decision: TaskRunDecision): Promise<void> {
    const { store, taskRuns } = this.#options;
    switch (decision.type) {
      case 'set-status':
        // Written, or held, by itself.
        return;
      case 'set-metadata': {
        const { namespace, name } = taskRun.metadata;
        const { labels, annotations } = decision;
        const written = await store.patch<TaskRun>({ kind: 'tekton.dev/TaskRun', namespace, name }, { metadata: { labels, annotations } });
        return taskRuns.learn(written);
      }
      case 'create-claim':
        await createOnce(store, decision.claim);
        return;
      case 'start-pod':
        if (this.#options.runtime.recordsPods) return;
        // In the same turn as the status that names it: nobody sees one without the other.
        await createOnce(store, podRecord(decision.plan, ownerOf(taskRun)));
        return;
      case 'stop-pod':
        return this.#ender.end(decision.uid, { type: 'stop', record: recordOf(taskRun, taskRun.status?.podName) });
      case 'check-again-at':
        this.queue.addAt(key, decision.at);
        return;
    }
  }

  async #setStatus(taskRun: Stored<TaskRun>, status: unknown): Promise<void> {
    const { store, taskRuns, events } = this.#options;
    const told = conditionEvents(taskRun.status, status).map((event) => events.transition(taskRun, event));
    const [written] = await Promise.all([writeStatus(store, taskRun, status), ...told]);
    if (written !== undefined) taskRuns.learn(written);
  }

  #poisoned(key: string, error: unknown): void {
    const taskRun = this.#options.taskRuns.get(key);
    if (taskRun !== undefined)
      void this.#options.events.occurrence(taskRun, { type: 'Warning', reason: 'Error', message: messageOf(error) });
  }

  async #recordPod(taskRun: Stored<TaskRun>): Promise<void> {
    const { store, runtime } = this.#options;
    const name = taskRun.status?.podName;
    if (name === undefined || name === '' || runtime.recordsPods === true) return;
    const record = await store.get({ kind: 'Pod', namespace: taskRun.metadata.namespace, name });
    // After the record: whoever has written its end into it before must not be written over by what was seen earlier.
    const pod = await runtime.observe(podUid(taskRun));
    if (record === undefined || pod === undefined) return;
    const status = podRecordStatus(record, pod);
    // A write that changes nothing is still a turn of the store's.
    if (!sameValue(record['status'], status)) await writeStatus(store, record, status);
  }
}

function recordOf(taskRun: Stored<TaskRun>, name: string | undefined): { namespace: string | undefined; name: string } | undefined {
  return name === undefined || name === '' ? undefined : { namespace: taskRun.metadata.namespace, name };
}

function ownerOf(taskRun: Stored<TaskRun>): OwnerReference {
  const { name, uid } = taskRun.metadata;
  return { apiVersion: 'tekton.dev/v1', kind: 'TaskRun', name, uid, controller: true, blockOwnerDeletion: true };
}
