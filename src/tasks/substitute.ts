import type { Replacements } from '../expressions/variables/replacements.ts';
import { registerString, replacementsBuilder } from '../expressions/variables/replacements-builder.ts';
import { replaceInTaskSpec } from '../resources/task/replace.ts';
import { replaceInSidecar, replaceInStep } from '../resources/task/replace-container.ts';
import type { Step, TaskSpec } from '../resources/task/schema.ts';
import type { TaskRun } from '../resources/task-run/schema.ts';
import { stepContainerName } from './container-name.ts';
import { contextReplacements } from './contexts.ts';
import { taskParamReplacements } from './run-params.ts';
import { type BoundWorkspace, declaredWorkspaces, mountPathOf } from './workspaces.ts';

/**
 * The task as `status.taskSpec` keeps it: every variable replaced that is known before the pod starts, workspaces of the run declared.
 * As upstream in passes, so that a param's value may itself name a context variable or a workspace's path, never another param:
 * params, contexts, result paths, artifact paths, exit code paths, workspaces.
 * Follows tektoncd/pipeline pkg/reconciler/taskrun/taskrun.go, `applyParamsContextsResultsAndWorkspaces`.
 */
export function substituteTask(spec: TaskSpec, taskRun: TaskRun, taskName: string, workspaces: readonly BoundWorkspace[]): TaskSpec {
  let substituted = replaceInTaskSpec(spec, taskParamReplacements(spec.params ?? [], taskRun.spec.params ?? []));
  substituted = replaceInTaskSpec(substituted, contextReplacements(taskRun, taskName));
  substituted = replaceInSteps(substituted, (step, index) => replaceInStep(step, stepPaths(step, index)));
  substituted = replaceInTaskSpec(substituted, resultPaths(substituted));
  substituted = replaceInSteps(substituted, (step) => replaceInStep(step, exitCodePaths(substituted)));

  const declared = declaredWorkspaces(substituted, taskRun);
  if (declared.length > 0) substituted = { ...substituted, workspaces: [...declared] };
  substituted = replaceIsolatedPaths(substituted);
  return replaceInTaskSpec(substituted, workspaceVariables(substituted, workspaces));
}

/** Only what the pod sees, not the status: where credentials lie. */
export function substituteCredentialsPath(spec: TaskSpec): TaskSpec {
  return replaceInTaskSpec(spec, texts([['credentials.path', '/tekton/creds']]));
}

/** Variables that mean the step they stand in. */
function stepPaths(step: Step, index: number): Replacements {
  const directory = `/tekton/steps/${stepContainerName(step.name, index)}`;
  const results = (step.results ?? []).flatMap(({ name }) => pathSpellings('step.results', name, `${directory}/results/${name}`));
  return texts([
    ...results,
    ['step.artifacts.path', `${directory}/artifacts/provenance.json`],
    ['artifacts.path', '/tekton/artifacts/provenance.json'],
  ]);
}

function resultPaths(spec: TaskSpec): Replacements {
  return texts((spec.results ?? []).flatMap(({ name }) => pathSpellings('results', name, `/tekton/results/${name}`)));
}

function exitCodePaths(spec: TaskSpec): Replacements {
  return texts(
    (spec.steps ?? []).map((step, index) => {
      const container = stepContainerName(step.name, index);
      return [`steps.${container}.exitCode.path`, `/tekton/steps/${container}/exitCode`];
    }),
  );
}

function pathSpellings(prefix: string, name: string, path: string): [string, string][] {
  return [
    [`${prefix}.${name}.path`, path],
    [`${prefix}["${name}"].path`, path],
    [`${prefix}['${name}'].path`, path],
  ];
}

/** A step or sidecar that mounts a workspace elsewhere sees that path in `$(workspaces.W.path)`. */
function replaceIsolatedPaths(spec: TaskSpec): TaskSpec {
  const paths = (usages: Step['workspaces']): Replacements | undefined => {
    const own = (usages ?? []).flatMap(({ name, mountPath }): [string, string][] =>
      mountPath ? [[`workspaces.${name}.path`, mountPath]] : [],
    );
    return own.length === 0 ? undefined : texts(own);
  };
  const { steps, sidecars } = spec;
  return {
    ...spec,
    ...(steps && { steps: steps.map((step) => withPaths(step, paths(step.workspaces), replaceInStep)) }),
    ...(sidecars && { sidecars: sidecars.map((sidecar) => withPaths(sidecar, paths(sidecar.workspaces), replaceInSidecar)) }),
  };
}

function withPaths<T>(container: T, paths: Replacements | undefined, replace: (container: T, r: Replacements) => T): T {
  return paths === undefined ? container : replace(container, paths);
}

function workspaceVariables(spec: TaskSpec, workspaces: readonly BoundWorkspace[]): Replacements {
  const bound = new Set(workspaces.map(({ binding }) => binding.name));
  const variables: [string, string][] = [];
  for (const declaration of spec.workspaces ?? []) {
    const present = !declaration.optional || bound.has(declaration.name);
    variables.push([`workspaces.${declaration.name}.bound`, String(present)]);
    variables.push([`workspaces.${declaration.name}.path`, present ? mountPathOf(declaration) : '']);
  }
  for (const { binding, volume } of workspaces) {
    variables.push([`workspaces.${binding.name}.volume`, volume]);
    variables.push([`workspaces.${binding.name}.claim`, binding.persistentVolumeClaim?.claimName ?? '']);
  }
  return texts(variables);
}

function replaceInSteps(spec: TaskSpec, replace: (step: Step, index: number) => Step): TaskSpec {
  return spec.steps === undefined ? spec : { ...spec, steps: spec.steps.map(replace) };
}

function texts(entries: readonly (readonly [string, string])[]): Replacements {
  const builder = replacementsBuilder();
  for (const [key, value] of entries) registerString(builder, key, value);
  return builder;
}
