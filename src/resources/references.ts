import { paramSchema } from './params.ts';
import { z } from './zod.ts';

/** A reference fetched by a resolver (`git`, `hub`, `bundles`, `cluster`, `http` or a custom one). */
const resolverFields = {
  resolver: z.string().optional(),
  params: z.array(paramSchema).optional(),
};

export const taskRefSchema = z.object({
  name: z.string().optional(),
  kind: z.string().optional(),
  /** With `kind`: a custom task, even for `tekton.dev/v1beta1` and `Task`. */
  apiVersion: z.string().optional(),
  ...resolverFields,
});
export type TaskRef = z.infer<typeof taskRefSchema>;

export const pipelineRefSchema = z.object({
  name: z.string().optional(),
  apiVersion: z.string().optional(),
  ...resolverFields,
});
export type PipelineRef = z.infer<typeof pipelineRefSchema>;

export const stepRefSchema = z.object({ name: z.string().optional(), ...resolverFields });
export type StepRef = z.infer<typeof stepRefSchema>;

/** Both set: the work is a custom controller's, not a Task's. */
export function isCustomTaskRef(ref: TaskRef | undefined): boolean {
  return ref !== undefined && (ref.apiVersion ?? '') !== '' && (ref.kind ?? '') !== '';
}
