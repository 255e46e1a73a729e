import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { childName } from '../../src/resources/naming/child-name.ts';
import type { KubeObject } from '../../src/resources/object.ts';
import { casesOf } from '../../tools/conformance/cases.ts';
import { compareStatus } from '../../tools/conformance/status/compare-status.ts';
import { DeliberateDifferences, TABLE } from '../../tools/conformance/status/deliberate-differences.ts';
import { differences } from '../../tools/conformance/status/differences.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** A run named `build-RANDOM` and its children, as some cluster left them. */
interface Cluster {
  readonly random: string;
  readonly namespace: string;
  readonly uid: string;
  readonly time: string;
  readonly claim: string;
}

const theirs: Cluster = { random: 'abcde', namespace: '<namespace>', uid: '<uid>', time: '<time>', claim: 'pvc-0123456789' };
const ours: Cluster = {
  random: 'vwxyz',
  namespace: 'c-1',
  uid: '11111111-2222-3333-4444-555555555555',
  time: '2026-01-01T00:00:00Z',
  claim: 'pvc-abcdef0123',
};

function cluster({ random, namespace, uid, time, claim }: Cluster, prefix = 'build-', matrix = 2): KubeObject[] {
  const name = `${prefix}${random}`;
  const child = (suffix: string, task: string): KubeObject => ({
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    metadata: {
      name: childName(name, suffix),
      namespace,
      labels: { 'tekton.dev/pipelineTask': task, 'tekton.dev/pipelineRunUID': uid },
      ownerReferences: [{ apiVersion: 'tekton.dev/v1', kind: 'PipelineRun', name, uid, controller: true }],
    },
    spec: { workspaces: [{ name: 'w', persistentVolumeClaim: { claimName: claim } }] },
    status: {
      podName: `${childName(name, suffix)}-pod`,
      startTime: time,
      steps: [{ name: 'a', imageID: `node-${random}`, terminated: { exitCode: 0, finishedAt: time } }],
      taskSpec: { steps: [{ name: 'a', image: 'alpine', args: [`${childName(name, suffix)} in ${namespace}`] }] },
    },
  });
  return [
    {
      apiVersion: 'tekton.dev/v1',
      kind: 'PipelineRun',
      metadata: { name, generateName: prefix, namespace, ...(uid !== '<uid>' && { uid }) },
      spec: { workspaces: [{ name: 'w', volumeClaimTemplate: { spec: {} } }] },
      status: {
        completionTime: time,
        childReferences: [{ name: childName(name, '-go'), pipelineTaskName: 'go' }],
        conditions: [{ type: 'Succeeded', status: 'True', message: `${name} is done`, lastTransitionTime: time }],
      },
    },
    child('-go', 'go'),
    ...Array.from({ length: matrix }, (_, index) => child(matrix > 1 ? `-fan-${index}` : '-fan', 'fan')),
  ];
}

function changed(objects: KubeObject[], index: number, change: (status: Record<string, never>) => unknown): KubeObject[] {
  return objects.map((object, place) =>
    place === index ? { ...object, status: change(structuredClone(object['status']) as never) } : object,
  );
}

describe('compareStatus', () => {
  it.each([
    ['short names', 'build-', 2],
    ['names that have to be hashed', 'a-rather-long-name-of-a-pipeline-run-that-nobody-reads-', 3],
    ['a matrix of one', 'build-', 1],
  ])('finds runs equal that differ in what a cluster makes up: %s', (_what, prefix, matrix) => {
    expect(compareStatus(cluster(ours, prefix, matrix), cluster(theirs, prefix, matrix))).toEqual([]);
  });

  it('tells each difference once, by the run it is in', () => {
    const got = changed(cluster(ours), 1, (status) => ({ ...status, steps: [{ name: 'a', terminated: { exitCode: 1 } }] }));
    expect(compareStatus(got, cluster(theirs))).toEqual([
      { path: 'TaskRun build-*-go status.steps[a].terminated.exitCode', got: 1, expected: 0 },
      { path: 'TaskRun build-*-go status.steps[a].terminated.finishedAt', got: undefined, expected: '<time>' },
    ]);
  });

  it('tells a run too few and one too many', () => {
    expect(compareStatus(cluster(ours, 'build-', 3), cluster(theirs, 'build-', 2)).map(({ path }) => path)).toEqual([
      'TaskRun build-*-fan-2',
    ]);
    const others = cluster(ours, 'other-', 0);
    expect(compareStatus(others, cluster(theirs, 'build-', 0))).toEqual([
      { path: 'PipelineRun build-*', got: undefined, expected: 'a run' },
      { path: 'TaskRun build-*-go', got: undefined, expected: 'a run' },
      { path: 'PipelineRun other-*', got: 'a run', expected: undefined },
      { path: 'TaskRun other-*-go', got: 'a run', expected: undefined },
    ]);
  });

  it('does not take another run for the one it is named in', () => {
    const got = changed(cluster(ours), 0, (status) => ({
      ...status,
      childReferences: [{ name: 'build-vwxyz-fan-0', pipelineTaskName: 'go' }],
    }));
    expect(compareStatus(got, cluster(theirs)).map(({ path }) => path)).toEqual([
      'PipelineRun build-* status.childReferences[build-*-go]',
      'PipelineRun build-* status.childReferences[build-*-fan-0]',
    ]);
  });
});

