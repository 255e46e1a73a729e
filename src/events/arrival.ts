import type { KubeObject, Stored } from '../resources/object.ts';

/** One request as it came over the wire, before anybody has judged it. */
export interface Arrival {
  readonly method: string;
  /** Path and query as received. */
  readonly url: string;
  /** Canonical names, every value kept. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  /** Raw bytes. */
  readonly body: Buffer;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
}

/** What became of a request. Each arm names the HTTP status the ingress answers with. */
export type Acceptance =
  /** 202. `duplicate`: the sender's delivery id is known, `eventId` is the first delivery's, nothing else was done. */
  | { readonly outcome: 'accepted'; readonly eventId: string; readonly duplicate: boolean }
  /** As it says: a sender who has to be answered in a way of its own. `eventId`: of the event that was kept, if one was. */
  | {
      readonly outcome: 'answered';
      readonly status: number;
      readonly contentType: string;
      readonly body: string;
      readonly eventId?: string | undefined;
    }
  /** 400: authentic, but no event. */
  | { readonly outcome: 'malformed'; readonly message: string }
  /** 401: every trigger of the listener verifies a signature, and none was satisfied. */
  | { readonly outcome: 'unauthentic'; readonly message: string }
  /** 403: the listener verifies nothing, and this server can be reached from outside. */
  | { readonly outcome: 'unsigned'; readonly message: string }
  /** 503: not stored; the sender should try again. */
  | { readonly outcome: 'busy'; readonly message: string; readonly retryAfterSeconds: number };

/** What the ingress needs of the events room. */
export interface Intake {
  /** By `namespace/name`. */
  find(key: string): Stored<KubeObject> | undefined;
  /** The one listener there is, when there is exactly one. */
  sole(): Stored<KubeObject> | undefined;
  /** Expected outcomes are values; it rejects only when something is broken. */
  accept(listener: Stored<KubeObject>, arrival: Arrival): Promise<Acceptance>;
}
