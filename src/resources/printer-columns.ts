import { humanDuration } from './human-duration.ts';
import type { GroupKind, KubeObject } from './object.ts';

/** A column of `kubectl get`. */
export interface PrinterColumn {
  readonly name: string;
  /** OpenAPI's. `date` cells are shown as ages. */
  readonly type: 'string' | 'integer' | 'date';
  readonly format?: string | undefined;
  readonly description: string;
  /** Above 0: only with `-o wide`. */
  readonly priority?: number | undefined;
  /** As a CRD has it; absent where no path tells the cell. */
  readonly jsonPath?: string | undefined;
  /** `undefined`: an empty cell. */
  value(object: KubeObject, now: number): string | number | undefined;
}

/** The columns of a kind: those of upstream's CRDs and, for Kubernetes' own kinds, of `kubectl`; without any, name and age. */
export function printerColumns(kind: GroupKind): readonly PrinterColumn[] {
  return kind === 'Event' ? eventColumns : [NAME, ...(byKind.get(kind) ?? [AGE])];
}

type Path = readonly (string | number)[];

const NAME: PrinterColumn = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'Name of the object, unique among its kind in its namespace.',
  value: ({ metadata }) => metadata.name,
};
const AGE = date('Age', '.metadata.creationTimestamp', 'When the object was created.');

const runColumns: readonly PrinterColumn[] = [
  condition('Succeeded', 'Succeeded', 'status', 'True, False, or Unknown while it runs.'),
  condition('Reason', 'Succeeded', 'reason', 'Why it is in the state it is in.'),
  date('StartTime', '.status.startTime', 'When it began.'),
  date('CompletionTime', '.status.completionTime', 'When it ended.'),
];

/** The only kind whose name says nothing. */
const eventColumns: readonly PrinterColumn[] = [
  date('Last Seen', '.lastTimestamp', 'When it happened last.'),
  text('Type', '.type', 'Normal or Warning.'),
  text('Reason', '.reason', 'What happened, in a word.'),
  { name: 'Object', type: 'string', description: 'What it happened to.', value: involvedObject },
  { ...text('Subobject', '.involvedObject.fieldPath', 'Which part of it.'), priority: 1 },
  { name: 'Source', type: 'string', description: 'Who tells of it.', priority: 1, value: eventSource },
  text('Message', '.message', 'What happened.'),
  { ...date('First Seen', '.firstTimestamp', 'When it happened first.'), priority: 1 },
  { ...text('Count', '.count', 'How often it happened.'), priority: 1 },
  { ...NAME, priority: 1 },
];

