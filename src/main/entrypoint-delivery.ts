import { type KubeClient, KubeError } from '../kube/kube-client.ts';
import type { PodSettings } from '../runtimes/kubernetes/pod/pod-settings.ts';

/** From this one on the API server takes volumes that are images without being told to. */
const FIRST_WITH_IMAGE_VOLUMES = { major: 1, minor: 36 };

interface Version {
  readonly major?: string;
  /** `36`, or with what a distribution adds: `36+`. */
  readonly minor?: string;
}

/**
 * How the entrypoint comes into pods: as configured, or (`auto`) by the version of the API server, asked once. Kubelets and container runtimes may be
 * older than it: whoever has such nodes configures `init-container`. A server that does not say it counts as an old one.
 * Rejects with a `KubeError` when the server cannot be reached.
 */
export async function entrypointDelivery(
  configured: PodSettings['delivery'] | 'auto',
  client: Pick<KubeClient, 'request'>,
): Promise<PodSettings['delivery']> {
  if (configured !== 'auto') return configured;
  try {
    const { body } = await client.request<Version>({ method: 'GET', path: '/version' });
    return hasImageVolumes(body) ? 'image-volume' : 'init-container';
  } catch (error) {
    if (error instanceof KubeError && error.code !== 0) return 'init-container';
    throw error;
  }
}

function hasImageVolumes({ major = '', minor = '' }: Version): boolean {
  const [first, second] = [Number.parseInt(major, 10), Number.parseInt(minor, 10)];
  const { major: least, minor: then } = FIRST_WITH_IMAGE_VOLUMES;
  return first > least || (first === least && second >= then);
}
