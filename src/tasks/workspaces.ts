import { replaceString } from '../expressions/variables/replace-string.ts';
import type { Replacements } from '../expressions/variables/replacements.ts';
import type { EngineConfig } from '../resources/engine-config.ts';
import { claimName } from '../resources/naming/claim-name.ts';
import { volumeNames } from '../resources/naming/volume-name.ts';
import type { KubeObject } from '../resources/object.ts';
import { texts } from '../resources/task/replace-container.ts';
import type { TaskSpec } from '../resources/task/schema.ts';
import type { TaskRun } from '../resources/task-run/schema.ts';
import type { WorkspaceBinding, WorkspaceDeclaration } from '../resources/workspaces.ts';
import { taskParamReplacements } from './run-params.ts';

/** A binding as the pod needs it: params replaced, a claim template replaced by the claim made from it, and the volume's name. */
export interface BoundWorkspace {
  readonly binding: WorkspaceBinding;
  /** Two bindings of one claim share one volume. */
  readonly volume: string;
}

/**
 * The TaskRun with the configured default bound to every workspace that its task needs and it does not bind (`default-task-run-workspace-binding`;
 * tektoncd/pipeline pkg/reconciler/taskrun, `updateTaskRunWithDefaultWorkspaces`).
 */
export function withDefaultWorkspaces(taskRun: TaskRun, spec: TaskSpec, config: EngineConfig): TaskRun {
  const binding = config['default-task-run-workspace-binding'];
  if (Object.keys(binding).length === 0) return taskRun;
  const { workspaces = [] } = taskRun.spec;
  const bound = new Set(workspaces.map(({ name }) => name));
  const missing = (spec.workspaces ?? []).filter(({ name, optional }) => !optional && !bound.has(name));
  return { ...taskRun, spec: { ...taskRun.spec, workspaces: [...workspaces, ...missing.map(({ name }) => ({ ...binding, name }))] } };
}

export function bindWorkspaces(taskRun: TaskRun, spec: TaskSpec): readonly BoundWorkspace[] {
  const bindings = taskRun.spec.workspaces ?? [];
  if (bindings.length === 0) return [];
  const replacements = taskParamReplacements(spec.params ?? [], taskRun.spec.params ?? []);
  const names = volumeNames(bindings.map(({ name }) => name));
  const claims = new Map<string, string>();
  return bindings.map((written) => {
    const binding = replaceInBinding(claimed(written, taskRun), replacements);
    const name = names.get(binding.name) ?? '';
    const claim = binding.persistentVolumeClaim?.claimName;
    if (claim === undefined) return { binding, volume: name };
    const volume = claims.get(claim) ?? name;
    claims.set(claim, volume);
    return { binding, volume };
  });
}

/** The claims that the TaskRun's own templates ask for. They belong to the TaskRun and go with it. */
export function claimsOf(taskRun: TaskRun): readonly KubeObject[] {
  const { name = '', namespace, uid = '' } = taskRun.metadata;
  return (taskRun.spec.workspaces ?? []).flatMap((binding) => {
    const template = binding.volumeClaimTemplate;
    if (template === undefined) return [];
    const { labels, annotations } = template.metadata ?? {};
    return [
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: {
          name: claimName(binding.name, uid, template.metadata?.name),
          ...(namespace !== undefined && { namespace }),
          ...(labels && { labels }),
          ...(annotations && { annotations }),
          ownerReferences: [{ apiVersion: 'tekton.dev/v1', kind: 'TaskRun', name, uid, controller: true, blockOwnerDeletion: true }],
        },
        spec: template.spec ?? {},
      },
    ];
  });
}

/** Declarations a pod is built from: the task's, and one for every further binding, which propagates into an embedded task. */
export function declaredWorkspaces(spec: TaskSpec, taskRun: TaskRun): readonly WorkspaceDeclaration[] {
  const declared = spec.workspaces ?? [];
  const names = new Set(declared.map(({ name }) => name));
  const propagated = (taskRun.spec.workspaces ?? []).filter(({ name }) => !names.has(name)).map(({ name }) => ({ name }));
  return [...declared, ...propagated];
}

export function mountPathOf(declaration: WorkspaceDeclaration): string {
  return declaration.mountPath || `/workspace/${declaration.name}`;
}

function claimed(binding: WorkspaceBinding, taskRun: TaskRun): WorkspaceBinding {
  const { volumeClaimTemplate: template, ...rest } = binding;
  if (template === undefined) return binding;
  const name = claimName(binding.name, taskRun.metadata.uid ?? '', template.metadata?.name);
  return { ...rest, persistentVolumeClaim: { claimName: name } };
}

function replaceInBinding(binding: WorkspaceBinding, r: Replacements): WorkspaceBinding {
  const { persistentVolumeClaim, configMap, secret, projected, csi } = binding;
  return {
    ...binding,
    ...texts(binding, ['subPath'], r),
    ...(persistentVolumeClaim && {
      persistentVolumeClaim: { ...persistentVolumeClaim, claimName: replaceString(persistentVolumeClaim.claimName, r) },
    }),
    ...(configMap && { configMap: { ...configMap, ...texts(configMap, ['name'], r), ...replaceItems(configMap.items, r) } }),
    ...(secret && { secret: { ...secret, ...texts(secret, ['secretName'], r), ...replaceItems(secret.items, r) } }),
    ...(projected?.sources && {
      projected: {
        ...projected,
        sources: projected.sources.map((source) => ({
          ...source,
          ...(source.configMap && { configMap: replaceProjection(source.configMap, r) }),
          ...(source.secret && { secret: replaceProjection(source.secret, r) }),
        })),
      },
    }),
    ...(csi && {
      csi: {
        ...csi,
        driver: replaceString(csi.driver, r),
        ...(csi.nodePublishSecretRef && {
          nodePublishSecretRef: { ...csi.nodePublishSecretRef, ...texts(csi.nodePublishSecretRef, ['name'], r) },
        }),
      },
    }),
  };
}

type Items = readonly { readonly key: string; readonly path: string }[];

function replaceProjection<T extends { name?: string | undefined; items?: Items | undefined }>(projection: T, r: Replacements): T {
  return { ...projection, ...texts(projection, ['name'], r), ...replaceItems(projection.items, r) };
}

function replaceItems<T extends Items[number]>(items: readonly T[] | undefined, r: Replacements): { items?: T[] } {
  return items ? { items: items.map((item) => ({ ...item, ...texts(item, ['key', 'path'], r) })) } : {};
}
