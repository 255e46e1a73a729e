import { goQuote } from '../expressions/variables/go-quote.ts';
import type { PodTemplate, VolumeMount } from '../resources/core/pod-fields.ts';
import type { EngineConfig } from '../resources/engine-config.ts';
import { AFFINITY_ASSISTANT } from '../resources/naming/affinity-assistant-name.ts';
import { replaceInPodTemplate } from '../resources/task/replace-pod-template.ts';
import type { Sidecar, Step, TaskSpec } from '../resources/task/schema.ts';
import type { ContainerOverride, TaskRun } from '../resources/task-run/schema.ts';
import { defaultResources, shareOf } from './compute-resources.ts';
import { planSidecar, planStep } from './plan-container.ts';
import { healthProblem } from './plan-probe.ts';
import { planVolume, planWorkspaceVolume } from './plan-volume.ts';
import type { PlannedSidecar, PlannedStep, PlannedVolume, PodPlan } from './pod-plan.ts';
import { podName } from './pod-uid.ts';
import { taskParamReplacements } from './run-params.ts';
import { mergeObjects, mergeStepTemplate } from './step-template.ts';
import { substituteCredentialsPath } from './substitute.ts';
import { taskRunTimeout } from './task-run-timeout.ts';
import { type BoundWorkspace, bindWorkspaces, mountPathOf } from './workspaces.ts';

export type PlannedPod =
  | { readonly ok: true; readonly plan: PodPlan }
  /** What is wrong with the pod's specification; the TaskRun fails with `PodCreationFailed`. */
  | { readonly ok: false; readonly message: string };

/**
 * The pod of one attempt of a TaskRun. `spec` is its task, StepActions inlined and variables replaced (`status.taskSpec`).
 *
 * The plan lists the task's, the workspaces' and the pod template's volumes. What upstream puts into every pod is the runtime's affair and not
 * in the plan; each runtime gives every step, unless the step itself mounts something at that path:
 *
 * - `/workspace` and `/tekton/home`: empty, shared by all containers. `HOME` is not set.
 * - `/tekton/results` and `/tekton/artifacts`: empty, shared by the steps.
 * - `/tekton/steps/<container>` and `/tekton/steps/<index>`: each step's `results/`, `artifacts/` and `exitCode`; only the step itself writes there.
 * - `/tekton/scripts`: where scripts lie, read-only.
 * - `/tekton/creds`: the step's own, private.
 */
export function planPod(taskRun: TaskRun, spec: TaskSpec, config: EngineConfig, attempt: number): PlannedPod {
  const { name = '', namespace = '', uid = '', labels, annotations } = taskRun.metadata;
  const task = substituteCredentialsPath(spec);
  const template = podTemplateOf(taskRun, task);
  const workspaces = bindWorkspaces(taskRun, task);
  const mounted = mountWorkspaces(task, workspaces);
  const env = template?.env ?? [];
  const steps = (mounted.steps ?? []).map((step) => mergeStepTemplate(mounted.stepTemplate, step));
  const volumes = volumesOf(mounted, workspaces, template?.volumes ?? []);

  const message = containerProblem(steps, mounted.sidecars ?? [], volumes);
  if (message !== undefined) return { ok: false, message };

  const { [managedBy]: _ours, ...ownAnnotations } = annotations ?? {};
  const group = annotations?.[AFFINITY_ASSISTANT];
  return {
    ok: true,
    plan: {
      uid: `${uid}-${attempt}`,
      name: podName(name, attempt),
      namespace,
      labels: {
        ...labels,
        'tekton.dev/taskRun': name,
        'tekton.dev/taskRunUID': uid,
        [managedBy]: config['default-managed-by-label-value'],
      },
      annotations: ownAnnotations,
      serviceAccountName: taskRun.spec.serviceAccountName || config['default-service-account'],
      volumes,
      steps: steps.map((step, index) =>
        withBreakpoints(withDefaults(planStep(withResources(step, taskRun, steps.length), index, env), config), taskRun),
      ),
      sidecars: (mounted.sidecars ?? []).map((sidecar, index) =>
        withDefaults(planSidecar(overridden(sidecar, taskRun.spec.sidecarSpecs), index, env), config),
      ),
      results: (task.results ?? []).filter(({ value }) => value === undefined).map((result) => result.name),
      ...(config['results-from'] === 'sidecar-logs' &&
        task.results !== undefined && { resultsLog: { maxLineBytes: config['max-result-size'] } }),
      ...(template && { podTemplate: template }),
      ...(!config['await-sidecar-readiness'] && { ignoresReadiness: true }),
      ...(group && { nodeGroup: { name: group, isolated: config.coschedule === 'isolate-pipelinerun' } }),
      deadlineSeconds: deadlineOf(taskRun, config),
    },
  };
}

