import fc from 'fast-check';
import type { PipelineTask } from '../../src/resources/pipeline/schema.ts';
import type { PipelineRun } from '../../src/resources/pipeline-run/schema.ts';
import type { ChildScript } from './pipeline-simulator.ts';

export interface GeneratedPipeline {
  readonly run: PipelineRun;
  /** By pipeline task. */
  readonly children: Readonly<Record<string, ChildScript>>;
}

interface TaskShape {
  /** Which of the earlier tasks it waits for, as bits; half of them by result. */
  readonly parents: number;
  readonly byResult: number;
  readonly guard: 'none' | 'true' | 'false' | 'byResult';
  readonly ignoresFailure: boolean;
  readonly matrix: number;
  readonly outcome: 'succeeds' | 'fails' | 'hangs';
  readonly after: number;
  readonly emits: boolean;
}

const shape: fc.Arbitrary<TaskShape> = fc.record({
  parents: fc.nat(255),
  byResult: fc.nat(255),
  guard: fc.constantFrom('none', 'none', 'none', 'true', 'false', 'byResult'),
  ignoresFailure: fc.boolean(),
  matrix: fc.constantFrom(-1, -1, -1, -1, 0, 1, 3),
  outcome: fc.constantFrom('succeeds', 'succeeds', 'succeeds', 'succeeds', 'fails', 'hangs'),
  after: fc.nat(120),
  emits: fc.boolean(),
});

/** Pipelines with every way of waiting, failing and being skipped; the run has limits, so that what hangs ends. */
export const generatedPipeline: fc.Arbitrary<GeneratedPipeline> = fc
  .record({
    tasks: fc.array(shape, { minLength: 1, maxLength: 8 }),
    finals: fc.array(shape, { maxLength: 3 }),
    timeouts: fc.constantFrom(
      { pipeline: '10m' },
      { pipeline: '10m', tasks: '1m' },
      { pipeline: '10m', finally: '1m' },
      { pipeline: '1m' },
    ),
  })
  .map(({ tasks, finals, timeouts }) => {
    const result = (place: number): string => `$(tasks.t${place}.results.r${(tasks[place]?.matrix ?? -1) >= 0 ? '[*]' : ''})`;
    const dag = tasks.map((each, place) => pipelineTask(`t${place}`, each, place, false, result));
    const last = finals.map((each, place) => pipelineTask(`f${place}`, each, tasks.length, true, result));
    const scripts = [
      ...tasks.map((each, place) => [`t${place}`, each] as const),
      ...finals.map((each, place) => [`f${place}`, each] as const),
    ];
    return {
      run: {
        apiVersion: 'tekton.dev/v1',
        kind: 'PipelineRun',
        metadata: { name: 'run', namespace: 'default', uid: 'uid-of-run', creationTimestamp: '2026-01-01T00:00:00Z' },
        spec: { timeouts, pipelineSpec: { tasks: dag, ...(last.length > 0 && { finally: last }) } },
      } as PipelineRun,
      children: Object.fromEntries(scripts.map(([name, each]) => [name, childScript(each)])),
    };
  });

function pipelineTask(name: string, each: TaskShape, earlier: number, isFinal: boolean, result: (place: number) => string): PipelineTask {
  const places = Array.from({ length: earlier }, (_, place) => place).filter((place) => (each.parents >> place) & 1);
  const wanted = places.filter((place) => (each.byResult >> place) & 1);
  const ordered = places.filter((place) => !wanted.includes(place));
  const [first] = wanted;
  const input = each.guard === 'byResult' && first !== undefined ? result(first) : 'a';
  return {
    name,
    taskSpec: {
      params: [{ name: 'n', type: 'string', default: '' }],
      results: [{ name: 'r', type: 'string' }],
      steps: [{ image: 'busybox', script: 'true' }],
    },
    ...(!isFinal && ordered.length > 0 && { runAfter: ordered.map((place) => `t${place}`) }),
    params: wanted.map((place) => ({ name: `p${place}`, value: result(place) })),
    ...(each.guard !== 'none' && { when: [{ input, operator: 'in', values: each.guard === 'false' ? ['b'] : ['a'] }] }),
    ...(each.ignoresFailure && { onError: 'continue' }),
    ...(each.matrix >= 0 && { matrix: { params: [{ name: 'n', value: Array.from({ length: each.matrix }, (_, index) => `${index}`) }] } }),
  };
}

function childScript({ outcome, after, emits }: TaskShape): ChildScript {
  return { outcome, after, ...(emits && { results: { r: 'a' } }) };
}
