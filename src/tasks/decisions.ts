import type { EngineConfig } from '../resources/engine-config.ts';
import type { KubeObject } from '../resources/object.ts';
import type { Resolved } from '../resources/resolved.ts';
import type { StepAction } from '../resources/step-action/schema.ts';
import type { Task } from '../resources/task/schema.ts';
import type { TaskRun, TaskRunStatus } from '../resources/task-run/schema.ts';
import type { PodObservation } from './pod-observation.ts';
import type { PodPlan } from './pod-plan.ts';

/** Everything one decision about a TaskRun rests on. Facts only, no handles. */
export interface TaskRunFacts {
  readonly taskRun: TaskRun;
  /** What `spec.taskRef` leads to; absent for an embedded `taskSpec` or when `status.taskSpec` is already there. */
  readonly task?: Resolved<Task> | undefined;
  /** By name; for every `steps[].ref.name` of the task. */
  readonly stepActions: ReadonlyMap<string, Resolved<StepAction>>;
  /** The current attempt's pod, as the runtime sees it; absent when it was never started. */
  readonly pod?: PodObservation | undefined;
  /** Why the secrets of its ServiceAccount may not be used; then no pod is started. */
  readonly credentialProblem?: string | undefined;
  readonly config: EngineConfig;
}

/**
 * What is to be done about a TaskRun, in order. Each is idempotent: doing it twice is doing it once.
 */
export type TaskRunDecision =
  /** Replace the whole status. Never emitted when it would change nothing. */
  | { readonly type: 'set-status'; readonly status: TaskRunStatus }
  /** Merge into metadata (task name label, labels of the Task); emitted only when something changes. */
  | {
      readonly type: 'set-metadata';
      readonly labels: Readonly<Record<string, string>>;
      readonly annotations: Readonly<Record<string, string>>;
    }
  /** Create a PersistentVolumeClaim from a volumeClaimTemplate; it may exist already. */
  | { readonly type: 'create-claim'; readonly claim: KubeObject }
  | { readonly type: 'start-pod'; readonly plan: PodPlan }
  | { readonly type: 'stop-pod'; readonly uid: string }
  /** Look again at this instant (a timeout ends then), milliseconds since the epoch. */
  | { readonly type: 'check-again-at'; readonly at: number };