describe('differences', () => {
  it.each<[string, unknown, unknown, string[]]>([
    ['of type', [], {}, ['']],
    ['of absence', { a: undefined }, { a: null }, ['a']],
    ['of order', [{ name: 'a' }, { name: 'b' }], [{ name: 'b' }, { name: 'a' }], [': order']],
    ['in lists of no names', ['a', 'b'], ['a', 'c', 'd'], ['[1]', '[2]']],
    ['where a name comes twice', [{ name: 'a' }, { name: 'a', x: 1 }], [{ name: 'a' }, { name: 'a' }], ['[1].x']],
  ])('%s', (_what, got, expected, paths) => {
    expect(differences(got, expected).map(({ path }) => path)).toEqual(paths);
  });
});

describe('differences on purpose', () => {
  const row = { file: '*taskruns/x.yaml', path: 'TaskRun x-* status.results[*].value', got: '"1*"', expected: 'absent', reason: 'r' };
  const fitting = { path: 'TaskRun x-* status.results[a].value', got: '12', expected: undefined };

  it('cover what fits every part of a row, and are counted', () => {
    const table = new DeliberateDifferences([row, { path: '*', got: '"never"', reason: 's' }]);
    expect(table.covers('beta/taskruns/x.yaml', fitting)).toBe(true);
    expect(table.covers('taskruns/xyaml', fitting)).toBe(false);
    expect(table.covers('taskruns/x.yaml', { ...fitting, path: 'TaskRun y status.results[a].value' })).toBe(false);
    expect(table.covers('taskruns/x.yaml', { ...fitting, got: '2' })).toBe(false);
    expect(table.covers('taskruns/x.yaml', { ...fitting, expected: 'x' })).toBe(false);
    expect(table.covers('any', { ...fitting, got: 'never' })).toBe(true);
    expect(table.counts.map(({ count }) => count)).toEqual([1, 1]);
  });

  it('are a table that reads, each with a reason', async () => {
    const { counts } = await DeliberateDifferences.read(TABLE);
    expect(counts.length).toBeGreaterThan(0);
    for (const { row: read } of counts) expect(read.reason).not.toBe('');
  });
});

describe('casesOf', () => {
  const examples = (): string => {
    const root = temporaryDirectory();
    mkdirSync(join(root, 'taskruns/beta'), { recursive: true });
    for (const file of ['taskruns/a.yaml', 'taskruns/beta/b.yml', 'taskruns/beta/b.status.json']) writeFileSync(join(root, file), '');
    writeFileSync(join(root, 'index.json'), JSON.stringify([{ file: 'taskruns/a.yaml', expected: 'Succeeded' }]));
    return root;
  };

  it.each([
    ['a folder with an index: what it lists', '.', [['taskruns/a.yaml', 'Succeeded']]],
    [
      'a folder below: every file, as far as the index knows them',
      'taskruns',
      [
        ['taskruns/a.yaml', 'Succeeded'],
        ['taskruns/beta/b.yml', undefined],
      ],
    ],
    ['a file', 'taskruns/a.yaml', [['taskruns/a.yaml', 'Succeeded']]],
  ])('%s', async (_what, path, cases) => {
    expect((await casesOf(join(examples(), path))).map(({ file, expected }) => [file, expected])).toEqual(cases);
  });
});
