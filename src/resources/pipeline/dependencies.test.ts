import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countCombinations } from './count-combinations.ts';
import { pipelineTaskDependencies } from './dependencies.ts';
import { graphError } from './graph-error.ts';
import type { Matrix, PipelineTask } from './schema.ts';

describe('pipelineTaskDependencies', () => {
  it.each<[string, Partial<PipelineTask>, string[]]>([
    ['nothing', {}, []],
    ['runAfter', { runAfter: ['b', 'a'] }, ['b', 'a']],
    [
      'params of every type',
      {
        params: [
          { name: 'p', value: '$(tasks.a.results.r)' },
          { name: 'q', value: ['$(tasks.b.results.r[0])'] },
          { name: 'o', value: { k: '$(tasks.c.results.r.x)' } },
        ],
      },
      ['a', 'b', 'c'],
    ],
    [
      'matrix',
      {
        matrix: {
          params: [{ name: 'm', value: '$(tasks.a.results.r[*])' }],
          include: [{ params: [{ name: 'm', value: '$(tasks.b.results.r)' }] }],
        },
      },
      ['a', 'b'],
    ],
    [
      'when',
      {
        when: [
          { input: '$(tasks.a.results.r)', operator: 'in', values: ['$(tasks.b.results.r)'] },
          { cel: "'$(tasks.c.results.r)' == ''" },
        ],
      },
      ['a', 'b', 'c'],
    ],
    [
      'steps and sidecars',
      {
        taskSpec: {
          steps: [{ script: '$(tasks.a.results.r)', env: [{ name: 'E', value: '$(tasks.b.results.r)' }] }],
          sidecars: [{ args: ['$(tasks.c.results.r)'] }],
        },
      },
      ['a', 'b', 'c'],
    ],
    [
      'keys of secrets',
      {
        taskSpec: {
          steps: [{ env: [{ name: 'E', valueFrom: { secretKeyRef: { name: '$(tasks.a.results.r)', key: '$(tasks.b.results.r)' } } }] }],
        },
      },
      ['a', 'b'],
    ],
    ['each once', { runAfter: ['a'], params: [{ name: 'p', value: '$(tasks.a.results.r) $(tasks.a.results.s)' }] }, ['a']],
    [
      'no edge from status, name, workspaces or reference',
      {
        displayName: '$(tasks.a.results.r)',
        params: [{ name: 'p', value: '$(tasks.a.status) $(tasks.b.matrix.length)' }],
        workspaces: [{ name: 'w', subPath: '$(tasks.a.results.r)' }],
        taskRef: { resolver: 'git', params: [{ name: 'x', value: '$(tasks.a.results.r)' }] },
      },
      [],
    ],
    ['only the dotted form', { params: [{ name: 'p', value: '$(tasks.a.results["r"]) $(tasks.b.results.r.x.y)' }] }, []],
  ])('%s', (_name, task, names) => {
    expect(pipelineTaskDependencies({ name: 'x', ...task })).toEqual(names);
  });
});

describe('graphError', () => {
  it('accepts every graph whose edges go one way, and names any cycle whole', () => {
    const edges = fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { maxLength: 30 });
    fc.assert(
      fc.property(edges, fc.nat(8), (pairs, from) => {
        const after = (index: number): string[] =>
          pairs.flatMap(([a, b]) => (Math.max(a, b) === index && a !== b ? [`t${Math.min(a, b)}`] : []));
        const tasks: PipelineTask[] = Array.from({ length: 10 }, (_, index) => ({ name: `t${index}`, runAfter: after(index) }));
        expect(graphError(tasks)).toBeUndefined();
        const closed = tasks.map((task, index) => {
          if (index === from) return { ...task, runAfter: [...(task.runAfter ?? []), `t${from + 1}`] };
          return index === from + 1 ? { ...task, runAfter: [...(task.runAfter ?? []), `t${from}`] } : task;
        });
        const { message, circle = '' } = graphError(closed) ?? {};
        expect(message).toMatch(/^cycle detected; task "t\d" depends on "t\d"/);
        const names = [...circle.matchAll(/"(t\d)"/g)].map(([, name = '']) => name);
        expect([names.length > 1, names[0]]).toEqual([true, names.at(-1)]);
        for (const [place, name] of names.slice(0, -1).entries())
          expect(closed.find((task) => task.name === name)?.runAfter).toContain(names[place + 1]);
      }),
    );
  });
});

describe('countCombinations', () => {
  const params = (sizes: Record<string, number>): Matrix['params'] =>
    Object.entries(sizes).map(([name, length]) => ({ name, value: Array.from({ length }, (_, index) => `${name}${index}`) }));
  const include = (...entries: Record<string, string>[]): Matrix['include'] =>
    entries.map((entry) => ({ params: Object.entries(entry).map(([name, value]) => ({ name, value })) }));

  it.each<[string, Matrix, number]>([
    ['nothing', {}, 0],
    ['a product', { params: params({ a: 2, b: 3 }) }, 6],
    ['empty arrays do not count', { params: params({ a: 2, b: 0 }) }, 2],
    ['references count as empty', { params: [{ name: 'a', value: '$(params.x[*])' }] }, 1],
    ['includes alone', { include: include({ a: 'x' }, { b: 'y' }) }, 2],
    ['an include that extends', { params: params({ a: 2 }), include: include({ a: 'a1', flag: 'x' }) }, 2],
    ['an include that adds', { params: params({ a: 2 }), include: include({ a: 'new' }) }, 3],
    ['an include about nothing of the matrix', { params: params({ a: 2 }), include: include({ z: 'x' }) }, 2],
  ])('%s', (_name, matrix, count) => {
    expect(countCombinations(matrix)).toBe(count);
  });
});
