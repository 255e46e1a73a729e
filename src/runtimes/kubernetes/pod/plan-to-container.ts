import type { PlannedEnv, PlannedEnvFrom, PlannedMount, PlannedStep } from '../../../tasks/pod-plan.ts';
import { type Container, defined, type Mount, some } from './pod-manifest.ts';

/** Fields that steps and sidecars have in common, and that are passed on as planned. */
export function commonFields(container: Omit<PlannedStep, 'onError' | 'results' | 'when'>): Container {
  return defined({
    name: container.container,
    image: container.image,
    imagePullPolicy: container.imagePullPolicy,
    env: some(container.env.map(toEnv)),
    envFrom: some(container.envFrom.map(toEnvFrom)),
    volumeDevices: container.devices,
    resources: container.computeResources,
    securityContext: container.securityContext,
  });
}

function toEnv(entry: PlannedEnv): Readonly<Record<string, unknown>> {
  const { name } = entry;
  if ('value' in entry) return { name, value: entry.value };
  if ('secret' in entry) return { name, valueFrom: { secretKeyRef: keyOf(entry.secret) } };
  if ('configMap' in entry) return { name, valueFrom: { configMapKeyRef: keyOf(entry.configMap) } };
  if ('fieldPath' in entry) return { name, valueFrom: { fieldRef: { fieldPath: entry.fieldPath } } };
  if ('resource' in entry) return { name, valueFrom: { resourceFieldRef: entry.resource } };
  return { name, valueFrom: { [entry.other]: entry.raw } };
}

function keyOf({ name, key, optional }: { name: string; key: string; optional: boolean }): Readonly<Record<string, unknown>> {
  return { name, key, ...(optional && { optional }) };
}

function toEnvFrom({ prefix, secret, configMap }: PlannedEnvFrom): Readonly<Record<string, unknown>> {
  const named = ({ name, optional }: { name: string; optional: boolean }): Readonly<Record<string, unknown>> => ({
    name,
    ...(optional && { optional }),
  });
  return {
    ...(prefix !== '' && { prefix }),
    ...(secret && { secretRef: named(secret) }),
    ...(configMap && { configMapRef: named(configMap) }),
  };
}

export function toMount({ volume, mountPath, subPath, subPathExpr, readOnly, passedOn }: PlannedMount): Mount {
  return defined({ name: volume, mountPath, subPath, subPathExpr, readOnly: readOnly || undefined, ...passedOn });
}

/** A user's own mount at a path keeps ours from it. */
export function withMounts(own: readonly PlannedMount[], implicit: readonly Mount[]): readonly Mount[] {
  const taken = new Set(own.map(({ mountPath }) => cleaned(mountPath)));
  return [...own.map(toMount), ...implicit.filter(({ mountPath }) => !taken.has(cleaned(mountPath)))];
}

function cleaned(path: string): string {
  return path.replace(/\/+/g, '/').replace(/(.)\/$/, '$1');
}
