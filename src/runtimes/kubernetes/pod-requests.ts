import { type KubeClient, KubeError } from '../../kube/kube-client.ts';
import { withRule } from '../../kube/missing-rule.ts';
import type { WirePod } from './observation/pod-status.ts';
import type { PodManifest } from './pod/pod-manifest.ts';

/** What became of a pod that was to be made. */
export type Creation =
  | { readonly type: 'created'; readonly pod: WirePod }
  /** Not now; it is worth asking again. `reason` and `message` are the pod's meanwhile. */
  | { readonly type: 'later'; readonly reason: string; readonly message: string }
  /** Never, as it is. */
  | { readonly type: 'refused'; readonly reason: 'PodAdmissionFailed' | 'PodCreationFailed'; readonly message: string };

/** The requests about single pods. Rejects when the API server could not be asked, or does not let us. */
export class PodRequests {
  readonly #client: KubeClient;

  constructor(client: KubeClient) {
    this.#client = client;
  }

  async create(pod: PodManifest, isSame: (known: WirePod) => boolean): Promise<Creation> {
    const { namespace = '', name = '' } = pod.metadata;
    try {
      const { body } = await this.#client.request<WirePod>({ method: 'POST', path: podsPath(namespace), body: pod });
      return { type: 'created', pod: body };
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      if (error.reason === 'AlreadyExists') return this.#existing(namespace, name, isSame);
      return refusal(error);
    }
  }

  async #existing(namespace: string, name: string, isSame: (known: WirePod) => boolean): Promise<Creation> {
    const known = await this.get(namespace, name);
    if (known !== undefined && isSame(known)) return { type: 'created', pod: known };
    return { type: 'later', reason: 'PodAlreadyExists', message: `tried to create pod ${name}, but it already exists and is another one` };
  }

  async get(namespace: string, name: string): Promise<WirePod | undefined> {
    return unlessGone(this.#client.request<WirePod>({ method: 'GET', path: podPath(namespace, name) }).then(({ body }) => body));
  }

  /** Kubernetes ends a pod whose deadline has passed, and keeps it and its output. */
  async setDeadline(namespace: string, name: string, seconds: number): Promise<WirePod | undefined> {
    return unlessGone(
      this.#client
        .request<WirePod>({
          method: 'PATCH',
          path: podPath(namespace, name),
          contentType: 'application/merge-patch+json',
          body: { spec: { activeDeadlineSeconds: seconds } },
        })
        .then(({ body }) => body),
    );
  }

  async delete(namespace: string, name: string, uid: string | undefined, graceSeconds: number): Promise<void> {
    await unlessGone(
      this.#client.request({
        method: 'DELETE',
        path: podPath(namespace, name),
        // Not one that has the name by now.
        body: { gracePeriodSeconds: graceSeconds, ...(uid !== undefined && { preconditions: { uid } }) },
      }),
    );
  }

  async createSecret(namespace: string, secret: unknown): Promise<void> {
    try {
      await this.#client.request({ method: 'POST', path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets`, body: secret });
    } catch (error) {
      if (!(error instanceof KubeError && error.reason === 'AlreadyExists')) throw explained(error);
    }
  }

  log(namespace: string, name: string, container: string, follow: boolean, signal: AbortSignal): AsyncIterable<Uint8Array> {
    return this.#client.stream({
      path: `${podPath(namespace, name)}/log`,
      query: { container, ...(follow && { follow: 'true' }) },
      accept: '*/*',
      signal,
    });
  }
}

/** Of Kubernetes' pod security standards, and of OpenShift's security context constraints. */
const admissionRefusals = ['violates PodSecurity', 'security context constraint'];

/** Follows tektoncd/pipeline pkg/reconciler/taskrun/taskrun.go, `handlePodCreationError`. */
function refusal(error: KubeError): Creation {
  const { code, reason, message } = error;
  if (code === 403 && message.includes('exceeded quota')) return { type: 'later', reason: 'ExceededResourceQuota', message };
  // The quota was being counted.
  if (code === 409 && message.includes('resourcequotas')) {
    return {
      type: 'later',
      reason: 'ResourceQuotaConflict',
      message: 'tried to create pod, but it failed with ResourceQuotaConflictError',
    };
  }
  if (code === 409) return { type: 'later', reason: reason || 'Conflict', message };
  if (code === 403 && message.includes('is being terminated')) return { type: 'later', reason: 'NamespaceTerminating', message };
  // Ours to mend, not the pod's: a rule that is missing.
  if (code === 403 && /cannot create resource/.test(message)) throw explained(error);
  if (code === 403 && admissionRefusals.some((words) => message.includes(words)))
    return { type: 'refused', reason: 'PodAdmissionFailed', message };
  if (code === 403 || code === 400 || code === 422) return { type: 'refused', reason: 'PodCreationFailed', message };
  throw error;
}

async function unlessGone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof KubeError && (error.code === 404 || (error.code === 409 && error.reason === 'Conflict'))) return undefined;
    throw explained(error);
  }
}

/** The same, of a right that is missing with the rule that gives it. */
function explained(error: unknown): unknown {
  if (!(error instanceof KubeError)) return error;
  return new KubeError(error.code, error.reason, withRule(error), { cause: error, causes: error.causes });
}

function podsPath(namespace: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`;
}

function podPath(namespace: string, name: string): string {
  return `${podsPath(namespace)}/${encodeURIComponent(name)}`;
}
