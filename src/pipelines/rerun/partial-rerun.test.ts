import { describe, expect, it } from 'vitest';
import type { KubeObject, Stored } from '../../resources/object.ts';
import type { PipelineRun } from '../../resources/pipeline-run/schema.ts';
import { again } from './again.ts';
import { claimsOf, partialRerun } from './partial-rerun.ts';
import { sharedClaims } from './shared-claims.ts';

const template = { metadata: { name: 'src' }, spec: { accessModes: ['ReadWriteOnce'] } };

function run(over: { readonly metadata?: object; readonly spec?: object } = {}): Stored<PipelineRun> {
  return {
    apiVersion: 'tekton.dev/v1',
    kind: 'PipelineRun',
    metadata: {
      name: 'old',
      namespace: 'ci',
      uid: 'uid-1',
      resourceVersion: '7',
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...over.metadata,
    },
    spec: { pipelineRef: { name: 'p' }, ...over.spec },
  } as unknown as Stored<PipelineRun>;
}

function named(object: KubeObject, name: string, uid: string): Stored<PipelineRun> {
  return run({ metadata: { ...object.metadata, name, uid }, spec: object['spec'] as object });
}

const workspaces = [
  { name: 'source', subPath: 'a', volumeClaimTemplate: template },
  { name: 'cache', persistentVolumeClaim: { claimName: 'cache' } },
  { name: 'tmp', emptyDir: {} },
];

describe('again', () => {
  it('is what its user wants of a run, and nothing of what became of it', () => {
    const old = run({
      metadata: {
        generateName: 'old-',
        labels: {
          team: 'a',
          'tekton.dev/pipelineRun': 'parent',
          'tekton.dev/pipelineRunUID': 'u',
          'tekton.dev/pipelineTask': 't',
          'tekton.dev/memberOf': 'tasks',
          'tappet.dev/run-action': 'u2',
        },
        annotations: {
          note: 'b',
          'tappet.dev/fail-fast': 'true',
          'tappet.dev/rerun-of': 'older',
          'tappet.dev/reuse': '["x"]',
          'chains.tekton.dev/signed': 'true',
          'kubectl.kubernetes.io/last-applied-configuration': '{}',
        },
        ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: 'x', uid: 'x' }],
        finalizers: ['x'],
      },
      spec: { status: 'Cancelled', statusMessage: 'stop', managedBy: 'tekton.dev/pipeline' },
    });
    expect(again(old)).toEqual({
      apiVersion: 'tekton.dev/v1',
      kind: 'PipelineRun',
      metadata: {
        generateName: 'old-',
        namespace: 'ci',
        labels: { team: 'a' },
        annotations: { note: 'b', 'tappet.dev/fail-fast': 'true', 'tappet.dev/rerun-of': 'old' },
      },
      spec: { pipelineRef: { name: 'p' }, managedBy: 'tekton.dev/pipeline' },
    });
  });
});

describe('a part of a run again', () => {
  it('says what it keeps, and has the claims of the old run', () => {
    const { metadata, spec } = partialRerun(run({ spec: { workspaces } }), { keep: ['a', 'b'] }) as PipelineRun;
    expect(metadata.annotations).toEqual({
      'tappet.dev/rerun-of': 'old',
      'tappet.dev/reuse': '["a","b"]',
      'tappet.dev/claim-templates': JSON.stringify({ source: template }),
    });
    expect(spec.workspaces).toEqual([
      { name: 'source', subPath: 'a', persistentVolumeClaim: { claimName: expect.stringMatching(/^src-[0-9a-f]{10}$/) } },
      workspaces[1],
      workspaces[2],
    ]);
    expect(claimsOf(run({ spec: { workspaces } }))).toEqual([
      { workspace: 'source', claim: spec.workspaces?.[0]?.persistentVolumeClaim?.claimName },
    ]);
  });

  it('has fresh claims when it is told so, or keeps nothing', () => {
    const fresh = partialRerun(run({ spec: { workspaces } }), { keep: ['a'], freshWorkspaces: true }) as PipelineRun;
    expect(fresh.spec.workspaces).toEqual(workspaces);
    expect(fresh.metadata.annotations).toEqual({ 'tappet.dev/rerun-of': 'old', 'tappet.dev/reuse': '["a"]' });
    const whole = partialRerun(run({ spec: { workspaces } }), { keep: [] });
    expect(whole).toEqual(again(run({ spec: { workspaces } })));
  });

  it('hands claims on from rerun to rerun, and templates back to a whole one', () => {
    const first = named(partialRerun(run({ spec: { workspaces } }), { keep: ['a'] }), 'first', 'uid-2');
    const second = partialRerun(first, { keep: ['a', 'b'] }) as PipelineRun;
    expect(second.spec.workspaces).toEqual(first.spec.workspaces);
    expect(second.metadata.annotations?.['tappet.dev/claim-templates']).toBe(JSON.stringify({ source: template }));
    expect((again(first) as PipelineRun).spec.workspaces).toEqual(workspaces);
    expect((partialRerun(first, { keep: ['a'], freshWorkspaces: true }) as PipelineRun).spec.workspaces).toEqual(workspaces);
  });

  it('shares the claims it has from another run, and those only', () => {
    const first = named(partialRerun(run({ spec: { workspaces } }), { keep: ['a'] }), 'first', 'uid-2');
    const owner = {
      apiVersion: 'tekton.dev/v1',
      kind: 'PipelineRun',
      name: 'first',
      uid: 'uid-2',
      controller: false,
      blockOwnerDeletion: false,
    };
    expect(sharedClaims(first)).toEqual([
      { type: 'share-claim', name: first.spec.workspaces?.[0]?.persistentVolumeClaim?.claimName, owner },
    ]);
    expect(sharedClaims(run({ spec: { workspaces } }))).toEqual([]);
  });

  it.each(['nonsense', '[]', 'null', '"text"', '{"source":'])('takes templates that say %s for none', (text) => {
    const odd = run({ metadata: { annotations: { 'tappet.dev/claim-templates': text } }, spec: { workspaces } });
    expect((again(odd) as PipelineRun).spec.workspaces).toEqual(workspaces);
    expect(sharedClaims(odd)).toEqual([]);
  });
});
