import fc from 'fast-check';
import { defaultEngineConfig, type EngineConfig } from '../../src/resources/engine-config.ts';
import type { PipelineTask, WhenExpression } from '../../src/resources/pipeline/schema.ts';
import type { PipelineRun } from '../../src/resources/pipeline-run/schema.ts';
import type { ChildScript } from './pipeline-simulator.ts';

export interface GeneratedPipeline {
  readonly run: PipelineRun;
  /** By pipeline task. */
  readonly children: Readonly<Record<string, ChildScript>>;
}

/** CEL guards and pipelines in pipelines are alpha. */
export const generatedConfig: EngineConfig = {
  ...defaultEngineConfig,
  'enable-api-fields': 'alpha',
  'enable-cel-in-whenexpression': true,
};

interface TaskShape {
  readonly kind: 'task' | 'custom' | 'pipeline';
  /** Which of the earlier tasks it waits for, as bits; half of them by result. */
  readonly parents: number;
  readonly byResult: number;
  readonly guard: 'none' | 'true' | 'false' | 'byResult' | 'notByResult' | 'cel' | 'celByResult' | 'byStatus';
  readonly ignoresFailure: boolean;
  readonly retries: number;
  readonly timeout: string | undefined;
  /** How many combinations; `result`: as many as the first result it wants has elements. */
  readonly fan: 'none' | 'result' | number;
  readonly outcome: 'succeeds' | 'fails' | 'hangs';
  readonly failsFirst: number;
  readonly after: number;
  readonly emits: boolean;
  /** Length of the list it emits; -1: none. */
  readonly list: number;
  readonly ignoresCancel: boolean;
}

const shape: fc.Arbitrary<TaskShape> = fc.record({
  kind: fc.constantFrom('task', 'task', 'task', 'task', 'custom', 'pipeline'),
  parents: fc.nat(255),
  byResult: fc.nat(255),
  guard: fc.constantFrom('none', 'none', 'none', 'true', 'false', 'byResult', 'notByResult', 'cel', 'celByResult', 'byStatus'),
  ignoresFailure: fc.boolean(),
  retries: fc.constantFrom(0, 0, 0, 1, 2),
  timeout: fc.constantFrom(undefined, undefined, '30s'),
  fan: fc.constantFrom<TaskShape['fan']>('none', 'none', 'none', 'none', 0, 1, 3, 'result'),
  outcome: fc.oneof(
    { weight: 12, arbitrary: fc.constant('succeeds' as const) },
    { weight: 1, arbitrary: fc.constantFrom('fails', 'hangs') },
  ),
  failsFirst: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 1, 2),
  after: fc.oneof(fc.nat(10), fc.nat(10), fc.nat(120)),
  emits: fc.constantFrom(true, true, true, true, false),
  list: fc.constantFrom(1, 3, 3, 0, -1),
  ignoresCancel: fc.boolean(),
});

const noLimits = { pipeline: '0s', tasks: '0s', finally: '0s' };
const limits = fc.constantFrom<NonNullable<PipelineRun['spec']['timeouts']>>(
  { pipeline: '10m' },
  { pipeline: '10m', tasks: '1m' },
  { pipeline: '10m', finally: '1m' },
  { pipeline: '1m' },
  { pipeline: '1m', tasks: '1m' },
  { pipeline: '0s' },
  { pipeline: '0s', tasks: '1m' },
  noLimits,
);

/**
 * Pipelines with every way of waiting, failing, being skipped and being tried again: TaskRuns, custom runs and child pipelines. What hangs
 * ends by a timeout of its own or of the run's; where there is none, nothing hangs.
 */
export const generatedPipeline: fc.Arbitrary<GeneratedPipeline> = fc
  .record({
    tasks: fc.array(shape, { minLength: 1, maxLength: 8 }),
    finals: fc.array(shape, { maxLength: 3 }),
    timeouts: limits,
    pending: fc.constantFrom(false, false, false, true),
  })
  .map(({ tasks, finals, timeouts, pending }) => {
    const limited = timeouts !== noLimits;
    const dag = tasks.map((each, place) => pipelineTask(`t${place}`, each, tasks.slice(0, place), false));
    const last = finals.map((each, place) => pipelineTask(`f${place}`, each, tasks, true));
    const scripts = [
      ...tasks.map((each, place) => [`t${place}`, childScript(each, limited)] as const),
      ...finals.map((each, place) => [`f${place}`, childScript(each, limited)] as const),
    ];
    return {
      run: {
        apiVersion: 'tekton.dev/v1',
        kind: 'PipelineRun',
        metadata: { name: 'run', namespace: 'default', uid: 'uid-of-run', creationTimestamp: '2026-01-01T00:00:00Z' },
        spec: {
          timeouts,
          ...(pending && { status: 'PipelineRunPending' }),
          pipelineSpec: { tasks: dag, ...(last.length > 0 && { finally: last }) },
        },
      } as PipelineRun,
      children: Object.fromEntries(scripts),
    };
  });

