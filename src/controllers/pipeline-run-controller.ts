import { decide, decidePipelineRun } from '../pipelines/decide.ts';
import type { PipelineRunDecision, PipelineRunFacts } from '../pipelines/decisions.ts';
import {
  referencedPipelineName,
  referencedTaskNames,
  remotePipeline,
  remoteTasks,
  taskKey,
  wantsDefinitions,
} from '../pipelines/references.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Store } from '../ports/store.ts';
import type { CustomRun } from '../resources/custom-run/schema.ts';
import type { EngineConfig } from '../resources/engine-config.ts';
import { groupKindOf, type KubeObject, type Stored } from '../resources/object.ts';
import { owningRun } from '../resources/owning-run.ts';
import type { Pipeline, PipelineSpec } from '../resources/pipeline/schema.ts';
import type { PipelineRun, PipelineRunStatus } from '../resources/pipeline-run/schema.ts';
import type { Resolved } from '../resources/resolved.ts';
import { sameValue } from '../resources/same-value.ts';
import type { Task } from '../resources/task/schema.ts';
import type { TaskRun } from '../resources/task-run/schema.ts';
import { createOnce, shareClaim, statusFirst, unlessOutdated, writeStatus } from './apply.ts';
import { conditionEvents } from './condition-event.ts';
import type { Definitions } from './definitions.ts';
import type { EventRecorder } from './event-recorder.ts';
import type { Informer } from './informer.ts';
import { isDone } from './is-done.ts';
import type { Pace } from './pace.ts';
import { withFamily } from './pipeline-family.ts';
import { PlanCache } from './plan-cache.ts';
import type { Resolutions } from './resolutions.ts';
import { reusedFacts } from './reused-facts.ts';
import { RunFinder } from './run-finder.ts';
import { messageOf, WorkQueue } from './work-queue.ts';

export interface PipelineRunControllerOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly config: EngineConfig;
  readonly pipelineRuns: Informer<PipelineRun>;
  readonly taskRuns: Informer<TaskRun>;
  readonly customRuns: Informer<CustomRun>;
  readonly events: EventRecorder;
  readonly resolutions: Resolutions;
  readonly definitions: Definitions;
  readonly pace: Pace;
  /** Defaults a child as admission would. */
  readonly complete: (child: KubeObject) => KubeObject;
}

/** Brings every PipelineRun to its end: one loop, keyed by `namespace/name`. */
export class PipelineRunController {
  readonly queue: WorkQueue;
  readonly #options: PipelineRunControllerOptions;
  readonly #plans = new PlanCache();
  /** When the status of a large run was last written. */
  readonly #written = new Map<string, number>();
  readonly #finder: RunFinder<PipelineRun>;

  constructor(options: PipelineRunControllerOptions) {
    this.#options = options;
    this.#finder = new RunFinder(options.store, 'tekton.dev/PipelineRun', options.pipelineRuns);
    this.queue = new WorkQueue({
      clock: options.clock,
      logger: options.logger,
      concurrency: 64,
      reconcile: (key) => this.#reconcile(key),
      onPoison: (key, error) => this.#poisoned(key, error),
    });
  }

  /** The PipelineRun informer's listener. */
  onPipelineRun(now: Stored<PipelineRun> | undefined, _before: Stored<PipelineRun> | undefined, key: string): void {
    if (now === undefined || isDone(now)) {
      this.queue.forget(key);
      this.#plans.forget(key);
      this.#written.delete(key);
    }
    this.#finder.heard(now, key);
    if (now !== undefined) this.queue.add(key);
  }

  /** The listener of the informers of children: wakes the run that owns the child. */
  onChild(now: Stored | undefined, before: Stored | undefined): void {
    const child = now ?? before;
    const owner = child && owningRun(child);
    if (owner === undefined) return;
    const namespace = child?.metadata.namespace;
    this.queue.add(namespace === undefined ? owner.name : `${namespace}/${owner.name}`);
  }

  /** Call once, when all is listed. */
  begin(): void {
    this.queue.begin();
  }

  async close(): Promise<void> {
    await this.queue.close();
  }

