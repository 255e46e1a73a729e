import { availableParallelism, hostname, totalmem } from 'node:os';
import { goQuote } from '../../expressions/variables/go-quote.ts';
import type { PodMaterials } from '../../ports/runtime.ts';
import type { ResourceField } from '../../resources/core/pod-fields.ts';
import type { PlannedEnv, PlannedEnvFrom, PlannedSidecar, PlannedStep, PodPlan } from '../../tasks/pod-plan.ts';
import { resourceFieldValue } from '../../tasks/resource-field.ts';
import { expandVariables } from './expand-variables.ts';

type Data = ReadonlyMap<string, Buffer>;

/** What keeps Kubernetes from creating a container, in its words; the container waits with it. */
export class ContainerConfigError extends Error {
  readonly reason: 'CreateContainerConfigError' | 'CreateContainerError' | 'ImagePullBackOff' | 'InvalidImageName';

  constructor(message: string, reason: ContainerConfigError['reason'] = 'CreateContainerConfigError') {
    super(message);
    this.reason = reason;
  }
}

type Container = PlannedStep | PlannedSidecar;

/** The variables a container declares, values expanded: `envFrom` first, then `env`, later entries win, as the kubelet does it. */
export function declaredEnvironment(container: Container, plan: PodPlan, materials: PodMaterials): Map<string, string> {
  const declared = new Map<string, string>();
  for (const from of container.envFrom) addAll(declared, from, materials);
  for (const entry of container.env) {
    const value = literalOf(entry, declared, container, plan, materials);
    if (value !== undefined) declared.set(entry.name, value);
  }
  return declared;
}

/** A key no environment can hold is left out; Kubernetes reports an event and goes on. */
function addAll(declared: Map<string, string>, from: PlannedEnvFrom, materials: PodMaterials): void {
  const { configMap, secret } = from;
  const found = [
    ...(configMap === undefined
      ? []
      : [
          optionally(configMap.optional, materials.configMaps.get(configMap.name), `configmap ${JSON.stringify(configMap.name)} not found`),
        ]),
    ...(secret === undefined
      ? []
      : [optionally(secret.optional, materials.secrets.get(secret.name), `secret ${JSON.stringify(secret.name)} not found`)]),
  ];
  for (const data of found) {
    for (const [key, value] of data ?? []) {
      const name = from.prefix + key;
      if (/^[ -<>-~]+$/.test(name)) declared.set(name, value.toString('utf8'));
    }
  }
}

function literalOf(
  entry: PlannedEnv,
  declared: ReadonlyMap<string, string>,
  container: Container,
  plan: PodPlan,
  materials: PodMaterials,
): string | undefined {
  if ('value' in entry) return expandVariables(entry.value, declared);
  if ('fieldPath' in entry) return fieldOf(plan, entry.fieldPath);
  if ('resource' in entry) return resourceOf(entry.resource, plan, container);
  if ('other' in entry) throw new ContainerConfigError(`env ${JSON.stringify(entry.name)}: only a cluster can serve ${entry.other}`);
  const [kind, ref, data] =
    'secret' in entry
      ? (['Secret', entry.secret, materials.secrets] as const)
      : (['ConfigMap', entry.configMap, materials.configMaps] as const);
  const found = optionally(ref.optional, data.get(ref.name), `${kind.toLowerCase()} ${JSON.stringify(ref.name)} not found`);
  if (found === undefined) return undefined;
  return optionally(ref.optional, found.get(ref.key), `couldn't find key ${ref.key} in ${kind} ${plan.namespace}/${ref.name}`)?.toString(
    'utf8',
  );
}

function optionally<T extends Data | Buffer>(optional: boolean, found: T | undefined, message: string): T | undefined {
  if (found === undefined && !optional) throw new ContainerConfigError(message);
  return found;
}

/** A field of the pod as text; labels and annotations as a whole are lines of `key="value"`. Throws `ContainerConfigError`. */
export function fieldOf(plan: PodPlan, path: string): string {
  const keyed = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path);
  if (keyed !== null) {
    const [, map, key = ''] = keyed;
    const values = map === 'labels' ? plan.labels : plan.annotations;
    return Object.hasOwn(values, key) ? (values[key] ?? '') : '';
  }
  switch (path) {
    case 'metadata.labels':
    case 'metadata.annotations':
      return Object.entries(path === 'metadata.labels' ? plan.labels : plan.annotations)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, value]) => `${key}=${goQuote(value)}`)
        .join('\n');
    case 'metadata.name':
      return plan.name;
    case 'metadata.namespace':
      return plan.namespace;
    case 'metadata.uid':
      return plan.uid;
    case 'spec.serviceAccountName':
      return plan.serviceAccountName;
    case 'spec.nodeName':
      return hostname();
    case 'status.podIP':
    case 'status.podIPs':
    case 'status.hostIP':
    case 'status.hostIPs':
      return '127.0.0.1';
    default:
      throw new ContainerConfigError(`fieldPath ${JSON.stringify(path)} is not supported by this runtime`);
  }
}

/** A limit or request as the kubelet tells it. `own`: the container that is meant where none is named. Throws `ContainerConfigError`. */
export function resourceOf(field: ResourceField, plan: PodPlan, own?: Container): string {
  const { containerName = '', resource } = field;
  const container = containerName === '' ? own : [...plan.steps, ...plan.sidecars].find((each) => each.container === containerName);
  if (container === undefined) throw new ContainerConfigError(`container ${JSON.stringify(containerName)} not found`);
  const value = resourceFieldValue(field, container.computeResources, { cpu: availableParallelism(), memory: totalmem() });
  if (value === undefined) throw new ContainerConfigError(`unsupported container resource: ${resource}`);
  return value;
}
