import { KubeError, type KubeRequest, storeErrorCode } from '../../kube/kube-client.ts';
import { ruleToAdd } from '../../kube/missing-rule.ts';
import { StoreError } from '../../ports/store.ts';
import type { ResourceType } from '../../resources/registry.ts';

const verbs: Readonly<Record<KubeRequest['method'], string>> = {
  GET: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** What was asked, as RBAC names it. */
export interface Asked {
  readonly verb: string;
  readonly type: ResourceType;
  readonly subresource?: string | undefined;
}

export function verbOf(method: KubeRequest['method']): string {
  return verbs[method];
}

/** The server's no in its own words; of a right that is missing also the rule that would give it. Anything but a `KubeError` is given back. */
export function storeError(error: unknown, { verb, type, subresource }: Asked): unknown {
  if (!(error instanceof KubeError)) return error;
  const { code, message } = error;
  // 403 is also what a used up quota and a namespace that is being deleted answer.
  const missing = code === 403 && /cannot \S+ resource/.test(message);
  const resource = subresource === undefined ? type.plural : `${type.plural}/${subresource}`;
  const rule = { group: type.group, resource, verb };
  return new StoreError(storeErrorCode(error), missing ? `${message}; ${ruleToAdd(rule)}` : message, { cause: error });
}
