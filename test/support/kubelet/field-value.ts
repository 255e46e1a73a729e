import type { Pod } from './pod.ts';

/** What `fieldRef` names, as text. `undefined`: the pod has no such field. Follows kubernetes pkg/fieldpath/fieldpath.go. */
export function fieldValue(pod: Pod, path: string): string | undefined {
  const { metadata, spec, status } = pod;
  const subscript = /^metadata\.(annotations|labels)\['(.*)'\]$/.exec(path);
  if (subscript !== null) return metadata[subscript[1] as 'annotations' | 'labels']?.[subscript[2] ?? ''] ?? '';
  switch (path) {
    case 'metadata.name':
      return metadata.name;
    case 'metadata.namespace':
      return metadata.namespace;
    case 'metadata.uid':
      return metadata.uid;
    case 'metadata.labels':
    case 'metadata.annotations':
      return Object.entries(path === 'metadata.labels' ? (metadata.labels ?? {}) : (metadata.annotations ?? {}))
        .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
        .toSorted()
        .join('\n');
    case 'spec.nodeName':
      return spec.nodeName;
    case 'spec.serviceAccountName':
      return spec.serviceAccountName;
    case 'status.podIP':
    case 'status.hostIP':
      return (status?.[path.slice('status.'.length)] as string | undefined) ?? '127.0.0.1';
    default:
      return undefined;
  }
}
