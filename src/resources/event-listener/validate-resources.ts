import { disallowedField, type FieldError, fieldError, invalidValue, oneOfMultiple, under, underEach } from '../field-error.ts';
import type { EventListenerResources } from './schema.ts';

type KubernetesResource = NonNullable<EventListenerResources['kubernetesResource']>;
type PodTemplateSpec = NonNullable<NonNullable<KubernetesResource['spec']>['template']>;
type Container = NonNullable<NonNullable<PodTemplateSpec['spec']>['containers']>[number];

/** Paths are relative to `spec.resources`. */
export function validateResources({ kubernetesResource, customResource }: EventListenerResources): readonly FieldError[] {
  if (kubernetesResource === undefined) return [];
  const errors: FieldError[] = [];
  if (customResource !== undefined) errors.push(oneOfMultiple('customResource', 'kubernetesResource'));
  const { replicas = 0, serviceType = '', serviceLoadBalancerClass, spec } = kubernetesResource;
  // The path is upstream's, though the field is one level up.
  if (replicas < 0) errors.push(invalidValue(replicas, 'kubernetesResource.spec.replicas'));
  if (serviceLoadBalancerClass !== undefined && serviceType !== 'LoadBalancer') {
    const details = 'ServiceLoadBalancerClass is only needed for LoadBalancer service type';
    errors.push(invalidValue(serviceLoadBalancerClass, 'kubernetesResource.serviceLoadBalancerClass', details));
  }
  if (spec?.template?.spec !== undefined) {
    errors.push(...under('kubernetesResource.spec.template.spec', validatePodSpec(spec.template.spec)));
  }
  return errors;
}

const podFields: ReadonlySet<string> = new Set([
  'serviceAccountName',
  'containers',
  'tolerations',
  'nodeSelector',
  'affinity',
  'topologySpreadConstraints',
  'imagePullSecrets',
  'securityContext',
]);
const containerFields: ReadonlySet<string> = new Set([
  'resources',
  'env',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'securityContext',
]);

function validatePodSpec(spec: NonNullable<PodTemplateSpec['spec']>): readonly FieldError[] {
  const { containers = [] } = spec;
  return [
    ...disallowed(Object.keys(spec), podFields),
    ...(containers.length > 1 ? [fieldError('expected exactly one, got both', 'containers')] : []),
    ...underEach('containers', containers, validateContainer),
  ];
}

function validateContainer(container: Container): readonly FieldError[] {
  const env = container.env ?? [];
  const tls = env.map((entry) => entry.name ?? '').filter((name) => name === 'TLS_CERT' || name === 'TLS_KEY');
  return [
    ...disallowed(Object.keys(container), containerFields),
    ...underEach('env', env, ({ value, valueFrom }) => [
      ...(value === undefined ? [] : [disallowedField('value')]),
      ...disallowed(Object.keys(valueFrom ?? {}), secretOnly).flatMap((error) => under('valueFrom', [error])),
    ]),
    ...(tls.length === 1 ? [fieldError(`Expected env's are TLS_CERT and TLS_KEY, but got only one env ${tls[0]}`, [])] : []),
  ];
}

const secretOnly: ReadonlySet<string> = new Set(['secretKeyRef']);

function disallowed(given: readonly string[], allowed: ReadonlySet<string>): readonly FieldError[] {
  const refused = given.filter((field) => !allowed.has(field));
  return refused.length === 0 ? [] : [disallowedField(...refused)];
}
