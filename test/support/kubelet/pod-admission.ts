import { type Admission, admit, type UnknownFields } from '../../../src/resources/admit.ts';
import { defaultEngineConfig } from '../../../src/resources/engine-config.ts';
import { type FieldError, fieldError } from '../../../src/resources/field-error.ts';
import type { KubeObject } from '../../../src/resources/object.ts';
import { strictErrors } from '../strict-kubernetes.ts';
import type { Container, Pod } from './pod.ts';
import { podErrors } from './pod-errors.ts';

/** Our own admission, and for pods what the API server does beside: it refuses fields that there are not, fills in defaults and validates. */
export function admitWithPods(raw: unknown, unknownFields: UnknownFields): Admission {
  const admission = admit(raw, defaultEngineConfig, undefined, unknownFields);
  if (!admission.ok || admission.object.kind !== 'Pod' || admission.object.apiVersion !== 'v1') return admission;
  const unknown = strictErrors(withoutTimes(admission.object)).map((problem) => fieldError(`strict decoding error: ${problem}`));
  if (unknown.length > 0) return { ok: false, errors: unknown, undecoded: true };
  const pod = withDefaults(admission.object as unknown as Pod);
  const errors = podErrors(pod);
  return errors.length > 0 ? { ok: false, errors } : { ...admission, object: pod as unknown as KubeObject };
}

/** The generated types have `Date` there. */
function withoutTimes({ apiVersion, kind, metadata, ...rest }: KubeObject): KubeObject {
  const { creationTimestamp: _, deletionTimestamp: __, managedFields: ___, ...others } = metadata;
  const { status: ____, ...fields } = rest;
  return { apiVersion, kind, metadata: others, ...fields };
}

/** Those that a kubelet and its readers rely on. Follows kubernetes pkg/apis/core/v1/defaults.go. */
function withDefaults(pod: Pod): Pod {
  const { spec } = pod;
  return {
    ...pod,
    spec: {
      restartPolicy: 'Always',
      dnsPolicy: 'ClusterFirst',
      terminationGracePeriodSeconds: 30,
      schedulerName: 'default-scheduler',
      securityContext: {},
      serviceAccountName: 'default',
      enableServiceLinks: true,
      ...spec,
      containers: (spec.containers ?? []).map(containerWithDefaults),
      ...(spec.initContainers && { initContainers: spec.initContainers.map(containerWithDefaults) }),
    },
  };
}

function containerWithDefaults(container: Container): Container {
  const { image = '' } = container;
  const isLatest = !image.includes('@') && (!/:[^/]*$/.test(image) || image.endsWith(':latest'));
  return {
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: isLatest ? 'Always' : 'IfNotPresent',
    resources: {},
    ...container,
  };
}

/** Follows kubernetes pkg/apis/core/validation, `ValidatePodUpdate`: of a pod's spec hardly anything may change. */
export function podUpdateErrors(next: KubeObject, current: KubeObject): readonly FieldError[] {
  if (next.kind !== 'Pod') return [];
  const [now, before] = [next as unknown as Pod, current as unknown as Pod];
  const [deadline, known] = [now.spec.activeDeadlineSeconds, before.spec.activeDeadlineSeconds];
  const path = 'spec.activeDeadlineSeconds';
  if (known !== undefined && deadline === undefined)
    return [fieldError('invalid value: must not update from a positive integer to nil value', path)];
  if (known !== undefined && deadline !== undefined && deadline > known)
    return [fieldError(`invalid value: ${deadline}: must be less than or equal to previous value`, path)];
  if (frozen(now) === frozen(before)) return [];
  const message =
    'Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations`';
  return [fieldError(message, 'spec')];
}

function frozen({ spec }: Pod): string {
  const { activeDeadlineSeconds: _, tolerations: __, ...rest } = spec;
  const containers = (list: readonly Container[] = []): readonly object[] => list.map(({ image: ___, ...others }) => others);
  const all = { ...rest, containers: containers(spec.containers), initContainers: containers(spec.initContainers) };
  return JSON.stringify(sorted(all));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, sorted(member)]),
  );
}
