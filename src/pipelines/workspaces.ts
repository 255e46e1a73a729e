import { goQuote } from '../expressions/variables/go-quote.ts';
import { findReferences } from '../expressions/variables/reference-rules.ts';
import { replaceString } from '../expressions/variables/replace-string.ts';
import type { Replacements } from '../expressions/variables/replacements.ts';
import { textsOf } from '../expressions/variables/result-reference.ts';
import { claimName } from '../resources/naming/claim-name.ts';
import type { KubeObject, OwnerReference } from '../resources/object.ts';
import type { PipelineTask } from '../resources/pipeline/schema.ts';
import type { PipelineRun } from '../resources/pipeline-run/schema.ts';
import type { Sidecar, Step, StepTemplate, TaskSpec } from '../resources/task/schema.ts';
import type { WorkspaceBinding, WorkspacePipelineTaskBinding } from '../resources/workspaces.ts';

export type BindingsOutcome =
  /** `claimed`: the workspace of the run, the last one if several, that is a claim. */
  | { readonly ok: true; readonly bindings: readonly WorkspaceBinding[]; readonly claimed?: string | undefined }
  | { readonly ok: false; readonly message: string };

/**
 * The workspaces of a child: the run's bindings under the task's names. An embedded task also gets those that it only mentions; a
 * workspace the run lacks is an error unless the task declares it optional. Follows tektoncd/pipeline
 * pkg/reconciler/pipelinerun/pipelinerun.go, `getTaskrunWorkspaces`.
 */
export function childBindings(
  run: PipelineRun,
  available: readonly WorkspaceBinding[],
  task: PipelineTask,
  taskSpec: TaskSpec | undefined,
  contexts: Replacements,
): BindingsOutcome {
  const bindings: WorkspaceBinding[] = [];
  let claimed: string | undefined;
  for (const wanted of wantedWorkspaces(task)) {
    const name = wanted.workspace || wanted.name;
    const source = available.find((binding) => binding.name === name);
    if (source !== undefined) {
      if (source.persistentVolumeClaim !== undefined || source.volumeClaimTemplate !== undefined) claimed = name;
      const binding = childBinding(run, source, wanted);
      bindings.push(binding.subPath === undefined ? binding : { ...binding, subPath: replaceString(binding.subPath, contexts) });
    } else if (!(taskSpec?.workspaces ?? []).some((declared) => declared.name === wanted.name && declared.optional)) {
      return {
        ok: false,
        message: `expected workspace ${goQuote(name)} to be provided by pipelinerun for pipeline task ${goQuote(task.name)}`,
      };
    }
  }
  return { ok: true, bindings, claimed };
}

/** The PersistentVolumeClaims behind the run's `volumeClaimTemplate`s. They go when the run goes. */
export function claims(run: PipelineRun, owner: OwnerReference, bindings: readonly WorkspaceBinding[]): readonly KubeObject[] {
  return bindings.flatMap(({ name, volumeClaimTemplate: template }) => {
    if (template === undefined) return [];
    const claim = claimName(name, run.metadata.uid ?? '', template.metadata?.name);
    const metadata = { ...template.metadata, name: claim, namespace: run.metadata.namespace, ownerReferences: [owner] };
    return [{ ...template, apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata }];
  });
}

/** Bindings with variables replaced in paths and in the names of what they bind. Follows pkg/workspace/apply.go, `ReplaceWorkspaceBindingsVars`. */
export function replaceInBindings(bindings: readonly WorkspaceBinding[], r: Replacements): readonly WorkspaceBinding[] {
  return r.strings.size === 0 ? bindings : bindings.map((binding) => replaceInBinding(binding, r));
}

