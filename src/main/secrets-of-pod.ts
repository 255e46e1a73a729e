import { credentialSecrets } from '../controllers/credential-secrets.ts';
import { gatherMaterials } from '../controllers/materials.ts';
import type { ObjectKey } from '../ports/store.ts';
import type { EngineConfig } from '../resources/engine-config.ts';
import type { Stored } from '../resources/object.ts';
import type { TaskRun } from '../resources/task-run/schema.ts';
import { planPod } from '../tasks/plan-pod.ts';
import { attemptOf } from '../tasks/pod-uid.ts';

/** Values of the Secrets that a TaskRun's pod was given. Its plan tells which: made again from the TaskRun, for pods that are over do not keep it. */
export async function secretsOfPod(
  get: (key: ObjectKey) => Promise<Stored | undefined>,
  taskRun: Stored<TaskRun>,
  config: EngineConfig,
): Promise<readonly Buffer[]> {
  const spec = taskRun.status?.taskSpec;
  if (spec === undefined) return [];
  const planned = planPod(taskRun, spec, config, attemptOf(taskRun));
  if (!planned.ok) return [];
  const { secrets } = await gatherMaterials(get, planned.plan);
  const ofAccount = await credentialSecrets(get, planned.plan.namespace, planned.plan.serviceAccountName, config);
  return [
    ...[...secrets.values()].flatMap((secret) => [...secret.values()]),
    ...ofAccount.secrets.flatMap(({ data }) => [...data].flatMap(([key, value]) => (isPublic(key) ? [] : [Buffer.from(value)]))),
  ];
}

/** Of credentials for git and docker: masking names of users and hosts would only make output unreadable. */
function isPublic(key: string): boolean {
  return key === 'username' || key === 'known_hosts';
}
