import { expect, it } from 'vitest';
import { PipelineSimulator } from '../../test/support/pipeline-simulator.ts';
import { defaultEngineConfig, type EngineConfig } from '../resources/engine-config.ts';
import { affinityAssistantName } from '../resources/naming/affinity-assistant-name.ts';
import type { PipelineRun } from '../resources/pipeline-run/schema.ts';

const taskSpec = { steps: [{ name: 'run', image: 'alpine', script: 'true' }] };
const uses = (name: string, ...workspaces: readonly string[]) => ({
  name,
  workspaces: workspaces.map((workspace) => ({ name: workspace })),
  taskSpec: { ...taskSpec, workspaces: workspaces.map((workspace) => ({ name: workspace })) },
});
const run: PipelineRun = {
  apiVersion: 'tekton.dev/v1',
  kind: 'PipelineRun',
  metadata: { name: 'run', namespace: 'default', uid: 'run-uid', creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: {
    workspaces: [
      { name: 'source', volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'] } } },
      { name: 'cache', persistentVolumeClaim: { claimName: 'cache' } },
      { name: 'scratch', emptyDir: {} },
    ],
    pipelineSpec: {
      workspaces: [{ name: 'source' }, { name: 'cache' }, { name: 'scratch' }],
      tasks: [uses('clone', 'source'), uses('warm', 'cache', 'scratch'), uses('lint', 'scratch')],
    },
  },
};

const [ofSource, ofCache, ofRun] = ['source', 'cache', ''].map((workspace) => affinityAssistantName(workspace, 'run'));

it.each<[EngineConfig['coschedule'], readonly (string | undefined)[]]>([
  ['workspaces', [ofSource, ofCache, undefined]],
  ['pipelineruns', [ofRun, ofRun, ofRun]],
  ['isolate-pipelinerun', [ofRun, ofRun, ofRun]],
  ['disabled', [undefined, undefined, undefined]],
])('coschedule %s: whose node each task shares', (coschedule, expected) => {
  const world = new PipelineSimulator({ run, config: { ...defaultEngineConfig, coschedule }, script: () => ({ after: 5 }) });
  world.settle();
  expect(world.children.map(({ metadata }) => metadata.annotations?.['pipeline.tekton.dev/affinity-assistant'])).toEqual(expected);
});
