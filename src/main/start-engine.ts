import { Definitions } from '../controllers/definitions.ts';
import { EventRecorder } from '../controllers/event-recorder.ts';
import { Informer } from '../controllers/informer.ts';
import { isDone } from '../controllers/is-done.ts';
import { type Pace, promptPace } from '../controllers/pace.ts';
import { PipelineRunController } from '../controllers/pipeline-run-controller.ts';
import { ResolutionCache } from '../controllers/resolution-cache.ts';
import { ResolutionController } from '../controllers/resolution-controller.ts';
import { Resolutions } from '../controllers/resolutions.ts';
import { TagWatch } from '../controllers/tag-watch.ts';
import { TaskRunController } from '../controllers/task-run-controller.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Resolver } from '../ports/resolver.ts';
import type { Runtime } from '../ports/runtime.ts';
import type { Store } from '../ports/store.ts';
import type { CustomRun } from '../resources/custom-run/schema.ts';
import { parseDuration } from '../resources/duration.ts';
import type { EngineConfig } from '../resources/engine-config.ts';
import type { GroupKind, KubeObject, Stored } from '../resources/object.ts';
import { owningRun } from '../resources/owning-run.ts';
import type { PipelineRun } from '../resources/pipeline-run/schema.ts';
import type { ResolutionRequest } from '../resources/resolution-request/schema.ts';
import type { TaskRun } from '../resources/task-run/schema.ts';
import { completeChild } from './complete-child.ts';
import { notADefinition, readDefinition } from './read-definition.ts';

export interface EngineOptions {
  readonly store: Store;
  readonly runtime: Runtime;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly config: EngineConfig;
  /** Absent: as fits a store on this machine. */
  readonly pace?: Pace | undefined;
  /** Absent: none is built in; a program of the user's may answer ResolutionRequests. */
  readonly resolvers?: EngineResolvers | undefined;
  /** Hears of every change of a PipelineRun, TaskRun or CustomRun. */
  readonly audience?: RunAudience | undefined;
}

export interface RunAudience {
  changed(now: Stored | undefined, before: Stored | undefined): void;
  /** All that is there already has been told. */
  begin(engine: EngineLoad): void;
  /** Nothing more will be told until all is told anew: what was under way may have gone on, or be another process's now. */
  end(): void;
}

/** What fetches definitions, and how much of it is kept. */
export interface EngineResolvers {
  readonly resolvers: readonly Resolver[];
  readonly cache: { readonly maxSize: number; readonly ttlMs: number };
  /** Refuses references that may lead elsewhere tomorrow. */
  readonly requirePinned: boolean;
}

export interface EngineLoad {
  /** Keys waiting or being worked on, over all loops. */
  readonly depth: number;
  /** Objects held in memory: runs that go on, their children, and questions that are open. */
  readonly held: number;
}

export interface Engine extends EngineLoad {
  /** Ends the loops and waits for what they have in hand; what runs runs on. */
  close(): Promise<void>;
}

