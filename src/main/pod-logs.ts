import { POD_UID_ANNOTATION } from '../controllers/pod-record.ts';
import type { LogOptions, Runtime } from '../ports/runtime.ts';
import type { Store } from '../ports/store.ts';

/** Output of one container of a recorded Pod; nothing when there is no such pod or its files are gone. */
export async function* podLogs(
  { store, runtime }: { readonly store: Store; readonly runtime: Runtime },
  pod: { readonly namespace: string; readonly name: string; readonly container: string },
  options: LogOptions,
): AsyncGenerator<Buffer> {
  const record = await store.get({ kind: 'Pod', namespace: pod.namespace, name: pod.name });
  const uid = record?.metadata.annotations?.[POD_UID_ANNOTATION];
  if (uid !== undefined) yield* runtime.logs(uid, pod.container, options);
}
