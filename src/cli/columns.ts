import type { Condition, GroupKind, Stored } from '../resources/object.ts';
import { duration, span } from './output.ts';

interface Columns {
  readonly header: readonly string[];
  readonly row: (object: Stored, now: number) => readonly string[];
  /** What `-o wide` adds. */
  readonly wide?: { readonly header: string; readonly cell: (object: Stored) => string } | undefined;
}

/** Upstream's printer columns for the kinds people list most; name and age for all others. */
export function columnsOf(kind: GroupKind): Columns {
  return COLUMNS.get(kind) ?? PLAIN;
}

/** What people call a TaskRun: its task in the pipeline, or its own name. */
export function taskLabel(taskRun: Stored): string {
  return taskRun.metadata.labels?.['tekton.dev/pipelineTask'] ?? taskRun.metadata.name;
}

/** The `Succeeded` condition of a run. */
export function succeeded(object: Stored): Condition | undefined {
  return conditions(object).find((condition) => condition.type === 'Succeeded');
}

export function conditions(object: Stored): readonly Condition[] {
  const found = field(object['status'], 'conditions');
  return Array.isArray(found) ? found : [];
}

/** One field of something that may be no object at all. */
export function field(value: unknown, ...path: readonly string[]): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = Reflect.get(at, key);
  }
  return at;
}

const PLAIN: Columns = {
  header: ['NAME', 'AGE'],
  row: (object, now) => [object.metadata.name, age(object, now)],
};

const RUN: Columns = {
  header: ['NAME', 'SUCCEEDED', 'REASON', 'STARTED', 'DURATION'],
  row: (object, now) => {
    const condition = succeeded(object);
    const started = time(field(object['status'], 'startTime'));
    const ended = time(field(object['status'], 'completionTime'));
    return [
      object.metadata.name,
      condition?.status ?? '',
      condition?.reason ?? '',
      started === undefined ? '' : `${span(now - started)} ago`,
      started === undefined ? '' : duration((ended ?? now) - started),
    ];
  },
  wide: { header: 'MESSAGE', cell: (object) => succeeded(object)?.message ?? '' },
};

const COLUMNS: ReadonlyMap<GroupKind, Columns> = new Map<GroupKind, Columns>([
  ['tekton.dev/PipelineRun', RUN],
  ['tekton.dev/TaskRun', RUN],
  [
    'Pod',
    {
      header: ['NAME', 'READY', 'STATUS', 'RAN BY', 'AGE'],
      row: (object, now) => {
        const containers = field(object['status'], 'containerStatuses');
        const all = Array.isArray(containers) ? containers : [];
        const ready = all.filter((container) => field(container, 'ready') === true).length;
        const phase = String(field(object['status'], 'phase') ?? '');
        return [
          object.metadata.name,
          `${ready}/${all.length}`,
          String(field(object['status'], 'reason') ?? phase),
          String(field(object['status'], 'nodeName') ?? ''),
          age(object, now),
        ];
      },
    },
  ],
  [
    'tappet.dev/RunAction',
    {
      header: ['NAME', 'ACTION', 'SUCCEEDED', 'MESSAGE', 'AGE'],
      row: (object, now) => {
        const condition = succeeded(object);
        const action = text(field(object['spec'], 'action'));
        return [object.metadata.name, action, condition?.status ?? '', condition?.message ?? '', age(object, now)];
      },
    },
  ],
  ['tekton.dev/Task', counting('STEPS', ['spec', 'steps'])],
  ['tekton.dev/Pipeline', counting('TASKS', ['spec', 'tasks'])],
  ['triggers.tekton.dev/TriggerBinding', counting('PARAMS', ['spec', 'params'])],
  ['triggers.tekton.dev/ClusterTriggerBinding', counting('PARAMS', ['spec', 'params'])],
  ['triggers.tekton.dev/TriggerTemplate', counting('RESOURCES', ['spec', 'resourcetemplates'])],
  ['Secret', counting('KEYS', ['data'])],
  ['ConfigMap', counting('KEYS', ['data'])],
  [
    'resolution.tekton.dev/ResolutionRequest',
    {
      header: ['NAME', 'OWNER', 'SUCCEEDED', 'REASON', 'AGE'],
      row: (object, now) => {
        const owner = object.metadata.ownerReferences?.[0];
        const condition = succeeded(object);
        return [
          object.metadata.name,
          owner === undefined ? '' : `${owner.kind.toLowerCase()}/${owner.name}`,
          condition?.status ?? '',
          condition?.reason ?? '',
          age(object, now),
        ];
      },
      wide: { header: 'MESSAGE', cell: (object) => succeeded(object)?.message ?? '' },
    },
  ],
  [
    'Event',
    {
      header: ['LAST SEEN', 'TYPE', 'REASON', 'OBJECT', 'MESSAGE'],
      row: (object, now) => {
        const seen = time(object['lastTimestamp']) ?? time(object['eventTime']) ?? time(object.metadata.creationTimestamp);
        const about = `${String(field(object, 'involvedObject', 'kind') ?? '').toLowerCase()}/${String(field(object, 'involvedObject', 'name') ?? '')}`;
        return [seen === undefined ? '' : span(now - seen), text(object['type']), text(object['reason']), about, text(object['message'])];
      },
    },
  ],
  [
    'tappet.dev/Schedule',
    {
      header: ['NAME', 'CRON', 'ZONE', 'SUSPENDED', 'LAST', 'NEXT', 'REASON'],
      row: (object, now) => {
        const { spec, status } = object;
        const [last, next] = [time(field(status, 'lastScheduledFor')), time(field(status, 'nextFireTime'))];
        const all = conditions(object);
        const worst = all.find(({ type, status: state }) => state === 'False' && type !== 'Suspended');
        return [
          object.metadata.name,
          text(field(spec, 'schedule')),
          text(field(spec, 'timeZone')),
          field(spec, 'suspend') === true ? 'yes' : 'no',
          last === undefined ? '' : `${span(now - last)} ago`,
          next === undefined ? '' : `in ${span(next - now)}`,
          text(worst?.message) || text(worst?.reason),
        ];
      },
    },
  ],
  [
    'triggers.tekton.dev/EventListener',
    {
      header: ['NAME', 'TRIGGERS', 'READY', 'REASON', 'AGE'],
      row: (object, now) => {
        const triggers = field(object['spec'], 'triggers');
        const all = conditions(object);
        const ready = all.find((condition) => condition.type === 'Ready');
        // What is wrong comes first, be it as written or found out by an event.
        const worst = all.find((condition) => condition.status === 'False') ?? ready;
        return [
          object.metadata.name,
          String(Array.isArray(triggers) ? triggers.length : 0),
          ready?.status ?? '',
          text(worst?.message) || text(worst?.reason),
          age(object, now),
        ];
      },
    },
  ],
]);

export function time(value: unknown): number | undefined {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

/** Name, how many of something, age. */
function counting(heading: string, path: readonly string[]): Columns {
  return {
    header: ['NAME', heading, 'AGE'],
    row: (object, now) => {
      const counted = field(object, ...path);
      const count = typeof counted === 'object' && counted !== null ? Object.keys(counted).length : 0;
      return [object.metadata.name, String(count), age(object, now)];
    },
  };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function age(object: Stored, now: number): string {
  return span(now - (time(object.metadata.creationTimestamp) ?? now));
}
