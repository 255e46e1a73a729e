import type { FieldError } from '../resources/field-error.ts';
import type { TriggerTest } from '../resources/trigger-test/schema.ts';
import type { TriggerVerdict } from '../triggers/verdict.ts';
import type { VerdictChange } from './compare-verdicts.ts';

/** What an operator may ask of an event in the journal. Expected outcomes are values. */
export interface EventActions {
  /** Judges one trigger afresh, with the listener as it is now, though the index may have passed it over. Creates nothing. */
  explain(eventId: string, trigger: string): Promise<Judged | Refused>;
  /** The same event once more, under a new id. The operator vouches for it: signatures are not checked. */
  replay(eventId: string, request: ReplayRequest): Promise<Taken | Judged | Refused>;
  /** The same event under its own id: what is there stays, what is missing is created. */
  retry(eventId: string): Promise<Taken | Refused>;
  /** The event and its verdicts as a test of its listener's triggers, without secrets. */
  asTest(eventId: string): Promise<AsTest | Refused>;
}

export interface ReplayRequest {
  /** Instead of the event's body. */
  readonly payload?: Readonly<Record<string, unknown>> | undefined;
  /** Instead of the event's headers of these names; `null` takes one away. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | null>> | undefined;
  /** Only to see what would come of it. */
  readonly dryRun?: boolean | undefined;
  /** Of a dry run: objects laid over those the server has. Where they name no namespace, they are in the event's. */
  readonly configuration?: readonly unknown[] | undefined;
}

/** Journaled; its verdicts will be there under this id. */
export interface Taken {
  readonly outcome: 'taken';
  readonly eventId: string;
}

export interface Judged {
  readonly outcome: 'judged';
  readonly verdicts: readonly TriggerVerdict[];
  /** Of a dry run: what differs from the verdicts in the journal. */
  readonly changes: readonly VerdictChange[];
}

export interface AsTest {
  readonly outcome: 'written';
  readonly test: TriggerTest;
}

export interface Refused {
  readonly outcome: 'refused';
  readonly reason: 'NotFound' | 'Conflict' | 'Invalid' | 'Unavailable';
  /** What is wrong, and what to do instead. */
  readonly message: string;
  /** Of the request's own objects, each below `configuration[index]`. */
  readonly errors?: readonly FieldError[] | undefined;
}

export function refused(reason: Refused['reason'], message: string, errors?: readonly FieldError[]): Refused {
  return { outcome: 'refused', reason, message, errors };
}
