import { firstHeader, type OpenEvent } from '../open-event.ts';
import { type Condition, type Refusal, stop } from './interceptor.ts';

/** `eventTypes`: absent allows every event, an empty list none. Exact and case-sensitive, as upstream. */
export function refuseEventType(event: OpenEvent, header: string, allowed: readonly string[] | undefined): Refusal | undefined {
  if (allowed === undefined) return undefined;
  const type = firstHeader(event, header);
  return allowed.includes(type) ? undefined : stop('FailedPrecondition', `event type ${type} is not allowed`);
}

export function eventTypeConditions(header: string, allowed: readonly string[] | undefined): readonly Condition[] {
  return allowed === undefined ? [] : [{ root: 'header', path: [header], values: allowed }];
}
