import { POD_UID_ANNOTATION } from '../controllers/pod-record.ts';
import type { LogOptions, Runtime } from '../ports/runtime.ts';
import type { Store } from '../ports/store.ts';
import type { EngineConfig } from '../resources/engine-config.ts';
import type { Stored } from '../resources/object.ts';
import type { TaskRun } from '../resources/task-run/schema.ts';
import { maskedValues, maskOutput } from './mask-output.ts';
import { secretsOfPod } from './secrets-of-pod.ts';

export interface PodLogSources {
  readonly store: Store;
  readonly runtime: Runtime;
  readonly config: EngineConfig;
}

/**
 * Output of one container of a recorded Pod, with the values of the Secrets its pod was given masked; nothing when there is no such pod or
 * its files are gone.
 */
export async function* podLogs(
  sources: PodLogSources,
  pod: { readonly namespace: string; readonly name: string; readonly container: string },
  options: LogOptions,
): AsyncGenerator<Buffer> {
  const record = await sources.store.get({ kind: 'Pod', namespace: pod.namespace, name: pod.name });
  const uid = record?.metadata.annotations?.[POD_UID_ANNOTATION];
  if (record === undefined || uid === undefined) return;
  yield* maskOutput(sources.runtime.logs(uid, pod.container, options), maskedValues(await secretsOf(sources, record)));
}

async function secretsOf({ store, config }: PodLogSources, record: Stored): Promise<readonly Buffer[]> {
  const { namespace, ownerReferences = [] } = record.metadata;
  const owner = ownerReferences.find((reference) => reference.kind === 'TaskRun');
  const taskRun = owner && (await store.get<TaskRun>({ kind: 'tekton.dev/TaskRun', namespace, name: owner.name }));
  return taskRun === undefined ? [] : secretsOfPod((key) => store.get(key), taskRun, config);
}
