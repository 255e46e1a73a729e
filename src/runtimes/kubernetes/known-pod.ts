import type { PodObservation } from '../../tasks/pod-observation.ts';
import { isStep } from './observation/observe-container.ts';
import { observeDeleted, observePod, STOPPED_DEADLINE_SECONDS } from './observation/observe-pod.ts';
import type { WireContainer, WirePod } from './observation/pod-status.ts';
import type { ResultsLog } from './observation/results-log.ts';
import { RESULTS_LOG_CONTAINER } from './pod/results-log-container.ts';

/** A pod as the API server last showed it, and what that means. */
export class KnownPod {
  readonly pod: WirePod;
  readonly #results: ResultsLog | undefined;
  #seen: PodObservation | undefined;

  /** `stopped`: it was deleted by us, and how it ends is our doing. `results`: what was read of its log of results. */
  constructor(pod: WirePod, stopped = false, results?: ResultsLog) {
    this.#results = results;
    const kept = trimmed(pod);
    const marked = { ...kept, spec: { ...kept.spec, activeDeadlineSeconds: STOPPED_DEADLINE_SECONDS } };
    this.pod = stopped && pod.metadata.deletionTimestamp !== undefined ? marked : kept;
  }

  get observation(): PodObservation {
    this.#seen ??= observePod(this.pod, this.#results);
    return this.#seen;
  }

  /** A step may have done something: its container runs or has run. Where nothing is known of containers, none has. */
  get hasBegun(): boolean {
    const { phase } = this.observation;
    const containers = this.pod.status?.containerStatuses?.filter(isStep) ?? [];
    const some = containers.some(({ state }) => state?.running !== undefined || state?.terminated !== undefined);
    return some || (phase !== 'Pending' && containers.length === 0);
  }

  /** Whether its log of results is complete, and worth reading. */
  get hasResultsToRead(): boolean {
    return this.observation.awaitsResults === true && (this.hasEnded || hasEnded(this.pod, RESULTS_LOG_CONTAINER));
  }

  get hasEnded(): boolean {
    const { phase } = this.observation;
    return phase === 'Succeeded' || phase === 'Failed';
  }

  /** Kubernetes ends what is left by itself: only sidecars of its own kind. */
  get endsByItself(): boolean {
    const containers = this.pod.spec?.containers ?? [];
    const isOurs = (container: WireContainer): boolean => isStep(container) || container.name === RESULTS_LOG_CONTAINER;
    return containers.every(isOurs) && containers.filter(isStep).every(({ name }) => hasEnded(this.pod, name));
  }

  /** On a node whose kubelet can end it; before that only the API server can. */
  get isBound(): boolean {
    return this.pod.spec?.nodeName !== undefined;
  }

  /** What is left of it when it is no more. `stopped`: by us. */
  afterDeletion(at: number, stopped: boolean): PodObservation {
    if (this.hasEnded || !stopped) return observeDeleted(this.pod, at, this.#results);
    const { conditions: _conditions, ...status } = this.pod.status ?? {};
    const ended = new Date(at).toISOString();
    return observePod({
      ...this.pod,
      spec: { ...this.pod.spec, activeDeadlineSeconds: STOPPED_DEADLINE_SECONDS },
      status: {
        ...status,
        phase: 'Failed',
        reason: 'DeadlineExceeded',
        conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: ended }],
      },
    });
  }
}

function hasEnded({ status }: WirePod, container: string): boolean {
  return status?.containerStatuses?.find(({ name }) => name === container)?.state?.terminated !== undefined;
}

/** All there is to keep: pods of runs that are over stay for as long as their TaskRuns do. */
function trimmed({ metadata, spec, status }: WirePod): WirePod {
  const { name, namespace, uid, labels, deletionTimestamp } = metadata;
  const container = ({ name: called, image, readinessProbe, startupProbe }: WireContainer): WireContainer => ({
    name: called,
    ...(image !== undefined && { image }),
    ...(readinessProbe !== undefined && { readinessProbe: {} }),
    ...(startupProbe !== undefined && { startupProbe: {} }),
  });
  return {
    metadata: { name, namespace, ...(uid && { uid }), ...(labels && { labels }), ...(deletionTimestamp && { deletionTimestamp }) },
    spec: {
      ...(spec?.nodeName && { nodeName: spec.nodeName }),
      ...(spec?.activeDeadlineSeconds !== undefined && { activeDeadlineSeconds: spec.activeDeadlineSeconds }),
      containers: spec?.containers?.map(container) ?? [],
      initContainers: spec?.initContainers?.map(container) ?? [],
    },
    ...(status && { status }),
  };
}
