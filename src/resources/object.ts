/** The shape every resource shares, as Kubernetes defines it. Kinds with a schema of ours narrow it. */

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean | undefined;
  readonly blockOwnerDeletion?: boolean | undefined;
}

export interface ObjectMeta {
  readonly name?: string | undefined;
  readonly generateName?: string | undefined;
  readonly namespace?: string | undefined;
  readonly uid?: string | undefined;
  /** Opaque to clients. Ours is a decimal integer that grows with every write to the store. */
  readonly resourceVersion?: string | undefined;
  /** Grows by one with every change of anything but metadata and status. */
  readonly generation?: number | undefined;
  /** RFC 3339, whole seconds, UTC. */
  readonly creationTimestamp?: string | undefined;
  readonly deletionTimestamp?: string | undefined;
  readonly deletionGracePeriodSeconds?: number | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly finalizers?: readonly string[] | undefined;
  readonly ownerReferences?: readonly OwnerReference[] | undefined;
  readonly managedFields?: readonly unknown[] | undefined;
}

export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

/** Metadata as the store hands it out: the fields the store itself fills are there. */
export interface StoredMeta extends ObjectMeta {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation: number;
  readonly creationTimestamp: string;
}

export type Stored<T extends KubeObject = KubeObject> = T & { readonly metadata: StoredMeta };

/** Upstream's duck-typed condition. Done means: status is not `Unknown`. */
export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  /** RFC 3339; changes only when status, reason or message change. */
  readonly lastTransitionTime?: string | undefined;
  readonly severity?: string | undefined;
}

/** `tekton.dev/PipelineRun`, or for the core group only the kind: `ConfigMap`. The version is not part of a kind's identity. */
export type GroupKind = string;

export function groupKindOf(object: { readonly apiVersion: string; readonly kind: string }): GroupKind {
  const slash = object.apiVersion.indexOf('/');
  return slash < 0 ? object.kind : `${object.apiVersion.slice(0, slash)}/${object.kind}`;
}
