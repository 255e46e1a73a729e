import { replaceParamValue } from '../expressions/variables/replace-param-value.ts';
import { replaceString } from '../expressions/variables/replace-string.ts';
import type { Replacements } from '../expressions/variables/replacements.ts';
import { isUrlLike } from './names.ts';
import { type Param, paramSchema } from './params.ts';
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

/** What a reference asks of a resolver, variables replaced. */
export interface RemoteReference {
  readonly resolver: string;
  readonly params: readonly Param[];
  /** Of the concise syntax: a name that is a URL. */
  readonly url?: string | undefined;
}

/**
 * The question behind a reference that names a resolver; `undefined` for one that does not. Follows tektoncd/pipeline
 * pkg/reconciler/taskrun/resources/taskref.go, `GetTaskFunc`.
 */
export function remoteReference(ref: StepRef, replacements: Replacements): RemoteReference | undefined {
  const { name = '', resolver, params = [] } = ref;
  if (!resolver) return undefined;
  return {
    resolver,
    params: params.map((param) => ({ ...param, value: replaceParamValue(param.value, replacements) })),
    ...(isUrlLike(name) && { url: replaceString(name, replacements) }),
  };
}

/** One text for all references that lead to the same thing, as they are written. */
export function referenceKey({ name = '', resolver, params = [] }: StepRef): string {
  return resolver ? `${resolver}:${JSON.stringify([name, params])}` : name;
}
