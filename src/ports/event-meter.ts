import type { TriggerVerdict } from '../triggers/verdict.ts';

/** Counts what happens to events; upstream's metric names are the implementation's business. Calls cost next to nothing and never throw. */
export interface EventMeter {
  /** One request was answered. `succeeded`: 2xx. `seconds` from its first byte to the answer. */
  received(status: 'succeeded' | 'failed', seconds: number): void;
  /** One trigger was judged. */
  judged(verdict: TriggerVerdict['verdict']): void;
  /** One object of this kind was created. */
  created(kind: string): void;
  /** One delivery repeated a known delivery id. */
  repeated(): void;
  /** One delivery was refused as not authentic. */
  rejected(): void;
  /** So many events were forgotten, because they were old or too many. */
  forgotten(count: number): void;
}
