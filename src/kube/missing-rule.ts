import { KubeError } from './kube-client.ts';

/** As the API server words a refusal by RBAC; a used up quota and a namespace that is being deleted answer 403 too, in other words. */
const REFUSAL = /cannot (\S+) resource "([^"]+)" in API group "([^"]*)"/;

export interface Rule {
  readonly group: string;
  /** With its subresource: `pods/log`. */
  readonly resource: string;
  readonly verb: string;
}

/** What to add so that the API server would allow it, as a sentence. */
export function ruleToAdd({ group, resource, verb }: Rule): string {
  return `add this rule to its Role or ClusterRole: {apiGroups: ["${group}"], resources: ["${resource}"], verbs: ["${verb}"]}`;
}

/** What went wrong, and the rule that would help where a right is missing. */
export function withRule(error: unknown): string {
  if (!(error instanceof KubeError)) return error instanceof Error ? error.message : String(error);
  const [, verb, resource, group] = (error.code === 403 && REFUSAL.exec(error.message)) || [];
  if (verb === undefined || resource === undefined || group === undefined) return error.message;
  return `${error.message}; ${ruleToAdd({ group, resource, verb })}`;
}