  async #reconcile(key: string): Promise<void> {
    const run = await this.#finder.find(key);
    if (run === undefined || run.metadata.deletionTimestamp !== undefined) return;
    const decisions = this.#thinOut(key, run, await this.#decide(key, run));
    // All in one turn: the store makes them one transaction, so that a status never names a child that was not created.
    await Promise.all(statusFirst(decisions).map((decision) => this.#apply(key, run, decision)));
  }

  async #decide(key: string, run: Stored<PipelineRun>): Promise<readonly PipelineRunDecision[]> {
    const { clock, config } = this.#options;
    const children = this.#children(run);
    const facts: PipelineRunFacts = { run, tasks: new Map(), children, config };
    if (isDone(run)) return decidePipelineRun(facts, clock.now());
    const known = this.#plans.get(key, run);
    if (known !== undefined) return decide(known, facts, clock.now());
    const defined = wantsDefinitions(run) ? await this.#definitions(key, run, children) : facts;
    const complete = await withFamily(run, defined, this.#options);
    const outcome = this.#plans.make(key, complete);
    // Only now is it known what its tasks ask of resolvers, variables replaced; and that it is a pipeline worth asking for.
    const asked =
      outcome.type === 'waiting' && wantsDefinitions(run) ? await this.#askForTasks(key, complete, outcome.pipelineSpec) : undefined;
    return asked === undefined ? decide(outcome, complete, clock.now()) : decide(this.#plans.make(key, asked), asked, clock.now());
  }

  #children({ metadata: { uid } }: Stored<PipelineRun>): readonly Stored[] {
    const { taskRuns, customRuns, pipelineRuns } = this.#options;
    return [...taskRuns.ownedBy(uid), ...customRuns.ownedBy(uid), ...pipelineRuns.ownedBy(uid)];
  }

  /** Definitions are read from the store itself, as upstream does: one that was applied just before its run is found. */
  async #definitions(key: string, run: Stored<PipelineRun>, children: readonly Stored[]): Promise<PipelineRunFacts> {
    const { store, definitions, config, resolutions } = this.#options;
    const { namespace } = run.metadata;
    const name = referencedPipelineName(run);
    const remote = remotePipeline(run);
    const pipeline =
      remote !== undefined
        ? await resolutions.ask('Pipeline', remote, { run, base: run.metadata.name, wake: () => this.queue.add(key) })
        : name !== undefined
          ? await definitions.resolve<Pipeline>(run, { kind: 'tekton.dev/Pipeline', namespace, name })
          : undefined;
    const tasks = new Map<string, Resolved<Task>>(begunTasks(children));
    for (const task of referencedTaskNames(run, pipeline)) {
      if (!tasks.has(task)) tasks.set(task, await definitions.resolve<Task>(run, { kind: 'tekton.dev/Task', namespace, name: task }));
    }
    return { run, pipeline, tasks, children, reused: await reusedFacts(store, run), config };
  }

  /** The facts with what resolvers say of the pipeline's tasks; `undefined` when none of them is a resolver's. */
  async #askForTasks(key: string, facts: PipelineRunFacts, spec: PipelineSpec | undefined): Promise<PipelineRunFacts | undefined> {
    const run = facts.run as Stored<PipelineRun>;
    const tasks = new Map(facts.tasks);
    for (const task of spec === undefined ? [] : remoteTasks(run, spec)) {
      if (tasks.has(task.key)) continue;
      const asker = { run, base: task.base, wake: () => this.queue.add(key) };
      tasks.set(task.key, await this.#options.resolutions.ask('Task', task.reference, asker));
    }
    return tasks.size === facts.tasks.size ? undefined : { ...facts, tasks };
  }

  /**
   * The status of a large run is a large text, and every child that moves would write all of it again: what it says anew of children and
   * their number waits until it is worth it. Children do not wait, nor does anything else a status says; a run cut off in between finds its
   * children by their owner.
   */
  #thinOut(key: string, run: Stored<PipelineRun>, decisions: readonly PipelineRunDecision[]): readonly PipelineRunDecision[] {
    const next = decisions.find((decision) => decision.type === 'set-status')?.status;
    if (next === undefined) return decisions;
    const now = this.#options.clock.now();
    const pause = pauseBetweenWrites(next, this.#options.pace);
    const due = (this.#written.get(key) ?? 0) + pause;
    if (pause === 0 || now >= due || !onlyMovedOn(run.status, next)) {
      if (pause > 0) this.#written.set(key, now);
      return decisions;
    }
    this.queue.addAt(key, due);
    return decisions.filter(({ type }) => type !== 'set-status');
  }

  async #apply(key: string, run: Stored<PipelineRun>, decision: PipelineRunDecision): Promise<void> {
    const { store, pipelineRuns } = this.#options;
    switch (decision.type) {
      case 'set-status':
        return this.#setStatus(run, decision.status);
      case 'set-metadata': {
        const { namespace, name } = run.metadata;
        const { labels, annotations } = decision;
        const patch = { metadata: { labels, annotations } };
        const written = await unlessOutdated(store.patch<PipelineRun>({ kind: 'tekton.dev/PipelineRun', namespace, name }, patch));
        if (written !== undefined) pipelineRuns.learn(written);
        return;
      }
      case 'create-claim':
        await createOnce(store, decision.claim);
        return;
      case 'share-claim':
        return shareClaim(store, run.metadata.namespace, decision);
      case 'create-child':
        return this.#create(decision.child);
      case 'cancel-child': {
        const { kind, name, status, statusMessage } = decision;
        await unlessOutdated(
          store.patch({ kind: `tekton.dev/${kind}`, namespace: run.metadata.namespace, name }, { spec: { status, statusMessage } }),
        );
        return;
      }
      case 'check-again-at':
        this.queue.addAt(key, decision.at);
        return;
    }
  }

