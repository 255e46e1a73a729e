import { describe, expect, it } from 'vitest';
import type { PipelineRun } from '../resources/pipeline-run/schema.ts';
import { childMetadata, runMetadata } from './metadata.ts';

function run(metadata: PipelineRun['metadata'], spec: PipelineRun['spec'] = { pipelineSpec: {} }): PipelineRun {
  return { apiVersion: 'tekton.dev/v1', kind: 'PipelineRun', metadata: { name: 'run', uid: 'u', ...metadata }, spec };
}

describe('the label with the name of the pipeline', () => {
  it.each<[string, PipelineRun, string]>([
    ['a reference', run({}, { pipelineRef: { name: 'p' } }), 'p'],
    ['embedded', run({}), 'run'],
    ['embedded, generated name', run({ generateName: 'build-me-' }), 'build-me'],
    ['nothing left of the generated name', run({ generateName: '--' }), 'run'],
    ['a resolver', run({}, { pipelineRef: { resolver: 'git' } }), 'run'],
    [
      'the cluster resolver',
      run(
        {},
        {
          pipelineRef: {
            resolver: 'cluster',
            params: [
              { name: 'kind', value: 'pipeline' },
              { name: 'name', value: 'there' },
            ],
          },
        },
      ),
      'there',
    ],
    ['one that is there', run({ labels: { 'tekton.dev/pipeline': 'mine' } }), 'mine'],
  ])('%s', (_, given, name) => {
    expect(runMetadata(given, undefined).labels).toEqual({ 'tekton.dev/pipeline': name });
  });
});

it("takes over the Pipeline's labels and annotations, the run's own first, what kubectl applied left out", () => {
  const given = run({ labels: { a: 'run' }, annotations: { x: 'run' } }, { pipelineRef: { name: 'p' } });
  const source = {
    name: 'p',
    labels: { a: 'pipeline', b: 'pipeline' },
    annotations: { x: 'pipeline', y: 'pipeline', 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
  };
  expect(runMetadata(given, source)).toEqual({
    labels: { a: 'run', b: 'pipeline', 'tekton.dev/pipeline': 'p' },
    annotations: { x: 'run', y: 'pipeline' },
  });
});

it("gives a child the run's metadata: taskRunSpecs before the run before the embedded task, no Chains annotations", () => {
  const inherited = { labels: { a: 'run', b: 'run' }, annotations: { x: 'run', 'chains.tekton.dev/signed': 'true' } };
  const task = { name: 't', taskSpec: { metadata: { labels: { a: 'task', c: 'task' }, annotations: { x: 'task', z: 'task' } } } };
  expect(childMetadata(run({}), inherited, task, true, { labels: { b: 'spec' }, annotations: { z: 'spec' } })).toEqual({
    labels: {
      a: 'run',
      b: 'spec',
      c: 'task',
      'tekton.dev/pipelineRun': 'run',
      'tekton.dev/pipelineRunUID': 'u',
      'tekton.dev/pipelineTask': 't',
      'tekton.dev/memberOf': 'finally',
    },
    annotations: { x: 'run', z: 'spec' },
  });
});