const managedBy = 'app.kubernetes.io/managed-by';

/** Kubernetes' largest, for a TaskRun without a timeout. Follows tektoncd/pipeline pkg/pod/pod.go, `Build`. */
const NO_DEADLINE = 2 ** 31 - 1;

function deadlineOf(taskRun: TaskRun, config: EngineConfig): number {
  const timeoutMs = taskRunTimeout(taskRun, config);
  return timeoutMs > 0 ? Math.max(1, Math.floor((timeoutMs / 1000) * 1.5)) : NO_DEADLINE;
}

function podTemplateOf({ spec: { podTemplate, params = [] } }: TaskRun, spec: TaskSpec): PodTemplate | undefined {
  return podTemplate && replaceInPodTemplate(podTemplate, taskParamReplacements(spec.params ?? [], params));
}

/** Adds a mount for each bound workspace: to everyone, or where steps or sidecars name it (isolated workspaces) to these alone. */
function mountWorkspaces(spec: TaskSpec, workspaces: readonly BoundWorkspace[]): TaskSpec {
  const isolated = new Set(
    [...(spec.steps ?? []), ...(spec.sidecars ?? [])].flatMap((container) => (container.workspaces ?? []).map(({ name }) => name)),
  );
  const mounts = workspaces.map(({ binding, volume }) => {
    const declaration = spec.workspaces?.find(({ name }) => name === binding.name) ?? { name: binding.name };
    const mount: VolumeMount = {
      name: volume,
      mountPath: mountPathOf(declaration),
      ...(binding.subPath && { subPath: binding.subPath }),
      ...(declaration.readOnly && { readOnly: true }),
    };
    return { workspace: binding.name, mount };
  });
  const shared = mounts.filter(({ workspace }) => !isolated.has(workspace)).map(({ mount }) => mount);
  const ownMounts = (container: Step | Sidecar): VolumeMount[] =>
    mounts.flatMap(({ workspace, mount }) => {
      const usage = container.workspaces?.find(({ name }) => name === workspace);
      return usage === undefined ? [] : [{ ...mount, mountPath: usage.mountPath || mount.mountPath }];
    });

  return {
    ...spec,
    stepTemplate: { ...spec.stepTemplate, volumeMounts: [...(spec.stepTemplate?.volumeMounts ?? []), ...shared] },
    steps: (spec.steps ?? []).map((step) => ({ ...step, volumeMounts: [...(step.volumeMounts ?? []), ...ownMounts(step)] })),
    sidecars: (spec.sidecars ?? []).map((sidecar) => {
      const taken = new Set((sidecar.volumeMounts ?? []).map(({ mountPath }) => mountPath));
      const free = shared.filter(({ mountPath }) => !taken.has(mountPath));
      return { ...sidecar, volumeMounts: [...(sidecar.volumeMounts ?? []), ...free, ...ownMounts(sidecar)] };
    }),
  };
}