function pipelineTask(name: string, each: TaskShape, earlier: readonly TaskShape[], isFinal: boolean): PipelineTask {
  const places = [...earlier.keys()].filter((place) => (each.parents >> place) & 1);
  const wanted = places.filter((place) => (each.byResult >> place) & 1 && hasResults(earlier[place]));
  const ordered = places.filter((place) => !wanted.includes(place));
  const guard = guardOf(each, wanted[0] === undefined ? undefined : resultOf(wanted[0], earlier), isFinal && earlier.length > 0);
  const fan = each.kind === 'pipeline' ? undefined : fanOf(each, wanted, earlier);
  const ignoresFailure = each.ignoresFailure && each.retries === 0;
  return {
    name,
    ...bodyOf(each),
    ...(!isFinal && ordered.length > 0 && { runAfter: ordered.map((place) => `t${place}`) }),
    ...(wanted.length > 0 && { params: wanted.map((place) => ({ name: `p${place}`, value: resultOf(place, earlier) })) }),
    ...(guard && { when: [guard] }),
    ...(ignoresFailure && { onError: 'continue' }),
    ...(each.retries > 0 && each.kind !== 'pipeline' && { retries: each.retries }),
    ...(each.timeout !== undefined && each.kind !== 'pipeline' && { timeout: each.timeout }),
    ...(fan && { matrix: { params: [{ name: 'n', value: fan }] } }),
  };
}

function bodyOf({ kind }: TaskShape): Pick<PipelineTask, 'taskSpec' | 'taskRef' | 'pipelineSpec'> {
  const steps = [{ image: 'busybox', script: 'true' }];
  switch (kind) {
    case 'custom':
      return { taskRef: { apiVersion: 'example.dev/v1', kind: 'Wait', name: 'w' } };
    case 'pipeline':
      return { pipelineSpec: { tasks: [{ name: 'within', taskSpec: { steps } }] } };
    case 'task':
      return {
        taskSpec: {
          params: [{ name: 'n', type: 'string', default: '' }],
          results: [
            { name: 'r', type: 'string' },
            { name: 'l', type: 'array' },
          ],
          steps,
        },
      };
  }
}

function resultOf(place: number, tasks: readonly TaskShape[]): string {
  return `$(tasks.t${place}.results.r${isMatrix(tasks[place]) ? '[*]' : ''})`;
}

/** Child pipelines have none, and of a matrix of custom runs upstream takes only the first one's. */
function hasResults(each: TaskShape | undefined): boolean {
  return each !== undefined && each.kind !== 'pipeline' && !(each.kind === 'custom' && isMatrix(each));
}

function isMatrix(each: TaskShape | undefined): boolean {
  return each !== undefined && each.kind !== 'pipeline' && each.fan !== 'none';
}

function fanOf({ fan }: TaskShape, wanted: readonly number[], earlier: readonly TaskShape[]): string | string[] | undefined {
  if (typeof fan === 'number') return Array.from({ length: fan }, (_, index) => `${index}`);
  if (fan === 'none') return undefined;
  const [first] = wanted;
  // With no result to fan out over it is a matrix of two.
  if (first === undefined) return ['0', '1'];
  return isMatrix(earlier[first]) ? resultOf(first, earlier) : `$(tasks.t${first}.results.l[*])`;
}

function guardOf({ guard }: TaskShape, result: string | undefined, knowsStatuses: boolean): WhenExpression | undefined {
  switch (guard) {
    case 'none':
      return undefined;
    case 'false':
      return { input: 'a', operator: 'in', values: ['b'] };
    case 'byResult':
      return { input: result ?? 'a', operator: 'in', values: ['a'] };
    case 'notByResult':
      return { input: result ?? 'a', operator: 'notin', values: ['b'] };
    case 'cel':
      return { cel: "'a' == 'a'" };
    case 'celByResult':
      return { cel: `'${result?.endsWith('[*])') === false ? result : 'a'}' == 'a'` };
    case 'byStatus':
      return { input: knowsStatuses ? '$(tasks.t0.status)' : 'a', operator: 'in', values: ['a', 'Succeeded', 'None'] };
    case 'true':
      return { input: 'a', operator: 'in', values: ['a'] };
  }
}

function childScript({ kind, outcome, after, emits, list, failsFirst, ignoresCancel }: TaskShape, limited: boolean): ChildScript {
  // A custom run's empty list is text, and nobody says what a matrix over that is.
  const elements = Array.from({ length: Math.max(kind === 'custom' ? 1 : 0, list) }, (_, index) => `e${index}`);
  const results = { ...(emits && { r: 'a' }), ...(list >= 0 && { l: kind === 'custom' ? JSON.stringify(elements) : elements }) };
  return {
    outcome: outcome === 'hangs' && !limited ? 'succeeds' : outcome,
    after,
    failsFirst,
    ...(kind === 'custom' && { ignoresCancel }),
    ...(kind !== 'pipeline' && { results }),
  };
}