/** Starts the loops and their live copies of the store; resolves when all is listed and every run that is not done is being looked at. */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const { store, runtime, clock, logger, config, audience, pace = promptPace } = options;
  const informer = <T extends KubeObject>(
    kind: GroupKind,
    onChange?: (now: Stored<T> | undefined, before: Stored<T> | undefined, key: string) => void,
    hold?: (object: Stored<T>) => boolean,
  ): Informer<T> => new Informer<T>({ store, clock, logger, kind, onChange, hold });

  // What is done is not held, or memory would grow with history; children stay while their run still decides by them.
  const pipelineRuns = informer<PipelineRun>(
    'tekton.dev/PipelineRun',
    (now, before, key) => {
      pipelineRunController.onPipelineRun(now, before, key);
      pipelineRunController.onChild(now, before);
      audience?.changed(now, before);
      if (now === undefined || isDone(now)) letGoOfChildren(now ?? before);
    },
    (run) => !isDone(run) || ownerIsHeld(run),
  );
  const taskRuns = informer<TaskRun>(
    'tekton.dev/TaskRun',
    (now, before, key) => {
      taskRunController.onTaskRun(now, before, key);
      pipelineRunController.onChild(now, before);
      audience?.changed(now, before);
    },
    (taskRun) => !isDone(taskRun) || ownerIsHeld(taskRun),
  );
  const customRuns = informer<CustomRun>(
    'tekton.dev/CustomRun',
    (now, before) => {
      pipelineRunController.onChild(now, before);
      audience?.changed(now, before);
    },
    (run) => !isDone(run) || ownerIsHeld(run),
  );

  function ownerIsHeld(child: Stored): boolean {
    const owner = owningRun(child);
    const held = owner && pipelineRuns.get(`${child.metadata.namespace ?? ''}/${owner.name}`);
    return held !== undefined && held.metadata.uid === owner?.uid;
  }

  function letGoOfChildren(run: Stored | undefined): void {
    if (run === undefined) return;
    for (const copy of [taskRuns, customRuns, pipelineRuns] as const) {
      for (const child of copy.ownedBy(run.metadata.uid))
        if (isDone(child)) copy.drop(`${child.metadata.namespace ?? ''}/${child.metadata.name}`);
    }
  }

  const events = new EventRecorder({ store, clock, logger, pace });
  const definitions = new Definitions({ store, clock, pace });
  // Whoever waits for an answer is woken by it; what is answered is not held.
  const requests = informer<ResolutionRequest>(
    'resolution.tekton.dev/ResolutionRequest',
    (now, before, key) => {
      resolutionController.onRequest(now, before, key);
      resolutions.onRequest(now, before, key);
    },
    (request) => !isDone(request),
  );
  const resolutions = new Resolutions({ store, clock, requests, read: readDefinition(config) });
  const resolutionController = new ResolutionController({
    store,
    clock,
    logger: logger.child({ controller: 'resolutionrequest' }),
    requests,
    resolvers: new Map(options.resolvers?.resolvers.map((resolver) => [resolver.type, resolver])),
    cache: new ResolutionCache({ clock, ...(options.resolvers?.cache ?? { maxSize: 0, ttlMs: 0 }) }),
    tags: new TagWatch({ store, events }),
    timeoutMs: parseDuration(config['default-maximum-resolution-timeout']) ?? 60_000,
    requirePinned: options.resolvers?.requirePinned ?? false,
    notADefinition,
  });
  const pipelineRunController = new PipelineRunController({
    store,
    clock,
    logger: logger.child({ controller: 'pipelinerun' }),
    config,
    pipelineRuns,
    taskRuns,
    customRuns,
    events,
    resolutions,
    definitions,
    pace,
    complete: (child) => completeChild(child, config),
  });
  const taskRunController = new TaskRunController({
    store,
    runtime,
    clock,
    logger: logger.child({ controller: 'taskrun' }),
    config,
    taskRuns,
    events,
    resolutions,
    definitions,
    pace,
  });

  const informers = [pipelineRuns, taskRuns, customRuns, requests];
  // Children are held as long as their parents are, so parents come first; and both before anything is decided.
  await pipelineRuns.start();
  await Promise.all([taskRuns.start(), customRuns.start(), requests.start()]);
  const engine: Engine = {
    get depth() {
      return pipelineRunController.queue.depth + taskRunController.depth + resolutionController.depth;
    },
    get held() {
      return informers.reduce((sum, copy) => sum + copy.size, 0);
    },
    async close() {
      await Promise.all(informers.map((copy) => copy.close()));
      await Promise.all([pipelineRunController.close(), taskRunController.close(), resolutionController.close()]);
      await events.close();
      audience?.end();
    },
  };
  audience?.begin(engine);
  await taskRunController.begin();
  pipelineRunController.begin();
  resolutionController.begin();
  return engine;
}
