import { describe, expect, it } from 'vitest';
import { isCustom, resourceTypes } from '../registry.ts';
import { crdOf } from './crd.ts';

const types = resourceTypes.filter(isCustom);
const crd = (kind: string): unknown => crdOf(types.find((type) => type.kind === kind)!);

/** `kubectl apply` notes the whole object in an annotation, and annotations have so many bytes in all. */
const ANNOTATIONS = 262_144;

describe('CustomResourceDefinitions', () => {
  it.each(types)('$kind: small enough for kubectl apply', (type) => {
    expect(new TextEncoder().encode(JSON.stringify(crdOf(type))).length).toBeLessThan(ANNOTATIONS - 4_096);
  });

  it('serve older versions, store the newest, convert nothing', () => {
    expect(crd('Task')).toMatchObject({
      metadata: { name: 'tasks.tekton.dev' },
      spec: {
        group: 'tekton.dev',
        scope: 'Namespaced',
        conversion: { strategy: 'None' },
        names: { kind: 'Task', listKind: 'TaskList', plural: 'tasks', singular: 'task', categories: ['tekton', 'tekton-pipelines'] },
        versions: [
          { name: 'v1', served: true, storage: true, subresources: { status: {} } },
          { name: 'v1beta1', served: true, storage: false, deprecated: true },
        ],
      },
    });
    expect(crd('ClusterTriggerBinding')).toMatchObject({ spec: { scope: 'Cluster', names: { shortNames: ['ctb'] } } });
  });

  it('leave metadata to Kubernetes, and print upstream’s columns', () => {
    const version = {
      schema: { openAPIV3Schema: { properties: { metadata: { type: 'object' } } } },
      additionalPrinterColumns: ['Succeeded', 'Reason', 'StartTime', 'CompletionTime'].map((name) => ({ name })),
    };
    expect(crd('PipelineRun')).toMatchObject({ spec: { versions: [version, { name: 'v1beta1' }] } });
  });
});
