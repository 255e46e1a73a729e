import type { EnvFromSource, EnvVar, VolumeMount } from '../resources/core/pod-fields.ts';
import { parseDuration } from '../resources/duration.ts';
import type { Sidecar, Step } from '../resources/task/schema.ts';
import { sidecarContainerName, sidecarName, stepContainerName, stepName } from './container-name.ts';
import { planHealth } from './plan-probe.ts';
import type { PlannedEnv, PlannedEnvFrom, PlannedMount, PlannedSidecar, PlannedStep } from './pod-plan.ts';

/** `step` has the template merged in and its workspaces among its mounts. */
export function planStep(step: Step, index: number, podEnv: readonly EnvVar[]): PlannedStep {
  const timeoutMs = step.timeout === undefined ? 0 : (parseDuration(step.timeout) ?? 0);
  return {
    name: stepName(step.name, index),
    container: stepContainerName(step.name, index),
    ...planContainer(step, podEnv),
    ...(timeoutMs > 0 && { timeoutMs }),
    onError: step.onError === 'continue' ? 'continue' : 'stopAndFail',
    results: (step.results ?? []).map(({ name }) => name),
    when: step.when ?? [],
    ...(step.stdoutConfig?.path && { stdoutPath: step.stdoutConfig.path }),
    ...(step.stderrConfig?.path && { stderrPath: step.stderrConfig.path }),
  };
}

export function planSidecar(sidecar: Sidecar, index: number, podEnv: readonly EnvVar[]): PlannedSidecar {
  return {
    name: sidecarName(sidecar.name, index),
    container: sidecarContainerName(sidecar.name, index),
    ...planContainer(sidecar, podEnv),
    ...planHealth(sidecar),
    ...passedOn(sidecar, ['ports', 'terminationMessagePath', 'terminationMessagePolicy', 'stdin', 'stdinOnce', 'tty']),
  };
}

/** Fields that local runtimes have no use for. */
function passedOn<T extends object>(
  written: T,
  names: readonly (keyof T & string)[],
): { readonly passedOn?: Readonly<Record<string, unknown>> } {
  const given = names.filter((name) => written[name] !== undefined).map((name) => [name, written[name]] as const);
  return given.length === 0 ? {} : { passedOn: Object.fromEntries(given) };
}

type Container = Omit<PlannedSidecar, 'name' | 'container' | 'passedOn' | keyof ReturnType<typeof planHealth>>;

function planContainer(container: Step | Sidecar, podEnv: readonly EnvVar[]): Container {
  const { script, command, imagePullPolicy, workingDir, volumeDevices, computeResources, securityContext } = container;
  return {
    image: container.image ?? '',
    ...(imagePullPolicy && { imagePullPolicy }),
    // A script is its container's command, whatever the template says.
    ...(script ? { script: scriptFile(script) } : command?.length && { command }),
    args: container.args ?? [],
    ...(workingDir && { workingDir }),
    env: [...(container.env ?? []), ...podEnv].flatMap(planEnv),
    envFrom: (container.envFrom ?? []).map(planEnvFrom),
    mounts: (container.volumeMounts ?? []).map(planMount),
    ...(volumeDevices?.length && { devices: volumeDevices }),
    ...(computeResources && { computeResources }),
    ...(securityContext && { securityContext }),
  };
}

/**
 * Upstream looks for the shebang behind leading blanks but writes the file untrimmed, so a script that begins with an empty line and has a shebang
 * is left without an interpreter. Kept: the shell that then runs it is what users of such scripts see upstream.
 */
export function scriptFile(script: string): string {
  return script.trimStart().startsWith('#!') ? script : `#!/bin/sh\nset -e\n${script}`;
}

function planEnv(variable: EnvVar): PlannedEnv[] {
  const { name, valueFrom } = variable;
  if (valueFrom?.secretKeyRef) return [{ name, secret: keyOf(valueFrom.secretKeyRef) }];
  if (valueFrom?.configMapKeyRef) return [{ name, configMap: keyOf(valueFrom.configMapKeyRef) }];
  if (valueFrom?.fieldRef) return [{ name, fieldPath: valueFrom.fieldRef.fieldPath }];
  if (valueFrom?.resourceFieldRef) return [{ name, resource: valueFrom.resourceFieldRef }];
  if (valueFrom?.fileKeyRef) return [{ name, other: 'fileKeyRef', raw: valueFrom.fileKeyRef }];
  return [{ name, value: variable.value ?? '' }];
}

function keyOf(selector: { name?: string | undefined; key: string; optional?: boolean | undefined }): {
  name: string;
  key: string;
  optional: boolean;
} {
  return { name: selector.name ?? '', key: selector.key, optional: selector.optional ?? false };
}

function planEnvFrom(source: EnvFromSource): PlannedEnvFrom {
  const { prefix = '', secretRef, configMapRef } = source;
  return {
    prefix,
    ...(secretRef && { secret: { name: secretRef.name ?? '', optional: secretRef.optional ?? false } }),
    ...(configMapRef && { configMap: { name: configMapRef.name ?? '', optional: configMapRef.optional ?? false } }),
  };
}

function planMount(mount: VolumeMount): PlannedMount {
  return {
    volume: mount.name,
    mountPath: mount.mountPath.startsWith('/') ? mount.mountPath : `/${mount.mountPath}`,
    ...(mount.subPath && { subPath: mount.subPath }),
    ...(mount.subPathExpr && { subPathExpr: mount.subPathExpr }),
    readOnly: mount.readOnly ?? false,
    ...passedOn(mount, ['recursiveReadOnly', 'mountPropagation']),
  };
}
