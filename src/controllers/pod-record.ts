import type { KubeObject, OwnerReference } from '../resources/object.ts';
import { timestamp } from '../resources/timestamp.ts';
import type { ContainerState, PodObservation } from '../tasks/pod-observation.ts';
import type { PodPlan } from '../tasks/pod-plan.ts';

/** Annotation on a recorded Pod: the runtime's uid of it, by which logs are found. */
export const POD_UID_ANNOTATION = 'tappet.dev/pod-uid';

/**
 * The Pod resource that stands for a pod of a local runtime, so that `kubectl get pods` and `kubectl logs` answer in embedded mode.
 * It is a record only: nothing decides by it.
 */
export function podRecord(plan: PodPlan, owner: OwnerReference): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: plan.name,
      namespace: plan.namespace,
      labels: plan.labels,
      annotations: { ...plan.annotations, [POD_UID_ANNOTATION]: plan.uid },
      ownerReferences: [owner],
    },
    spec: {
      restartPolicy: 'Never',
      serviceAccountName: plan.serviceAccountName,
      containers: [...plan.steps, ...plan.sidecars].map((container) => ({
        name: container.container,
        image: container.image,
        ...(container.command === undefined ? {} : { command: container.command }),
        ...(container.args.length === 0 ? {} : { args: container.args }),
        ...(container.workingDir === undefined ? {} : { workingDir: container.workingDir }),
      })),
    },
    status: { phase: 'Pending' },
  };
}

/** The status a recorded Pod has while its pod looks like this. */
export function podRecordStatus(record: KubeObject, observation: PodObservation): Readonly<Record<string, unknown>> {
  const images = imagesOf(record);
  return {
    phase: observation.phase,
    ...(observation.reason === undefined ? {} : { reason: observation.reason }),
    ...(observation.message === undefined ? {} : { message: observation.message }),
    ...(observation.startedAt === undefined ? {} : { startTime: timestamp(observation.startedAt) }),
    nodeName: observation.ranBy,
    containerStatuses: [...observation.steps, ...observation.sidecars].map((container) => ({
      name: container.container,
      image: images.get(container.container) ?? '',
      imageID: container.imageId,
      ready: container.state.type === 'running' && (!('ready' in container) || container.ready !== false),
      restartCount: 0,
      started: container.state.type === 'running' && (!('started' in container) || container.started !== false),
      state: containerState(container.state),
    })),
  };
}

function imagesOf(record: KubeObject): ReadonlyMap<string, string> {
  const images = new Map<string, string>();
  const spec = record['spec'];
  const containers = typeof spec === 'object' && spec !== null && 'containers' in spec ? spec.containers : undefined;
  for (const container of Array.isArray(containers) ? containers : []) {
    if (typeof container?.name === 'string' && typeof container?.image === 'string') images.set(container.name, container.image);
  }
  return images;
}

function containerState(state: ContainerState): Readonly<Record<string, unknown>> {
  switch (state.type) {
    case 'waiting':
      return { waiting: { reason: state.reason, ...(state.message === undefined ? {} : { message: state.message }) } };
    case 'running':
      return { running: { startedAt: timestamp(state.startedAt) } };
    case 'terminated':
      return {
        terminated: {
          exitCode: state.exitCode,
          reason: state.reason,
          ...(state.message === undefined ? {} : { message: state.message }),
          startedAt: timestamp(state.startedAt),
          finishedAt: timestamp(state.finishedAt),
        },
      };
  }
}
