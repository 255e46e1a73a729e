import type { KubeObject } from '../../../src/resources/object.ts';
import { BENCH_SECRET } from './payloads.ts';

const VERSION = 'triggers.tekton.dev/v1beta1';

const github = {
  ref: { name: 'github' },
  params: [
    { name: 'secretRef', value: { secretName: 'bench', secretKey: 'token' } },
    { name: 'eventTypes', value: ['pull_request'] },
  ],
};

/**
 * A listener and `count` Triggers it selects by label, of which exactly the first matches GitHub's sample; each: HMAC, CEL filter and overlay, binding,
 * template.
 */
export function benchListener(name: string, count: number): readonly KubeObject[] {
  const triggers = Array.from({ length: count }, (_, index): KubeObject => {
    const repository = index === 0 ? 'Codertocat/Hello-World' : `team/repository-${index}`;
    return {
      apiVersion: VERSION,
      kind: 'Trigger',
      metadata: { name: `${name}-${index}`, namespace: 'default', labels: { listener: name } },
      spec: {
        interceptors: [
          github,
          {
            ref: { name: 'cel' },
            params: [
              { name: 'filter', value: `body.action == 'opened' && body.repository.full_name == '${repository}'` },
              { name: 'overlays', value: [{ key: 'short_sha', expression: 'body.pull_request.head.sha.truncate(7)' }] },
            ],
          },
        ],
        bindings: [{ ref: 'bench' }],
        template: { ref: 'bench' },
      },
    };
  });
  const listener: KubeObject = {
    apiVersion: VERSION,
    kind: 'EventListener',
    metadata: { name, namespace: 'default' },
    spec: { labelSelector: { matchLabels: { listener: name } } },
  };
  return [...triggers, listener];
}

export function benchBindings(): readonly KubeObject[] {
  return [
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'bench', namespace: 'default' }, stringData: { token: BENCH_SECRET } },
    {
      apiVersion: 'triggers.tekton.dev/v1beta1',
      kind: 'TriggerBinding',
      metadata: { name: 'bench', namespace: 'default' },
      spec: {
        params: [
          { name: 'repository', value: '$(body.repository.clone_url)' },
          { name: 'revision', value: '$(body.pull_request.head.sha)' },
          { name: 'short-sha', value: '$(extensions.short_sha)' },
          { name: 'number', value: '$(body.number)' },
          { name: 'title', value: '$(body.pull_request.title)' },
        ],
      },
    },
    {
      apiVersion: 'triggers.tekton.dev/v1beta1',
      kind: 'TriggerTemplate',
      metadata: { name: 'bench', namespace: 'default' },
      spec: {
        params: ['repository', 'revision', 'short-sha', 'number', 'title'].map((name) => ({ name })),
        resourcetemplates: [
          {
            apiVersion: 'tekton.dev/v1',
            kind: 'PipelineRun',
            metadata: { generateName: 'bench-$(tt.params.number)-' },
            spec: {
              pipelineRef: { name: 'bench' },
              params: ['repository', 'revision', 'short-sha', 'title'].map((name) => ({ name, value: `$(tt.params.${name})` })),
            },
          },
        ],
      },
    },
  ];
}