const byKind: ReadonlyMap<GroupKind, readonly PrinterColumn[]> = new Map<GroupKind, readonly PrinterColumn[]>([
  ['tekton.dev/PipelineRun', runColumns],
  ['tekton.dev/TaskRun', runColumns],
  ['tekton.dev/CustomRun', runColumns],
  [
    'resolution.tekton.dev/ResolutionRequest',
    [
      { ...text('OwnerKind', '.metadata.ownerReferences[0].kind', 'Kind of what asked.') },
      { ...text('Owner', '.metadata.ownerReferences[0].name', 'Name of what asked.') },
      condition('Succeeded', 'Succeeded', 'status', 'True, False, or Unknown while it is resolved.'),
      condition('Reason', 'Succeeded', 'reason', 'Why it is in the state it is in.'),
      // Text in upstream's CRD too: shown as they are, not as ages.
      text('StartTime', '.metadata.creationTimestamp', 'When it was asked.'),
      condition('EndTime', 'Succeeded', 'lastTransitionTime', 'When it was answered.'),
    ],
  ],
  [
    'triggers.tekton.dev/EventListener',
    [
      text('Address', '.status.address.url', 'Where events are sent to.'),
      condition('Available', 'Available', 'status', 'Whether it takes events.'),
      condition('Reason', 'Available', 'reason', 'Why it does or does not.'),
      condition('Ready', 'Ready', 'status', 'Whether all of it is in order.'),
      condition('Reason', 'Ready', 'reason', 'Why it is or is not.'),
    ],
  ],
  [
    'tappet.dev/Schedule',
    [
      text('Schedule', '.spec.schedule', 'The cron expression.'),
      text('TimeZone', '.spec.timeZone', 'The zone the expression is meant in; UTC without one.'),
      text('Suspend', '.spec.suspend', 'Whether it is held.'),
      date('Last', '.status.lastFiredAt', 'When it fired last.'),
      text('Next', '.status.nextFireTime', 'When it is due next.'),
      AGE,
    ],
  ],
  [
    'tappet.dev/RunAction',
    [
      text('Action', '.spec.action', 'What is to be done with the runs it selects.'),
      condition('Succeeded', 'Succeeded', 'status', 'Whether it is done.'),
      AGE,
    ],
  ],
  [
    'tappet.dev/AccessToken',
    [
      text('Role', '.spec.role', 'What its holder may do.'),
      text('Namespace', '.spec.namespace', 'The only namespace it is good for.'),
      text('Expires', '.spec.expiresAt', 'From when on it is refused.'),
      { ...text('Description', '.spec.description', 'Who has it and what for.'), priority: 1 },
      AGE,
    ],
  ],
  [
    'Pod',
    [
      { name: 'Ready', type: 'string', description: 'Containers that are ready, of all.', value: readyContainers },
      { name: 'Status', type: 'string', description: 'What the pod is doing, or why it does not.', value: podStatus },
      { name: 'Restarts', type: 'string', description: 'How often containers were started again.', value: restarts },
      AGE,
      { ...text('IP', '.status.podIP', 'Address of the pod.'), priority: 1 },
      { ...text('Node', '.spec.nodeName', 'Where it runs.'), priority: 1 },
    ],
  ],
  [
    'Namespace',
    [
      text('Status', '.status.phase', 'Active, or Terminating while it is emptied.', ({ metadata }) =>
        metadata.deletionTimestamp === undefined ? 'Active' : 'Terminating',
      ),
      AGE,
    ],
  ],
  ['ConfigMap', [counting('Data', 'How many keys it has.', ['data'], ['binaryData']), AGE]],
  [
    'Secret',
    [text('Type', '.type', 'What kind of secret it is.', () => 'Opaque'), counting('Data', 'How many keys it has.', ['data']), AGE],
  ],
  ['ServiceAccount', [counting('Secrets', 'How many secrets it names.', ['secrets']), AGE]],
  [
    'PersistentVolumeClaim',
    [
      text('Status', '.status.phase', 'Whether there is a volume for it.'),
      text('Volume', '.spec.volumeName', 'The volume behind it.'),
      text('Capacity', '.status.capacity.storage', 'How much it holds.'),
      { name: 'Access Modes', type: 'string', description: 'Who may mount it how.', value: accessModes },
      text('StorageClass', '.spec.storageClassName', 'Where the volume comes from.'),
      AGE,
      { ...text('VolumeMode', '.spec.volumeMode', 'Whether it is a file system or a block device.'), priority: 1 },
    ],
  ],
  [
    'LimitRange',
    [{ ...date('Created At', '.metadata.creationTimestamp', 'When it was created.'), value: ({ metadata }) => metadata.creationTimestamp }],
  ],
]);

function text(name: string, jsonPath: string, description: string, fallback?: (object: KubeObject) => string): PrinterColumn {
  const path = pathOf(jsonPath);
  return { name, type: 'string', description, jsonPath, value: (object) => shown(at(object, path)) ?? fallback?.(object) };
}

function date(name: string, jsonPath: string, description: string): PrinterColumn {
  const path = pathOf(jsonPath);
  return {
    name,
    type: 'date',
    description,
    jsonPath,
    value: (object, now) => {
      const time = at(object, path);
      return typeof time === 'string' ? humanDuration(now - Date.parse(time)) : undefined;
    },
  };
}

