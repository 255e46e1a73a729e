import type { KubeObject, ObjectMeta } from '../resources/object.ts';

/** What the server notes of an object, and nobody writes. */
const noted: ReadonlySet<string> = new Set<keyof ObjectMeta | 'selfLink'>([
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'selfLink',
]);
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** An object as somebody would write it for another server: without its status and what this one notes. */
export function asWritten(object: KubeObject): KubeObject {
  const { status: _, ...rest } = object;
  const metadata = Object.fromEntries(Object.entries(object.metadata).filter(([name]) => !noted.has(name))) as ObjectMeta;
  const { [LAST_APPLIED]: _applied, ...annotations } = metadata.annotations ?? {};
  const { annotations: _annotations, ...others } = metadata;
  return { ...rest, metadata: Object.keys(annotations).length === 0 ? others : { ...others, annotations } };
}

/** Who manages which field is for tools; as `kubectl get` does. */
export function withoutManagedFields<T extends KubeObject>(object: T): T {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
