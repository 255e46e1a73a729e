import type { ComputeResources, SecurityContext } from '../../../resources/core/pod-fields.ts';
import type { KubeObject } from '../../../resources/object.ts';

/** The parts of Kubernetes' Pod that are made here. What a user wrote and only a cluster understands is passed on as written. */

export interface Mount {
  readonly name: string;
  readonly mountPath: string;
  readonly subPath?: string | undefined;
  readonly subPathExpr?: string | undefined;
  readonly readOnly?: boolean | undefined;
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly imagePullPolicy?: string | undefined;
  readonly command?: readonly string[] | undefined;
  readonly args?: readonly string[] | undefined;
  readonly workingDir?: string | undefined;
  readonly env?: readonly Readonly<Record<string, unknown>>[] | undefined;
  readonly envFrom?: readonly Readonly<Record<string, unknown>>[] | undefined;
  readonly volumeMounts?: readonly Mount[] | undefined;
  readonly volumeDevices?: readonly unknown[] | undefined;
  readonly resources?: ComputeResources | undefined;
  readonly securityContext?: SecurityContext | undefined;
  readonly terminationMessagePath?: string | undefined;
  readonly restartPolicy?: 'Always' | undefined;
  readonly [more: string]: unknown;
}

export interface Volume {
  readonly name: string;
  readonly [source: string]: unknown;
}

export interface PodManifest extends KubeObject {
  readonly apiVersion: 'v1';
  readonly kind: 'Pod';
  readonly spec: {
    readonly initContainers?: readonly Container[] | undefined;
    readonly containers: readonly Container[];
    readonly volumes: readonly Volume[];
    readonly [more: string]: unknown;
  };
}

/** Without what is `undefined`: a manifest that is compared, and not only sent as JSON. */
export function defined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;
}

/** `undefined` for an empty list, which Kubernetes would not keep either. */
export function some<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}