function condition(name: string, type: string, member: 'status' | 'reason' | 'lastTransitionTime', description: string): PrinterColumn {
  const jsonPath = `.status.conditions[?(@.type=="${type}")].${member}`;
  return { name, type: 'string', description, jsonPath, value: (object) => shown(conditionOf(object, type)?.[member]) };
}

function counting(name: string, description: string, ...paths: readonly Path[]): PrinterColumn {
  const count = (object: KubeObject, path: Path): number => Object.keys(at(object, path) ?? {}).length;
  return { name, type: 'integer', description, value: (object) => paths.reduce((sum, path) => sum + count(object, path), 0) };
}

/** Members and list indexes alone: `.a.b[0].c`. */
function pathOf(jsonPath: string): Path {
  return [...jsonPath.matchAll(/\.(\w+)|\[(\d+)\]/g)].map(([, member, index]) => member ?? Number(index));
}

function at(value: unknown, path: Path): unknown {
  let inner = value;
  for (const step of path) {
    if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, step)) return undefined;
    inner = Reflect.get(inner, step);
  }
  return inner;
}

function shown(value: unknown): string | undefined {
  return value === undefined || value === null || typeof value === 'object' ? undefined : String(value);
}

function conditionOf(object: KubeObject, type: string): Readonly<Record<string, unknown>> | undefined {
  return listAt(object, ['status', 'conditions']).find((found) => found['type'] === type);
}

function listAt(object: KubeObject, path: Path): readonly Readonly<Record<string, unknown>>[] {
  const list = at(object, path);
  return Array.isArray(list) ? list.filter((item) => typeof item === 'object' && item !== null) : [];
}

function readyContainers(pod: KubeObject): string {
  const ready = listAt(pod, ['status', 'containerStatuses']).filter((container) => container['ready'] === true).length;
  return `${ready}/${listAt(pod, ['spec', 'containers']).length}`;
}

function restarts(pod: KubeObject): string {
  const counts = listAt(pod, ['status', 'containerStatuses']).map((container) => container['restartCount']);
  return String(counts.reduce<number>((sum, count) => sum + (typeof count === 'number' ? count : 0), 0));
}

/** As kubectl's printer: the reason a container gives, before the phase (kubernetes pkg/printers, `printPod`). */
function podStatus(pod: KubeObject): string | undefined {
  if (pod.metadata.deletionTimestamp !== undefined) return 'Terminating';
  const states = listAt(pod, ['status', 'containerStatuses']).toReversed();
  const waiting = states.map((container) => shown(at(container, ['state', 'waiting', 'reason']))).find((reason) => reason !== undefined);
  const ended = states.map((container) => shown(at(container, ['state', 'terminated', 'reason']))).find((reason) => reason !== undefined);
  const running = states.some((container) => at(container, ['state', 'running']) !== undefined);
  const phase = shown(at(pod, ['status', 'phase']));
  if (running && ended === 'Completed') return 'Running';
  return (
    shown(at(pod, ['status', 'reason'])) ?? (waiting === 'PodInitializing' ? undefined : waiting) ?? (running ? phase : ended) ?? phase
  );
}

function accessModes(claim: KubeObject): string {
  const short = new Map([
    ['ReadWriteOnce', 'RWO'],
    ['ReadOnlyMany', 'ROX'],
    ['ReadWriteMany', 'RWX'],
    ['ReadWriteOncePod', 'RWOP'],
  ]);
  const modes = at(claim, ['spec', 'accessModes']);
  return Array.isArray(modes) ? modes.map((mode) => short.get(mode) ?? String(mode)).join(',') : '';
}

function involvedObject(event: KubeObject): string {
  const kind = shown(at(event, ['involvedObject', 'kind'])) ?? '';
  return `${kind.toLowerCase()}/${shown(at(event, ['involvedObject', 'name'])) ?? ''}`;
}

function eventSource(event: KubeObject): string {
  const component = shown(at(event, ['source', 'component'])) ?? shown(event['reportingComponent']) ?? '';
  const host = shown(at(event, ['source', 'host']));
  return host === undefined ? component : `${component}, ${host}`;
}
