import type { NodeGroup } from '../../../tasks/pod-plan.ts';

/** The group of a pod, on the pod: selectors see labels only. */
export const NODE_GROUP_LABEL = 'tappet.dev/node-group';

type Fields = Readonly<Record<string, unknown>>;

/**
 * The affinity that keeps pods of one group on one node, over the user's own.
 *
 * Upstream makes a StatefulSet for each group, an "affinity assistant" whose one pod does nothing but hold a node, and ties the pods of tasks to it. Here
 * the pods are tied to each other: each must go where pods of its group run, and the scheduler lets the first one, which meets only itself, go anywhere.
 * That saves a placeholder's request to the API server, its start before the first task, and its CPU and memory. Once nothing of the group runs, the next
 * pod may go to another node: it prefers the last one (`lastNode`), where the volume is still attached, but a node that was cordoned or has vanished does
 * not hold the run up for ever, as a placeholder on it does.
 *
 * Groups avoid each other, or with `isolated` never meet on a node, as upstream's placeholders do. Between two tasks of an isolated run, another
 * run may have the node for a while.
 * Follows tektoncd/pipeline pkg/internal/affinityassistant/transformer.go and pkg/reconciler/pipelinerun/affinity_assistant.go.
 */
export function groupAffinity(own: unknown, { name, isolated }: NodeGroup, lastNode: string | undefined): Fields {
  const { podAffinity, podAntiAffinity, nodeAffinity, ...rest } = fieldsOf(own);
  const ofGroup = near({ matchLabels: { [NODE_GROUP_LABEL]: name } });
  const others = near({
    matchExpressions: [
      { key: NODE_GROUP_LABEL, operator: 'Exists' },
      { key: NODE_GROUP_LABEL, operator: 'NotIn', values: [name] },
    ],
  });
  const onLast = {
    weight: 100,
    preference: { matchFields: [{ key: 'metadata.name', operator: 'In', values: [lastNode] }] },
  };
  const ofNodes = lastNode === undefined ? nodeAffinity : added(nodeAffinity, PREFERRED, onLast);
  return {
    ...rest,
    ...(ofNodes !== undefined && { nodeAffinity: ofNodes }),
    podAffinity: added(podAffinity, REQUIRED, ofGroup),
    podAntiAffinity: isolated
      ? added(podAntiAffinity, REQUIRED, others)
      : added(podAntiAffinity, PREFERRED, { weight: 100, podAffinityTerm: others }),
  };
}

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';

function near(labelSelector: Fields): Fields {
  return { labelSelector, topologyKey: 'kubernetes.io/hostname' };
}

function added(own: unknown, list: string, term: Fields): Fields {
  const fields = fieldsOf(own);
  const terms = fields[list];
  return { ...fields, [list]: [...(Array.isArray(terms) ? terms : []), term] };
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}