  async #setStatus(run: Stored<PipelineRun>, status: unknown): Promise<void> {
    const { store, pipelineRuns, events } = this.#options;
    const told = conditionEvents(run.status, status).map((event) => events.transition(run, event));
    const [written] = await Promise.all([writeStatus(store, run, status), ...told]);
    if (written !== undefined) pipelineRuns.learn(written);
  }

  async #create(child: KubeObject): Promise<void> {
    const { store, complete, taskRuns, customRuns, pipelineRuns } = this.#options;
    const created = await createOnce(store, complete(child));
    if (created === undefined) return;
    switch (groupKindOf(created)) {
      case 'tekton.dev/TaskRun':
        return taskRuns.learn(created as unknown as Stored<TaskRun>);
      case 'tekton.dev/CustomRun':
        return customRuns.learn(created as unknown as Stored<CustomRun>);
      case 'tekton.dev/PipelineRun':
        return pipelineRuns.learn(created as unknown as Stored<PipelineRun>);
    }
  }

  #poisoned(key: string, error: unknown): void {
    const run = this.#options.pipelineRuns.get(key);
    if (run !== undefined) void this.#options.events.occurrence(run, { type: 'Warning', reason: 'Error', message: messageOf(error) });
  }
}

/** Milliseconds; grows with the size, so that a run costs the same per task however large it is. */
function pauseBetweenWrites({ pipelineSpec }: PipelineRunStatus, { largeRun, perTaskMs, longestMs }: Pace): number {
  const tasks = (pipelineSpec?.tasks?.length ?? 0) + (pipelineSpec?.finally?.length ?? 0);
  return tasks <= largeRun ? 0 : Math.min(longestMs, tasks * perTaskMs);
}

/** Whether all that is new is which children there are and how many have ended, under the same reason. */
function onlyMovedOn(before: PipelineRunStatus | undefined, now: PipelineRunStatus): boolean {
  if (before === undefined) return false;
  const { conditions: told, childReferences: _, skippedTasks: __, ...kept } = before;
  const { conditions, childReferences: ___, skippedTasks: ____, ...rest } = now;
  return sameReasons(told, conditions) && sameValue(kept, rest);
}

function sameReasons(a: PipelineRunStatus['conditions'], b: PipelineRunStatus['conditions']): boolean {
  const reasons = (conditions: PipelineRunStatus['conditions']) =>
    (conditions ?? []).map(({ type, status, reason }) => [type, status, reason]);
  return sameValue(reasons(a), reasons(b));
}

/**
 * Tasks as the run's children began with them, which hold after a restart whatever became of the Tasks since. Follows tektoncd/pipeline
 * pkg/reconciler/pipelinerun/resources, `GetTaskFunc` for a TaskRun that exists.
 */
function begunTasks(children: readonly Stored[]): ReadonlyMap<string, Resolved<Task>> {
  const tasks = new Map<string, Resolved<Task>>();
  for (const child of children) {
    if (child.kind !== 'TaskRun') continue;
    const { metadata, spec, status } = child as Stored<TaskRun>;
    const { taskRef } = spec;
    if (taskRef === undefined || status?.taskSpec === undefined) continue;
    const pipelineTask = { name: metadata.labels?.['tekton.dev/pipelineTask'] ?? '', taskRef };
    const name = taskRef.resolver ? metadata.labels?.['tekton.dev/task'] : taskRef.name;
    const object: Task = { apiVersion: 'tekton.dev/v1', kind: 'Task', metadata: { name }, spec: status.taskSpec };
    tasks.set(taskKey(pipelineTask), { type: 'found', object });
  }
  return tasks;
}
