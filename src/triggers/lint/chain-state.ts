import type { Condition } from '../interceptors/interceptor.ts';
import type { Finding } from './finding.ts';
import { type EventScope, narrowed } from './github/event-scope.ts';

/** What is known of an event that has come as far as some point of a chain. */
export interface ChainState {
  /** Absent: GitHub's payloads are not to be looked at. */
  readonly events?: EventScope | undefined;
  /** What interceptors before have added, by top-level key. */
  readonly extensions: ReadonlySet<string>;
  /** Keys that were written as `extensions.key`, and are one level further down. */
  readonly doubled: ReadonlySet<string>;
  /** An interceptor we do not know may have added anything. */
  readonly extensionsOpen: boolean;
  /** The values that are let through, by place. */
  readonly wanted: ReadonlyMap<string, Wanted>;
}

interface Wanted {
  readonly values: readonly (string | number | boolean)[];
  /** Who asks for them. */
  readonly path: string;
}

/** What an interceptor does to what is known behind it. */
export interface ChainStepLint {
  readonly findings: readonly Finding[];
  readonly conditions: readonly Condition[];
  readonly extensions: readonly string[];
  readonly doubled?: readonly string[] | undefined;
  readonly extensionsOpen?: boolean | undefined;
}

/** Behind an interceptor at `path`. A contradiction with what came before is a finding: no event can satisfy both. */
export function behind(
  state: ChainState,
  { conditions, extensions, doubled = [], extensionsOpen }: ChainStepLint,
  path: string,
): { readonly state: ChainState; readonly findings: readonly Finding[] } {
  const wanted = new Map(state.wanted);
  const findings: Finding[] = [];
  for (const { root, path: keys, values } of conditions) {
    const place = root === 'header' ? `header ${keys[0]}` : `body.${keys.join('.')}`;
    const before = wanted.get(place);
    const left = before === undefined ? values : before.values.filter((value) => values.includes(value));
    if (before !== undefined && left.length === 0 && before.values.length > 0 && values.length > 0)
      findings.push(contradiction(place, before, values, path));
    wanted.set(place, { values: left, path });
  }
  const next: ChainState = {
    events: state.events && narrowed(state.events, conditions),
    extensions: new Set([...state.extensions, ...extensions]),
    doubled: new Set([...state.doubled, ...doubled]),
    extensionsOpen: state.extensionsOpen || extensionsOpen === true,
    wanted,
  };
  return { state: next, findings };
}

function contradiction(place: string, before: Wanted, values: Wanted['values'], path: string): Finding {
  const list = (of: Wanted['values']): string => of.map((value) => JSON.stringify(value)).join(' or ');
  const where = before.path === path ? 'here' : `in ${before.path}`;
  const message = `no event gets past this: ${place} must be ${list(before.values)} ${where}, and ${list(values)} as well`;
  return { severity: 'error', code: 'never-fires', path, message };
}
