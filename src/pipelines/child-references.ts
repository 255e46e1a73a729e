import type { ParamValue } from '../expressions/variables/param-value.ts';
import { replaceString } from '../expressions/variables/replace-string.ts';
import { replacementsBuilder } from '../expressions/variables/replacements-builder.ts';
import type { KubeObject } from '../resources/object.ts';
import type { PipelineTask } from '../resources/pipeline/schema.ts';
import type { ChildReference } from '../resources/pipeline-run/schema.ts';

/**
 * A child as `status.childReferences` has it. `task` has its results replaced; what a finally task's guards say of other tasks' statuses
 * stays as written, as it does upstream once the child exists.
 * Follows tektoncd/pipeline pkg/reconciler/pipelinerun/resources/pipelinerunstate.go, `GetChildReferences`.
 */
export function childReference(child: KubeObject, task: PipelineTask): ChildReference {
  const displayName = displayNameOf(child, task);
  return {
    apiVersion: child.kind === 'CustomRun' ? 'tekton.dev/v1beta1' : 'tekton.dev/v1',
    kind: child.kind,
    name: child.metadata.name ?? '',
    ...(displayName && { displayName }),
    pipelineTaskName: task.name,
    ...(task.when && task.when.length > 0 && { whenExpressions: task.when }),
  };
}

/** The task's display name, or the names of the matrix includes that the child's params agree with. */
function displayNameOf(child: KubeObject, task: PipelineTask): string | undefined {
  const includes = task.matrix?.include ?? [];
  if (!task.displayName && includes.length === 0) return undefined;
  const { params = [] } = (child['spec'] ?? {}) as { readonly params?: readonly { readonly name: string; readonly value: ParamValue }[] };
  const texts = new Map(params.flatMap(({ name, value }) => (typeof value === 'string' ? [[name, value] as const] : [])));
  const builder = replacementsBuilder();
  for (const [name, value] of texts) builder.strings.set(`params.${name}`, value);

  const named = includes.filter((include) => include.name && (include.params ?? []).every(({ name, value }) => texts.get(name) === value));
  if (named.length > 0)
    return named
      .map((include) => replaceString(include.name ?? '', builder))
      .join(' ')
      .trim();
  return task.displayName && replaceString(task.displayName, builder);
}
