import type { V1EnvVar } from '@kubernetes/client-node';
import { expandVariables } from '../../../src/runtimes/sandbox/expand-variables.ts';
import { fieldValue } from './field-value.ts';
import type { Container, Pod } from './pod.ts';

/** ConfigMaps and Secrets as their data; `undefined` when there is no such object. */
export interface Sources {
  data(kind: 'ConfigMap' | 'Secret', name: string): Promise<ReadonlyMap<string, Buffer> | undefined>;
}

/** A container cannot be made from what its spec names: `CreateContainerConfigError`. */
export class ConfigError extends Error {}

const SERVICE_PORT = '443';
const SERVICE_HOST = '10.96.0.1';

/** Every pod is told where the API server is (kubernetes pkg/kubelet/envvars). */
const OF_THE_CLUSTER: readonly (readonly [string, string])[] = [
  ['KUBERNETES_SERVICE_HOST', SERVICE_HOST],
  ['KUBERNETES_SERVICE_PORT', SERVICE_PORT],
  ['KUBERNETES_SERVICE_PORT_HTTPS', SERVICE_PORT],
  ['KUBERNETES_PORT', `tcp://${SERVICE_HOST}:${SERVICE_PORT}`],
  ['KUBERNETES_PORT_443_TCP', `tcp://${SERVICE_HOST}:${SERVICE_PORT}`],
  ['KUBERNETES_PORT_443_TCP_PROTO', 'tcp'],
  ['KUBERNETES_PORT_443_TCP_PORT', SERVICE_PORT],
  ['KUBERNETES_PORT_443_TCP_ADDR', SERVICE_HOST],
];

/**
 * A container's variables: of envFrom, then of env over them, each with `$(NAME)` of those before it put in. Follows kubernetes
 * pkg/kubelet/kubelet_pods.go, `makeEnvironmentVariables`.
 */
export async function environmentOf(pod: Pod, container: Container, sources: Sources): Promise<ReadonlyMap<string, string>> {
  const variables = new Map<string, string>();
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const reference = configMapRef ?? secretRef;
    const kind = configMapRef === undefined ? 'Secret' : 'ConfigMap';
    const data = await sources.data(kind, reference?.name ?? '');
    if (data === undefined && reference?.optional !== true) throw new ConfigError(notFound(kind, reference?.name ?? ''));
    for (const [key, value] of data ?? []) variables.set(`${prefix}${key}`, value.toString());
  }
  const known = new Map<string, string>([...OF_THE_CLUSTER, ...variables]);
  for (const entry of container.env ?? []) {
    const value =
      entry.valueFrom === undefined ? expandVariables(entry.value ?? '', known) : await referredValue(pod, container, entry, sources);
    if (value === undefined) continue;
    known.set(entry.name, value);
    variables.set(entry.name, value);
  }
  for (const [name, value] of OF_THE_CLUSTER) if (!variables.has(name)) variables.set(name, value);
  return variables;
}

async function referredValue(pod: Pod, container: Container, { valueFrom }: V1EnvVar, sources: Sources): Promise<string | undefined> {
  if (valueFrom?.fieldRef !== undefined) return fieldValue(pod, valueFrom.fieldRef.fieldPath);
  const reference = valueFrom?.configMapKeyRef ?? valueFrom?.secretKeyRef;
  if (reference === undefined)
    throw new ConfigError(`the stand-in kubelet knows no ${Object.keys(valueFrom ?? {}).join()} (${container.name})`);
  const kind = valueFrom?.configMapKeyRef === undefined ? 'Secret' : 'ConfigMap';
  const name = reference.name ?? '';
  const data = await sources.data(kind, name);
  if (data === undefined) {
    if (reference.optional === true) return undefined;
    throw new ConfigError(notFound(kind, name));
  }
  const value = data.get(reference.key);
  if (value === undefined && reference.optional !== true)
    throw new ConfigError(`couldn't find key ${reference.key} in ${kind} ${pod.metadata.namespace}/${name}`);
  return value?.toString();
}

function notFound(kind: 'ConfigMap' | 'Secret', name: string): string {
  return `${kind.toLowerCase()} ${JSON.stringify(name)} not found`;
}
