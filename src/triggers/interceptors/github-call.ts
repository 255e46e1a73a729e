import type { GithubHosts } from '../forges/github-access.ts';
import type { InterceptorCall } from './interceptor.ts';

/** A call of the github interceptor, once its event type and its signature are checked. */
export interface GithubCall extends InterceptorCall {
  /** `X-GitHub-Event`. */
  readonly eventType: string;
  readonly hosts: GithubHosts;
  /** Whether the event's signature was verified; without `secretRef` none is. */
  readonly verified: boolean;
}
