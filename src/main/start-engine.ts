import { EventRecorder } from '../controllers/event-recorder.ts';
import { Informer } from '../controllers/informer.ts';
import { isDone } from '../controllers/is-done.ts';
import { PipelineRunController } from '../controllers/pipeline-run-controller.ts';
import { TaskRunController } from '../controllers/task-run-controller.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Runtime } from '../ports/runtime.ts';
import type { Store } from '../ports/store.ts';
import type { CustomRun } from '../resources/custom-run/schema.ts';
import type { EngineConfig } from '../resources/engine-config.ts';
import type { GroupKind, KubeObject, Stored } from '../resources/object.ts';
import type { PipelineRun } from '../resources/pipeline-run/schema.ts';
import type { TaskRun } from '../resources/task-run/schema.ts';
import { completeChild } from './complete-child.ts';

export interface EngineOptions {
  readonly store: Store;
  readonly runtime: Runtime;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly config: EngineConfig;
}

export interface Engine {
  /** Keys waiting or being worked on, over both loops. */
  readonly depth: number;
  /** Runs held in memory: those that go on, and their children. */
  readonly held: number;
  /** Ends the loops and waits for what they have in hand; what runs runs on. */
  close(): Promise<void>;
}

/** Starts the two loops and their live copies of the store; resolves when all is listed and every run that is not done is being looked at. */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const { store, runtime, clock, logger, config } = options;
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
      if (now === undefined || isDone(now)) letGoOfChildren(now ?? before);
    },
    (run) => !isDone(run) || ownerIsHeld(run),
  );
  const taskRuns = informer<TaskRun>(
    'tekton.dev/TaskRun',
    (now, before, key) => {
      taskRunController.onTaskRun(now, before, key);
      pipelineRunController.onChild(now, before);
    },
    (taskRun) => !isDone(taskRun) || ownerIsHeld(taskRun),
  );
  const customRuns = informer<CustomRun>(
    'tekton.dev/CustomRun',
    (now, before) => pipelineRunController.onChild(now, before),
    (run) => !isDone(run) || ownerIsHeld(run),
  );

  function ownerIsHeld(child: Stored): boolean {
    const owner = child.metadata.ownerReferences?.find((reference) => reference.controller === true);
    const held = owner?.kind === 'PipelineRun' ? pipelineRuns.get(`${child.metadata.namespace ?? ''}/${owner.name}`) : undefined;
    return held !== undefined && held.metadata.uid === owner?.uid;
  }

  function letGoOfChildren(run: Stored | undefined): void {
    if (run === undefined) return;
    for (const copy of [taskRuns, customRuns, pipelineRuns] as const) {
      for (const child of copy.ownedBy(run.metadata.uid))
        if (isDone(child)) copy.drop(`${child.metadata.namespace ?? ''}/${child.metadata.name}`);
    }
  }

  const events = new EventRecorder({ store, clock, logger });
  const pipelineRunController = new PipelineRunController({
    store,
    clock,
    logger: logger.child({ controller: 'pipelinerun' }),
    config,
    pipelineRuns,
    taskRuns,
    customRuns,
    events,
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
  });

  const informers = [pipelineRuns, taskRuns, customRuns];
  // Children are held as long as their parents are, so parents come first; and both before anything is decided.
  await pipelineRuns.start();
  await Promise.all([taskRuns.start(), customRuns.start()]);
  await taskRunController.begin();
  pipelineRunController.begin();
  return {
    get depth() {
      return pipelineRunController.queue.depth + taskRunController.depth;
    },
    get held() {
      return informers.reduce((sum, copy) => sum + copy.size, 0);
    },
    async close() {
      await Promise.all(informers.map((copy) => copy.close()));
      await Promise.all([pipelineRunController.close(), taskRunController.close()]);
    },
  };
}
