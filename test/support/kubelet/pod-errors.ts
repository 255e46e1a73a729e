import type { V1Probe, V1Volume } from '@kubernetes/client-node';
import { type FieldError, fieldError, underEach } from '../../../src/resources/field-error.ts';
import { type Container, isSidecar, type Pod } from './pod.ts';

const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
const MOST_ANNOTATIONS_BYTES = 256 * 1024;

/**
 * What the API server would not take: of its validation (kubernetes pkg/apis/core/validation/validation.go) the parts that pods of ours could break. And
 * what the kubelet here cannot do, rather than do it wrong.
 */
export function podErrors({ metadata, spec }: Pod): readonly FieldError[] {
  const { containers, initContainers = [], volumes = [], activeDeadlineSeconds: deadline } = spec;
  const names = [...initContainers, ...containers].map(({ name }) => name);
  const bytes = Object.entries(metadata.annotations ?? {}).reduce((sum, [key, value]) => sum + key.length + Buffer.byteLength(value), 0);
  return [
    ...wrong(bytes > MOST_ANNOTATIONS_BYTES, `Too long: may not be more than ${MOST_ANNOTATIONS_BYTES} bytes`, 'metadata.annotations'),
    ...Object.entries(metadata.labels ?? {}).flatMap(([key, value]) =>
      wrong(!LABEL_VALUE.test(value), `Invalid value: ${JSON.stringify(value)}`, `metadata.labels[${key}]`),
    ),
    ...wrong(containers.length === 0, 'Required value', 'spec.containers'),
    ...wrong(spec.restartPolicy !== 'Never', 'the stand-in kubelet runs pods with Never only', 'spec.restartPolicy'),
    ...wrong(deadline !== undefined && !(Number.isInteger(deadline) && deadline > 0), 'Invalid value', 'spec.activeDeadlineSeconds'),
    ...names.flatMap((name, index) => wrong(names.indexOf(name) !== index, `Duplicate value: ${JSON.stringify(name)}`, 'spec.containers')),
    ...underEach('spec.volumes', volumes, (volume, index) => volumeErrors(volume, volumes.slice(0, index))),
    ...underEach('spec.initContainers', initContainers, (container) => [
      ...containerErrors(container, volumes),
      ...wrong(
        !isSidecar(container) &&
          [container.readinessProbe, container.livenessProbe, container.startupProbe, container.lifecycle].some(Boolean),
        'Forbidden: may not be set for init containers without restartPolicy=Always',
        'readinessProbe',
      ),
    ]),
    ...underEach('spec.containers', containers, (container) => [
      ...containerErrors(container, volumes),
      ...wrong(container.restartPolicy !== undefined, 'the stand-in kubelet knows it of init containers only', 'restartPolicy'),
    ]),
  ];
}

function volumeErrors({ name, ...sources }: V1Volume, before: readonly V1Volume[]): readonly FieldError[] {
  const items = [sources.configMap, sources.secret, sources.downwardAPI].flatMap((source) => source?.items ?? []);
  return [
    ...wrong(!LABEL.test(name), `Invalid value: ${JSON.stringify(name)}: must be a DNS label`, 'name'),
    ...wrong(
      before.some((other) => other.name === name),
      `Duplicate value: ${JSON.stringify(name)}`,
      'name',
    ),
    ...wrong(Object.values(sources).filter((source) => source !== undefined).length !== 1, 'must specify one volume type', 'name'),
    ...items.flatMap(({ path }) => wrong(leavesFolder(path), `Invalid value: ${JSON.stringify(path)}`, 'items')),
  ];
}

function containerErrors(container: Container, volumes: readonly V1Volume[]): readonly FieldError[] {
  const { name, image = '', volumeMounts = [], env = [], terminationMessagePath = '/' } = container;
  const { livenessProbe, startupProbe } = container;
  const onlyOnce = (probe: V1Probe | undefined): boolean => (probe?.successThreshold ?? 1) !== 1;
  return [
    ...wrong(!LABEL.test(name), `Invalid value: ${JSON.stringify(name)}: must be a DNS label`, 'name'),
    ...wrong(image === '', 'Required value', 'image'),
    ...wrong(image !== image.trim(), 'Invalid value: must not have leading or trailing whitespace', 'image'),
    ...wrong(!terminationMessagePath.startsWith('/'), 'Invalid value', 'terminationMessagePath'),
    ...wrong(onlyOnce(livenessProbe), 'Invalid value: must be 1', 'livenessProbe.successThreshold'),
    ...wrong(onlyOnce(startupProbe), 'Invalid value: must be 1', 'startupProbe.successThreshold'),
    ...env.flatMap((entry) => wrong(!/^[\x20-\x3c\x3e-\x7e]+$/.test(entry.name), `Invalid value: ${JSON.stringify(entry.name)}`, 'env')),
    ...underEach('volumeMounts', volumeMounts, ({ name: volume, mountPath, subPath = '', subPathExpr = '' }, index) => [
      ...wrong(!volumes.some((known) => known.name === volume), `Not found: ${JSON.stringify(volume)}`, 'name'),
      ...wrong(mountPath === '' || mountPath.includes(':'), `Invalid value: ${JSON.stringify(mountPath)}`, 'mountPath'),
      ...wrong(
        volumeMounts.findIndex((other) => other.mountPath === mountPath) !== index,
        `Invalid value: ${JSON.stringify(mountPath)}: must be unique`,
        'mountPath',
      ),
      ...wrong([subPath, subPathExpr].some(leavesFolder), `Invalid value: ${JSON.stringify(subPath || subPathExpr)}`, 'subPath'),
    ]),
  ];
}

function leavesFolder(path: string): boolean {
  return path.startsWith('/') || path.split('/').includes('..');
}

function wrong(is: boolean, message: string, path: string): readonly FieldError[] {
  return is ? [fieldError(message, path)] : [];
}
