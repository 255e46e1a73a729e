import type { V1Container, V1PodSpec } from '@kubernetes/client-node';
import type { KubeObject, StoredMeta } from '../../../src/resources/object.ts';

/** A Pod as the API server gives it to a kubelet. The generated types hold for specs; in statuses they have `Date` where there is text on the wire. */
export interface Pod extends KubeObject {
  readonly metadata: StoredMeta;
  readonly spec: V1PodSpec;
  readonly status?: PodStatus;
}

export type Container = V1Container;

export interface Terminated {
  readonly exitCode: number;
  readonly reason: string;
  readonly message?: string | undefined;
  /** RFC 3339, whole seconds, as all times here. */
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly containerID?: string;
}

export interface ContainerState {
  readonly waiting?: { readonly reason: string; readonly message?: string };
  readonly running?: { readonly startedAt: string };
  readonly terminated?: Terminated;
}

export interface ContainerStatus {
  readonly name: string;
  readonly state: ContainerState;
  readonly lastState: ContainerState;
  readonly ready: boolean;
  readonly started: boolean;
  readonly restartCount: number;
  readonly image: string;
  readonly imageID: string;
  readonly containerID?: string | undefined;
}

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly lastTransitionTime: string;
}

export type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

export interface PodStatus {
  readonly phase: Phase;
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly startTime?: string | undefined;
  readonly conditions?: readonly Condition[];
  readonly initContainerStatuses?: readonly ContainerStatus[] | undefined;
  readonly containerStatuses?: readonly ContainerStatus[] | undefined;
  readonly [more: string]: unknown;
}

/** A sidecar of Kubernetes' own kind: an init container that goes on. */
export function isSidecar(container: Container): boolean {
  return container.restartPolicy === 'Always';
}

export function graceOf({ spec }: Pod): number {
  return spec.terminationGracePeriodSeconds ?? 30;
}

export function hasEnded({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

export function podPath({ metadata: { namespace, name } }: Pod): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace ?? '')}/pods/${encodeURIComponent(name)}`;
}
