import { credentialSecrets } from '../controllers/credential-secrets.ts';
import { gatherMaterials } from '../controllers/materials.ts';
import { POD_UID_ANNOTATION } from '../controllers/pod-record.ts';
import type { LogOptions, Runtime } from '../ports/runtime.ts';
import type { Store } from '../ports/store.ts';
import type { EngineConfig } from '../resources/engine-config.ts';
import type { Stored } from '../resources/object.ts';
import type { TaskRun } from '../resources/task-run/schema.ts';
import { planPod } from '../tasks/plan-pod.ts';
import { attemptOf } from '../tasks/pod-uid.ts';
import { maskedValues, maskOutput } from './mask-output.ts';

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

/** The pod's plan tells which Secrets it was given: made again from its TaskRun, for the record does not keep it. */
async function secretsOf({ store, config }: PodLogSources, record: Stored): Promise<readonly Buffer[]> {
  const { namespace, ownerReferences = [] } = record.metadata;
  const owner = ownerReferences.find((reference) => reference.kind === 'TaskRun');
  const taskRun = owner && (await store.get<TaskRun>({ kind: 'tekton.dev/TaskRun', namespace, name: owner.name }));
  const spec = taskRun?.status?.taskSpec;
  if (taskRun === undefined || spec === undefined) return [];
  const planned = planPod(taskRun, spec, config, attemptOf(taskRun));
  if (!planned.ok) return [];
  const { secrets } = await gatherMaterials(store, planned.plan);
  const ofAccount = await credentialSecrets((key) => store.get(key), planned.plan.namespace, planned.plan.serviceAccountName, config);
  return [
    ...[...secrets.values()].flatMap((secret) => [...secret.values()]),
    ...ofAccount.secrets.flatMap(({ data }) => [...data].flatMap(([key, value]) => (isPublic(key) ? [] : [Buffer.from(value)]))),
  ];
}

/** Of credentials for git and docker: masking names of users and hosts would only make output unreadable. */
function isPublic(key: string): boolean {
  return key === 'username' || key === 'known_hosts';
}
