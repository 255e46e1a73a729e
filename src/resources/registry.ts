import { inertKinds } from './inert-kinds.ts';
import { type GroupKind, groupKindOf } from './object.ts';

/** What an API server has to know of a kind. */
export interface ResourceType {
  /** Empty for Kubernetes' core group. */
  readonly group: string;
  /** The version objects are stored in. */
  readonly version: string;
  /** Versions that are understood besides; such objects are converted at admission. */
  readonly olderVersions: readonly string[];
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  /** Not for clusters: they have something of their own for it. */
  readonly embeddedOnly?: true;
}

const core = { group: '', version: 'v1', olderVersions: [], namespaced: true, shortNames: [] };
const tekton = { group: 'tekton.dev', version: 'v1', olderVersions: ['v1beta1'], namespaced: true, shortNames: [] };
const triggers = { group: 'triggers.tekton.dev', version: 'v1beta1', olderVersions: ['v1alpha1'], namespaced: true };
const tappet = { group: 'tappet.dev', version: 'v1alpha1', olderVersions: [], namespaced: true };

/** Every kind we know. */
export const resourceTypes: readonly ResourceType[] = [
  { ...tekton, kind: 'Task', plural: 'tasks' },
  { ...tekton, kind: 'TaskRun', plural: 'taskruns', shortNames: ['tr', 'trs'] },
  { ...tekton, kind: 'Pipeline', plural: 'pipelines' },
  { ...tekton, kind: 'PipelineRun', plural: 'pipelineruns', shortNames: ['pr', 'prs'] },
  { ...tekton, version: 'v1beta1', olderVersions: ['v1alpha1'], kind: 'StepAction', plural: 'stepactions' },
  { ...tekton, version: 'v1beta1', olderVersions: [], kind: 'CustomRun', plural: 'customruns' },
  { ...triggers, kind: 'EventListener', plural: 'eventlisteners', shortNames: ['el'] },
  { ...triggers, kind: 'Trigger', plural: 'triggers', shortNames: ['tri'] },
  { ...triggers, kind: 'TriggerBinding', plural: 'triggerbindings', shortNames: ['tb'] },
  { ...triggers, kind: 'ClusterTriggerBinding', plural: 'clustertriggerbindings', shortNames: ['ctb'], namespaced: false },
  { ...triggers, kind: 'TriggerTemplate', plural: 'triggertemplates', shortNames: ['tt'] },
  {
    ...triggers,
    version: 'v1alpha1',
    olderVersions: [],
    kind: 'ClusterInterceptor',
    plural: 'clusterinterceptors',
    shortNames: ['ci'],
    namespaced: false,
  },
  { ...triggers, version: 'v1alpha1', olderVersions: [], kind: 'Interceptor', plural: 'interceptors', shortNames: ['ni'] },
  { ...tappet, kind: 'Schedule', plural: 'schedules', shortNames: ['sched'] },
  { ...tappet, kind: 'RunAction', plural: 'runactions', shortNames: ['ra'] },
  { ...tappet, kind: 'AccessToken', plural: 'accesstokens', shortNames: [], namespaced: false, embeddedOnly: true },
  {
    ...tekton,
    group: 'resolution.tekton.dev',
    version: 'v1beta1',
    olderVersions: ['v1alpha1'],
    kind: 'ResolutionRequest',
    plural: 'resolutionrequests',
  },
  { ...core, kind: 'Namespace', plural: 'namespaces', shortNames: ['ns'], namespaced: false },
  { ...core, kind: 'ConfigMap', plural: 'configmaps', shortNames: ['cm'] },
  { ...core, kind: 'Secret', plural: 'secrets' },
  { ...core, kind: 'ServiceAccount', plural: 'serviceaccounts', shortNames: ['sa'] },
  { ...core, kind: 'PersistentVolumeClaim', plural: 'persistentvolumeclaims', shortNames: ['pvc'] },
  { ...core, kind: 'Pod', plural: 'pods', shortNames: ['po'] },
  { ...core, kind: 'Event', plural: 'events', shortNames: ['ev'] },
  { ...core, kind: 'LimitRange', plural: 'limitranges', shortNames: ['limits'] },
  ...inertKinds.map((inert) => ({ ...inert, olderVersions: [] })),
];

/** `tekton.dev/v1`; for the core group only `v1`. */
export function apiVersionOf(type: ResourceType): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}

/** Kinds that Kubernetes does not have: Tekton's and ours. */
export function isCustom({ group }: ResourceType): boolean {
  return group.endsWith('tekton.dev') || group.endsWith('tappet.dev');
}

const byGroupKind: ReadonlyMap<GroupKind, ResourceType> = new Map(
  resourceTypes.map((type) => [groupKindOf({ apiVersion: apiVersionOf(type), kind: type.kind }), type]),
);
const byPath: ReadonlyMap<string, ResourceType> = new Map(resourceTypes.map((type) => [`${type.group}/${type.plural}`, type]));
const byWord: ReadonlyMap<string, ResourceType> = new Map(
  resourceTypes.flatMap((type) =>
    [type.kind.toLowerCase(), type.plural, ...type.shortNames].map((word): [string, ResourceType] => [word, type]),
  ),
);

export function typeOfGroupKind(kind: GroupKind): ResourceType | undefined {
  return byGroupKind.get(kind);
}

/** By the words of an API path: `tekton.dev` and `pipelineruns`; the core group is empty. */
export function typeOfPath(group: string, plural: string): ResourceType | undefined {
  return byPath.get(`${group}/${plural}`);
}

/** By what people type: kind, plural or short name in any case, also with the group behind it (`taskruns.tekton.dev`). */
export function typeOfWord(word: string): ResourceType | undefined {
  const [name = '', ...group] = word.toLowerCase().split('.');
  const type = byWord.get(name);
  return group.length === 0 || group.join('.') === type?.group ? type : undefined;
}
