import type { OwnerReference } from '../../../resources/object.ts';
import { defaultResources } from '../../../tasks/compute-resources.ts';
import type { PodPlan } from '../../../tasks/pod-plan.ts';
import { BUSYBOX, binMount, implicitVolumes } from './implicit-volumes.ts';
import { defaultStepRequests, withDefaultRequests } from './limit-ranges.ts';
import { groupAffinity, NODE_GROUP_LABEL } from './node-group.ts';
import { toVolume } from './plan-to-volumes.ts';
import { type Container, defined, type PodManifest, some } from './pod-manifest.ts';
import type { PodFacts, PodSettings } from './pod-settings.ts';
import { resultsLogContainer } from './results-log-container.ts';
import { placeScripts } from './scripts.ts';
import { sidecarContainer, stepContainer } from './step-container.ts';

/** By this label pods of ours are found: the runtime's uid of the pod. */
export const POD_UID_LABEL = 'tappet.dev/pod-uid';

/** Kubernetes keeps this much of the last words of all containers together, an equal part of each, and never more than 4 KiB of one. */
const MOST_MESSAGES_BYTES = 12 * 1024;
const MOST_MESSAGE_BYTES = 4 * 1024;

/**
 * The Pod that runs a plan. Follows tektoncd/pipeline pkg/pod/pod.go, `Build`, in names, labels, paths and order; steps are started by the entrypoint of
 * this folder, sidecars are Kubernetes' own, and nothing has to be told to a pod that runs.
 */
export function buildPod(plan: PodPlan, settings: PodSettings, facts: PodFacts): PodManifest {
  const scripts = placeScripts(plan, settings);
  const initContainers = [...(settings.delivery === 'init-container' ? [prepareContainer(settings)] : []), ...scripts.initContainers].map(
    (container) => ownContainer(container, settings),
  );
  const sidecars = plan.sidecars.map((sidecar, index) => sidecarContainer(sidecar, index, plan));
  const { resultsLog } = plan;
  const others = resultsLog === undefined ? [] : [ownContainer(resultsLogContainer(plan, resultsLog.maxLineBytes, settings), settings)];
  const all = initContainers.length + sidecars.length + plan.steps.length + others.length;
  const messageLimit = Math.min(MOST_MESSAGE_BYTES, Math.floor(MOST_MESSAGES_BYTES / all));
  const { volumes: _volumes, env: _env, ...template } = plan.podTemplate ?? {};
  const { nodeGroup } = plan;
  const requests = defaultStepRequests(facts.limitRanges ?? [], plan.steps.length);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: plan.name,
      namespace: plan.namespace,
      labels: { ...plan.labels, [POD_UID_LABEL]: plan.uid, ...(nodeGroup && { [NODE_GROUP_LABEL]: nodeGroup.name }) },
      annotations: { ...plan.annotations, ...scripts.annotations },
      ...ownerOf(plan),
    },
    spec: defined({
      restartPolicy: 'Never',
      activeDeadlineSeconds: plan.deadlineSeconds,
      serviceAccountName: plan.serviceAccountName,
      ...template,
      ...(nodeGroup && { affinity: groupAffinity(template.affinity, nodeGroup, facts.lastNode) }),
      initContainers: some([...initContainers, ...sidecars]),
      containers: [
        ...plan.steps.map((_step, index) => {
          const container = stepContainer(plan, { index, messageLimit }, facts);
          return defined({ ...container, resources: withDefaultRequests(container.resources, requests) });
        }),
        ...others,
      ],
      volumes: [...implicitVolumes(plan, settings, facts, scripts.volumes), ...plan.volumes.map(toVolume)],
    }),
  };
}

/** The TaskRun, as the plan's labels name it: when it goes, so does the pod. */
export function ownerOf({ labels }: PodPlan): { readonly ownerReferences?: OwnerReference[] } {
  const name = labels['tekton.dev/taskRun'];
  const uid = labels['tekton.dev/taskRunUID'];
  if (name === undefined || uid === undefined) return {};
  return { ownerReferences: [{ apiVersion: 'tekton.dev/v1', kind: 'TaskRun', name, uid, controller: true, blockOwnerDeletion: true }] };
}

function prepareContainer(settings: PodSettings): Container {
  return {
    name: 'prepare',
    image: settings.toolsImage,
    imagePullPolicy: 'IfNotPresent',
    command: ['/bin/busybox', 'sh', '-c', 'mkdir -p "${1%/*}" && cp /bin/busybox "$1"', 'prepare', BUSYBOX],
    volumeMounts: [{ name: binMount.name, mountPath: binMount.mountPath }],
  };
}

/** With the configuration's resources, and (`set-security-context`) what the `restricted` pod security standard asks of a container. */
function ownContainer(container: Container, { restrictsOwnContainers, readOnlyRoot, containerDefaults }: PodSettings): Container {
  const resources = defaultResources(container.name, undefined, containerDefaults ?? {});
  const own = defined({ ...container, resources });
  if (!restrictsOwnContainers) return own;
  return {
    ...own,
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      runAsNonRoot: true,
      runAsUser: 65_532,
      seccompProfile: { type: 'RuntimeDefault' },
      ...(readOnlyRoot && { readOnlyRootFilesystem: true }),
    },
  };
}
