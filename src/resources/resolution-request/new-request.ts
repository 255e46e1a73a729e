import type { OwnerReference } from '../object.ts';
import type { RemoteReference } from '../references.ts';
import { requestName } from './request-name.ts';
import type { ResolutionRequest } from './schema.ts';

/** Names the resolver that a request is for. */
export const resolverTypeLabel = 'resolution.tekton.dev/type';

export interface NewRequest {
  readonly reference: RemoteReference;
  readonly namespace: string;
  /** The run's name; for what a pipeline task refers to, that of its TaskRun, which asks the same. */
  readonly base: string;
  readonly owner: OwnerReference;
  readonly now: string;
}

/** The question as an object. It belongs to the run that asks, and goes with it. */
export function newResolutionRequest({ reference, namespace, base, owner, now }: NewRequest): ResolutionRequest {
  const { resolver, params, url } = reference;
  return {
    apiVersion: 'resolution.tekton.dev/v1beta1',
    kind: 'ResolutionRequest',
    metadata: {
      name: requestName(reference, namespace, base),
      namespace,
      labels: { [resolverTypeLabel]: resolver },
      ownerReferences: [owner],
    },
    spec: { ...(params.length > 0 && { params: [...params] }), ...(url !== undefined && { url }) },
    status: {
      conditions: [
        {
          type: 'Succeeded',
          status: 'Unknown',
          reason: 'ResolutionInProgress',
          message: 'waiting for resolver',
          lastTransitionTime: now,
        },
      ],
    },
  };
}
