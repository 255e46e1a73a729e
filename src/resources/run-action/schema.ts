import { labelSelectorSchema } from '../label-selector.ts';
import { objectMetaSchema } from '../object-meta.ts';
import { durationSchema, timestampSchema } from '../scalars.ts';
import { statusBase } from '../status.ts';
import { z } from '../zod.ts';

/** Ours. Something to be done, once, to the runs that there are and that bear certain labels. */
export const runActionSpecSchema = z.object({
  /** The first three as a PipelineRun's `spec.status` has them; `Rerun` makes new runs of old ones. */
  action: z.enum(['Cancel', 'CancelRunFinally', 'StoppedRunFinally', 'Rerun']),
  kinds: z.array(z.enum(['PipelineRun', 'TaskRun'])).optional(),
  selector: labelSelectorSchema,
  /** For `Rerun`: those that have failed, or all that have ended. */
  only: z.enum(['Failed', 'All']).optional(),
  /** For people: it stands in the events of the runs. */
  reason: z.string().optional(),
  /** How long it is kept when it is done. */
  ttl: durationSchema.optional(),
});
export type RunActionSpec = z.infer<typeof runActionSpecSchema>;

export const runOutcomeSchema = z.object({
  kind: z.enum(['PipelineRun', 'TaskRun']),
  name: z.string(),
  outcome: z.enum(['Cancelled', 'AlreadyDone', 'Rerun', 'StillRunning', 'Failed']),
  /** The new run's name. */
  rerun: z.string().optional(),
  message: z.string().optional(),
});
export type RunOutcome = z.infer<typeof runOutcomeSchema>;

export const runActionStatusSchema = z.object({
  ...statusBase,
  completionTime: timestampSchema.optional(),
  /** In the order in which the runs were made. */
  runs: z.array(runOutcomeSchema).optional(),
});
export type RunActionStatus = z.infer<typeof runActionStatusSchema>;

export const runActionSchema = z.object({
  apiVersion: z.literal('tappet.dev/v1alpha1'),
  kind: z.literal('RunAction'),
  metadata: objectMetaSchema,
  spec: runActionSpecSchema,
  status: runActionStatusSchema.optional(),
});
export type RunAction = z.infer<typeof runActionSchema>;