function volumesOf(
  spec: TaskSpec,
  workspaces: readonly BoundWorkspace[],
  fromTemplate: NonNullable<TaskSpec['volumes']>,
): readonly PlannedVolume[] {
  const ofWorkspaces = new Map(
    workspaces.map(({ binding, volume }) => [volume, binding]).reverse() as [string, BoundWorkspace['binding']][],
  );
  const inOrder = new Set(workspaces.map(({ volume }) => volume));
  return [
    ...(spec.volumes ?? []).map(planVolume),
    ...[...inOrder].flatMap((volume) => {
      const binding = ofWorkspaces.get(volume);
      return binding === undefined ? [] : [planWorkspaceVolume(volume, binding)];
    }),
    ...fromTemplate.map(planVolume),
  ];
}

function withResources(step: Step, taskRun: TaskRun, steps: number): Step {
  const ofTask = taskRun.spec.computeResources;
  // Admission refuses both together; the task's own resources are no say of the step's.
  if (ofTask?.limits || ofTask?.requests) return { ...step, computeResources: shareOf(ofTask, steps) };
  return overridden(step, taskRun.spec.stepSpecs);
}

function withBreakpoints(step: PlannedStep, taskRun: TaskRun): PlannedStep {
  const { onFailure, beforeSteps } = taskRun.spec.debug?.breakpoints ?? {};
  return {
    ...step,
    ...(beforeSteps?.includes(step.name) && { pausesBefore: true }),
    ...(onFailure === 'enabled' && { pausesOnFailure: true }),
  };
}

function withDefaults<C extends PlannedStep | PlannedSidecar>(container: C, config: EngineConfig): C {
  const computeResources = defaultResources(
    container.container,
    container.computeResources,
    config['default-container-resource-requirements'],
  );
  return computeResources === container.computeResources ? container : { ...container, computeResources };
}

function overridden<T extends Step | Sidecar>(container: T, overrides: readonly ContainerOverride[] | undefined): T {
  const override = overrides?.find(({ name }) => name === container.name)?.computeResources;
  return override === undefined ? container : { ...container, computeResources: mergeObjects(container.computeResources ?? {}, override) };
}

function containerProblem(steps: readonly Step[], sidecars: readonly Sidecar[], volumes: readonly PlannedVolume[]): string | undefined {
  const names = new Set<string>();
  for (const { name } of volumes) {
    if (names.has(name)) return `multiple volumes with same name ${goQuote(name)}`;
    names.add(name);
  }
  const places = [
    ...steps.map((step, index) => ({ container: step, place: `steps[${index}]` })),
    ...sidecars.map((sidecar, index) => ({ container: sidecar, place: `sidecars[${index}]` })),
  ];
  for (const { container, place } of places) {
    if (!container.image) return `missing field(s): ${place}.image`;
    for (const [index, mount] of (container.volumeMounts ?? []).entries()) {
      const at = `${place}.volumeMounts[${index}]`;
      if (!names.has(mount.name)) return `${at}.name: Not found: ${goQuote(mount.name)}`;
      if (escapes(mount.subPath ?? '') || mount.subPath?.startsWith('/')) {
        return `${at}.subPath: Invalid value: ${goQuote(mount.subPath ?? '')}: must be a relative path and must not contain '..'`;
      }
      const { subPath, subPathExpr } = mount;
      if (subPath && subPathExpr) {
        return `${at}.subPathExpr: Invalid value: ${goQuote(subPathExpr)}: subPathExpr and subPath are mutually exclusive`;
      }
      if (escapes(subPathExpr ?? '') || subPathExpr?.startsWith('/')) {
        return `${at}.subPathExpr: Invalid value: ${goQuote(subPathExpr ?? '')}: must be a relative path and must not contain '..'`;
      }
      if (escapes(mount.mountPath)) return `${at}.mountPath: Invalid value: ${goQuote(mount.mountPath)}: must not contain '..'`;
    }
  }
  for (const [index, sidecar] of sidecars.entries()) {
    const problem = healthProblem(sidecar, `sidecars[${index}]`);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function escapes(path: string): boolean {
  return path.split('/').includes('..');
}
