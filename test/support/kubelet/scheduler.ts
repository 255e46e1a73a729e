import type { KubeClient } from '../../../src/kube/kube-client.ts';
import { timestamp } from '../../../src/resources/timestamp.ts';
import { type Pod, podPath } from './pod.ts';
import { unlessGone } from './status-writer.ts';

export const NODE = 'stand-in';

const LABELS: ReadonlyMap<string, string> = new Map([
  ['kubernetes.io/hostname', NODE],
  ['kubernetes.io/os', 'linux'],
  ['kubernetes.io/arch', process.arch === 'x64' ? 'amd64' : process.arch],
]);

/** Gives a pod to the one node there is, or says why not. A pod that no node fits is looked at again when it changes. */
export async function schedule(client: KubeClient, pod: Pod): Promise<void> {
  const unmet = Object.entries(pod.spec.nodeSelector ?? {}).some(([key, value]) => LABELS.get(key) !== value);
  if (!unmet) {
    const target = { apiVersion: 'v1', kind: 'Node', name: NODE };
    const { name, namespace, uid } = pod.metadata;
    const body = { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace, uid }, target };
    await client.request({ method: 'POST', path: `${podPath(pod)}/binding`, body }).catch(unlessGone);
    return;
  }
  if (pod.status?.conditions?.some(({ type }) => type === 'PodScheduled')) return;
  const condition = {
    type: 'PodScheduled',
    status: 'False',
    reason: 'Unschedulable',
    message:
      "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.",
    lastTransitionTime: timestamp(Date.now()),
  };
  const body = { status: { phase: 'Pending', conditions: [condition] } };
  await client
    .request({ method: 'PATCH', path: `${podPath(pod)}/status`, body, contentType: 'application/merge-patch+json' })
    .catch(unlessGone);
}
