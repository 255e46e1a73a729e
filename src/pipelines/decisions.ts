import type { EngineConfig } from '../resources/engine-config.ts';
import type { KubeObject, OwnerReference } from '../resources/object.ts';
import type { Pipeline } from '../resources/pipeline/schema.ts';
import type { PipelineRun, PipelineRunStatus } from '../resources/pipeline-run/schema.ts';
import type { Resolved } from '../resources/resolved.ts';
import type { Task } from '../resources/task/schema.ts';
import type { ReusedFacts } from './rerun/kept-tasks.ts';

/** Everything one decision about a PipelineRun rests on. Facts only, no handles. */
export interface PipelineRunFacts {
  readonly run: PipelineRun;
  /** What `spec.pipelineRef` leads to; absent for an embedded `pipelineSpec` or when `status.pipelineSpec` is already there. */
  readonly pipeline?: Resolved<Pipeline> | undefined;
  /** Tasks that pipeline tasks refer to by name (after substitution of params into the name), by that name. */
  readonly tasks: ReadonlyMap<string, Resolved<Task>>;
  /** Pipelines that pipeline tasks refer to by name, by that name. Absent: nobody looked; the child will see whether its pipeline is there. */
  readonly childPipelines?: ReadonlyMap<string, Resolved<Pipeline>> | undefined;
  /** Names of the pipelines that this run runs in, the nearest first. */
  readonly ancestors?: readonly string[] | undefined;
  /** Every TaskRun, CustomRun and child PipelineRun owned by this run, whole, as stored. */
  readonly children: readonly KubeObject[];
  /** Of a rerun that keeps tasks: what they are kept from. */
  readonly reused?: ReusedFacts | undefined;
  readonly config: EngineConfig;
}

/** What is to be done about a PipelineRun, in order. Each is idempotent: names are functions of run, task, index and attempt. */
export type PipelineRunDecision =
  /** Replace the whole status. Never emitted when it would change nothing. */
  | { readonly type: 'set-status'; readonly status: PipelineRunStatus }
  | {
      readonly type: 'set-metadata';
      readonly labels: Readonly<Record<string, string>>;
      readonly annotations: Readonly<Record<string, string>>;
    }
  | { readonly type: 'create-claim'; readonly claim: KubeObject }
  /** Make a claim of another run last as long as this one: `owner` is to be one of its owners too. It may be so already, or gone. */
  | { readonly type: 'share-claim'; readonly name: string; readonly owner: OwnerReference }
  /** Create a TaskRun, CustomRun or PipelineRun; it may exist already. */
  | { readonly type: 'create-child'; readonly child: KubeObject }
  /** Set `spec.status` and `spec.statusMessage` of a child; it may be done or gone. */
  | { readonly type: 'cancel-child'; readonly kind: string; readonly name: string; readonly status: string; readonly statusMessage: string }
  /** Look again at this instant, milliseconds since the epoch. */
  | { readonly type: 'check-again-at'; readonly at: number };