function replaceInBinding(binding: WorkspaceBinding, r: Replacements): WorkspaceBinding {
  const { subPath, persistentVolumeClaim: claim, configMap, secret, projected, csi } = binding;
  return {
    ...binding,
    ...(subPath !== undefined && { subPath: replaceString(subPath, r) }),
    ...(claim && { persistentVolumeClaim: { ...claim, claimName: replaceString(claim.claimName ?? '', r) } }),
    ...(configMap && { configMap: replaceInSource(configMap, r) }),
    ...(secret && {
      secret: {
        ...replaceInSource(secret, r),
        ...(secret.secretName !== undefined && { secretName: replaceString(secret.secretName, r) }),
      },
    }),
    ...(projected && {
      projected: {
        ...projected,
        ...(projected.sources && {
          sources: projected.sources.map((source) => ({
            ...source,
            ...(source.configMap && { configMap: replaceInSource(source.configMap, r) }),
            ...(source.secret && { secret: replaceInSource(source.secret, r) }),
          })),
        }),
      },
    }),
    ...(csi && {
      csi: {
        ...csi,
        driver: replaceString(csi.driver ?? '', r),
        ...(csi.nodePublishSecretRef && { nodePublishSecretRef: replaceInSource(csi.nodePublishSecretRef, r) }),
      },
    }),
  };
}

interface NamedSource {
  readonly name?: string | undefined;
  readonly items?: readonly { readonly key: string; readonly path: string }[] | undefined;
}

function replaceInSource<T extends NamedSource>(source: T, r: Replacements): T {
  return {
    ...source,
    ...(source.name !== undefined && { name: replaceString(source.name, r) }),
    ...(source.items && {
      items: source.items.map((item) => ({ ...item, key: replaceString(item.key, r), path: replaceString(item.path, r) })),
    }),
  };
}

function wantedWorkspaces(task: PipelineTask): readonly WorkspacePipelineTaskBinding[] {
  const bound = task.workspaces ?? [];
  if (task.taskSpec === undefined) return bound;
  const names = new Set(bound.map((binding) => binding.name));
  const mentioned = [...mentionedWorkspaces(task.taskSpec)].filter((name) => !names.has(name));
  return mentioned.length === 0 ? bound : [...bound, ...mentioned.map((name) => ({ name }))];
}

/** The names in `$(workspaces.NAME...)`, in order of appearance. Follows pkg/workspace/apply.go, `FindWorkspacesUsedByTask`. */
function mentionedWorkspaces(spec: TaskSpec): ReadonlySet<string> {
  const texts = [
    ...(spec.steps ?? []).flatMap((step) => [
      ...containerTexts(step),
      step.script ?? '',
      ...(step.params ?? []).flatMap((param) => textsOf(param.value)),
    ]),
    ...(spec.sidecars ?? []).flatMap((sidecar) => [...containerTexts(sidecar), sidecar.script ?? '']),
    ...(spec.stepTemplate ? containerTexts(spec.stepTemplate) : []),
  ];
  const references = texts.flatMap((text) => findReferences(text, 'workspaces'));
  return new Set(references.map(({ text, notation }) => (notation === 'dot' ? (text.split('.')[0] ?? '') : text)));
}

function containerTexts({ command, args, workingDir, env }: Step | Sidecar | StepTemplate): readonly string[] {
  return [...(args ?? []), ...(command ?? []), workingDir ?? '', ...(env ?? []).map((variable) => variable.value ?? '')];
}

function childBinding(run: PipelineRun, source: WorkspaceBinding, wanted: WorkspacePipelineTaskBinding): WorkspaceBinding {
  const subPath = joinedPath(source.subPath ?? '', wanted.subPath ?? '');
  const { volumeClaimTemplate: template, subPath: _, ...rest } = source;
  const place = subPath === '' ? {} : { subPath };
  if (template === undefined) return { ...rest, name: wanted.name, ...place };
  return {
    name: wanted.name,
    ...place,
    persistentVolumeClaim: { claimName: claimName(source.name, run.metadata.uid ?? '', template.metadata?.name) },
  };
}

function joinedPath(run: string, task: string): string {
  if (run === '' || task === '') return run + task;
  return cleanPath(`${run}/${task}`);
}

/** Go's `path.Clean`: no empty, `.` or inner `..` elements. */
function cleanPath(path: string): string {
  const rooted = path.startsWith('/');
  const kept: string[] = [];
  for (const element of path.split('/')) {
    if (element === '' || element === '.') continue;
    if (element !== '..') kept.push(element);
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.pop();
    else if (!rooted) kept.push('..');
  }
  return (rooted ? '/' : '') + kept.join('/') || '.';
}
