import type { Condition } from '../../interceptors/interceptor.ts';
import type { GithubPayloads } from './read-payloads.ts';

export const eventHeader = 'X-Github-Event';

/** Which of GitHub's events may come at some point of a chain. */
export interface EventScope {
  readonly payloads: GithubPayloads;
  /** `undefined`: nothing says that they are GitHub's. */
  readonly names: readonly string[] | undefined;
}

/** The events that are left where these conditions hold. */
export function narrowed(scope: EventScope, conditions: readonly Condition[]): EventScope {
  let { names } = scope;
  for (const { root, path, values } of conditions) {
    if (root !== 'header' || path[0] !== eventHeader) continue;
    const wanted = values.filter((value) => typeof value === 'string');
    names = names === undefined ? wanted : names.filter((name) => wanted.includes(name));
  }
  return { ...scope, names };
}
