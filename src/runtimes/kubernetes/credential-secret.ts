import type { PodPlan } from '../../tasks/pod-plan.ts';
import { ownerOf } from './pod/build-pod.ts';
import type { PodFacts } from './pod/pod-settings.ts';

/**
 * The files that git and docker look for, as a Secret of the pod's own: it holds nothing that the ServiceAccount's Secrets do not, and goes with the
 * TaskRun. Steps copy them to where they belong.
 */
export function credentialSecret(
  plan: PodPlan,
  files: ReadonlyMap<string, string>,
): { readonly secret: object; readonly mounted: NonNullable<PodFacts['credentials']> } {
  const secretName = `${plan.name.slice(0, 240)}-credentials`;
  // A key takes no slash.
  const entries = [...files].map(([path, text], index) => ({ key: `file-${index}`, path, text }));
  return {
    secret: {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: secretName, namespace: plan.namespace, labels: plan.labels, ...ownerOf(plan) },
      immutable: true,
      data: Object.fromEntries(entries.map(({ key, text }) => [key, Buffer.from(text).toString('base64')])),
    },
    mounted: { secretName, files: entries.map(({ key, path }) => ({ key, path })) },
  };
}
