import { decide } from '../pipelines/decide.ts';
import type { PipelineRunDecision, PipelineRunFacts } from '../pipelines/decisions.ts';
import { referencedPipelineName, referencedTaskNames } from '../pipelines/references.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import { type Store, StoreError } from '../ports/store.ts';
import type { CustomRun } from '../resources/custom-run/schema.ts';
import type { EngineConfig } from '../resources/engine-config.ts';
import type { KubeObject, Stored } from '../resources/object.ts';
import type { Pipeline } from '../resources/pipeline/schema.ts';
import type { PipelineRun } from '../resources/pipeline-run/schema.ts';
import type { Resolved } from '../resources/resolved.ts';
import type { Task } from '../resources/task/schema.ts';
import type { TaskRun } from '../resources/task-run/schema.ts';
import { createOnce, statusFirst, writeStatus } from './apply.ts';
import { type Informer, objectKey } from './informer.ts';
import { PlanCache } from './plan-cache.ts';
import { WorkQueue } from './work-queue.ts';

export interface PipelineRunControllerOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly config: EngineConfig;
  readonly pipelineRuns: Informer<PipelineRun>;
  readonly taskRuns: Informer<TaskRun>;
  readonly customRuns: Informer<CustomRun>;
  readonly pipelines: Informer<Pipeline>;
  readonly tasks: Informer<Task>;
  /** Defaults a child as admission would. */
  readonly complete: (child: KubeObject) => KubeObject;
}

/** Brings every PipelineRun to its end: one loop, keyed by `namespace/name`. */
export class PipelineRunController {
  readonly queue: WorkQueue;
  readonly #options: PipelineRunControllerOptions;
  readonly #plans = new PlanCache();

  constructor(options: PipelineRunControllerOptions) {
    this.#options = options;
    this.queue = new WorkQueue({
      clock: options.clock,
      logger: options.logger,
      concurrency: 64,
      reconcile: (key) => this.#reconcile(key),
    });
  }

  /** The PipelineRun informer's listener. */
  onPipelineRun(now: Stored<PipelineRun> | undefined, _before: Stored<PipelineRun> | undefined, key: string): void {
    if (now !== undefined) this.queue.add(key);
    else {
      this.queue.forget(key);
      this.#plans.forget(key);
    }
  }

  /** The listener of the TaskRun and CustomRun informers: wakes the run that owns the child. */
  onChild(now: Stored | undefined, before: Stored | undefined): void {
    const child = now ?? before;
    const owner = child?.metadata.ownerReferences?.find((reference) => reference.controller === true && reference.kind === 'PipelineRun');
    if (owner === undefined) return;
    const namespace = child?.metadata.namespace;
    this.queue.add(namespace === undefined ? owner.name : `${namespace}/${owner.name}`);
  }

  /** A Pipeline or Task came or changed: runs that have not begun look again. */
  onDefinition(): void {
    for (const run of this.#options.pipelineRuns.values()) if (run.status?.pipelineSpec === undefined) this.queue.add(objectKey(run));
  }

  async close(): Promise<void> {
    await this.queue.close();
  }

  async #reconcile(key: string): Promise<void> {
    const { pipelineRuns, clock } = this.#options;
    const run = pipelineRuns.get(key);
    if (run === undefined || run.metadata.deletionTimestamp !== undefined) {
      // Gone, or done and no longer held.
      this.#plans.forget(key);
      return;
    }
    const facts = this.#facts(key, run);
    const decisions = decide(this.#plans.plan(key, facts), facts, clock.now());
    // All in one turn: the store makes them one transaction, so that a status never names a child that was not created.
    await Promise.all(statusFirst(decisions).map((decision) => this.#apply(key, run, decision)));
  }

  #facts(key: string, run: Stored<PipelineRun>): PipelineRunFacts {
    const { pipelines, tasks, taskRuns, customRuns, pipelineRuns, config } = this.#options;
    const { namespace = '', uid } = run.metadata;
    const pipelineName = referencedPipelineName(run);
    const pipeline: Resolved<Pipeline> | undefined =
      pipelineName === undefined ? undefined : found(pipelines.get(`${namespace}/${pipelineName}`), `pipelines.tekton.dev "${pipelineName}" not found`);
    const byName = new Map<string, Resolved<Task>>();
    for (const name of this.#plans.taskNames(key, run) ?? referencedTaskNames(run, pipeline)) {
      byName.set(name, found(tasks.get(`${namespace}/${name}`), `tasks.tekton.dev "${name}" not found`));
    }
    const children = [...taskRuns.ownedBy(uid), ...customRuns.ownedBy(uid), ...pipelineRuns.ownedBy(uid)];
    return { run, pipeline, tasks: byName, children, config };
  }

  async #apply(key: string, run: Stored<PipelineRun>, decision: PipelineRunDecision): Promise<void> {
    const { store, complete } = this.#options;
    switch (decision.type) {
      case 'set-status':
        return writeStatus(store, run, decision.status);
      case 'set-metadata': {
        const { namespace, name } = run.metadata;
        await store.patch({ kind: 'tekton.dev/PipelineRun', namespace, name }, { metadata: { labels: decision.labels, annotations: decision.annotations } });
        return;
      }
      case 'create-claim':
        return createOnce(store, decision.claim);
      case 'create-child':
        return createOnce(store, complete(decision.child));
      case 'cancel-child':
        return this.#cancel(run, decision.kind, decision.name, { status: decision.status, statusMessage: decision.statusMessage });
      case 'check-again-at':
        this.queue.addAt(key, decision.at);
        return;
    }
  }

  async #cancel(run: Stored<PipelineRun>, kind: string, name: string, spec: Readonly<Record<string, string>>): Promise<void> {
    try {
      await this.#options.store.patch({ kind: `tekton.dev/${kind}`, namespace: run.metadata.namespace, name }, { spec });
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== 'NotFound') throw error;
    }
  }
}

function found<T>(object: T | undefined, message: string): Resolved<T> {
  return object === undefined ? { type: 'missing', message } : { type: 'found', object };
}
