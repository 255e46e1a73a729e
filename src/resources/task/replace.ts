import { replaceString } from '../../expressions/variables/replace-string.ts';
import type { Replacements } from '../../expressions/variables/replacements.ts';
import { replaceInSidecar, replaceInStep, replaceInStepTemplate } from './replace-container.ts';
import { replaceInVolume } from './replace-volume.ts';
import type { TaskSpec } from './schema.ts';

/**
 * A task with every variable that `replacements` knows replaced, in exactly the fields where upstream does so: steps, step template,
 * sidecars, volumes and the mount paths of workspaces. What it does not know stays as written. Params, results and descriptions are left alone.
 * Follows tektoncd/pipeline pkg/reconciler/taskrun/resources/apply.go, `ApplyReplacements`.
 */
export function replaceInTaskSpec(spec: TaskSpec, replacements: Replacements): TaskSpec {
  return {
    ...spec,
    ...(spec.steps && { steps: spec.steps.map((step) => replaceInStep(step, replacements)) }),
    ...(spec.stepTemplate && { stepTemplate: replaceInStepTemplate(spec.stepTemplate, replacements) }),
    ...(spec.sidecars && { sidecars: spec.sidecars.map((sidecar) => replaceInSidecar(sidecar, replacements)) }),
    ...(spec.volumes && { volumes: spec.volumes.map((volume) => replaceInVolume(volume, replacements)) }),
    ...(spec.workspaces && {
      workspaces: spec.workspaces.map((workspace) =>
        workspace.mountPath === undefined ? workspace : { ...workspace, mountPath: replaceString(workspace.mountPath, replacements) },
      ),
    }),
  };
}
