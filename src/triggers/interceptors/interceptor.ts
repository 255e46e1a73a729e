import type { Dialogue } from '../dialogue.ts';
import type { ExpressionCache } from '../expression-cache.ts';
import type { OpenEvent } from '../open-event.ts';
import type { Outside } from '../outside.ts';
import type { ChainStep } from '../verdict.ts';
import type { SignatureCheck } from './signature-check.ts';

/** gRPC's names; upstream's interceptors answer with its codes. */
export type StatusCode =
  | 'OK'
  | 'Canceled'
  | 'Unknown'
  | 'InvalidArgument'
  | 'DeadlineExceeded'
  | 'NotFound'
  | 'AlreadyExists'
  | 'PermissionDenied'
  | 'ResourceExhausted'
  | 'FailedPrecondition'
  | 'Aborted'
  | 'OutOfRange'
  | 'Unimplemented'
  | 'Internal'
  | 'Unavailable'
  | 'DataLoss'
  | 'Unauthenticated';

export type Extensions = Readonly<Record<string, unknown>>;

/** What one interceptor is asked. */
export interface InterceptorCall {
  /** Form bodies already converted. */
  readonly event: OpenEvent;
  /** What came before added, the trigger group's included. */
  readonly extensions: Extensions;
  /** The trigger's namespace: secrets are read there. */
  readonly namespace: string;
  /** `namespaces/<namespace>/triggers/<name>`: how interceptors that are called are told whose event it is. */
  readonly triggerId: string;
  readonly outside: Outside;
}

export type InterceptorAnswer =
  /** Top-level keys of `extensions` are merged over those there are. */
  | ({
      readonly outcome: 'continue';
      readonly extensions?: Extensions | undefined;
      /** The event as it goes on, when the interceptor has changed it. */
      readonly event?: OpenEvent | undefined;
    } & Evidence)
  | Refusal;

/** `stop`: the event is not for this trigger. `error`: something is wrong with the trigger, its secrets or the expression. */
export type Refusal = { readonly outcome: 'stop' | 'error'; readonly code: StatusCode; readonly message: string } & Evidence;

export type Evidence = Pick<ChainStep, 'filter' | 'because' | 'overlays'>;

/** An interceptor with its params, made ready once per change of configuration. */
export interface Interceptor {
  /** `github`, `cel` … */
  readonly name: string;
  /** Set when it verifies where the event comes from. */
  readonly signature?: SignatureCheck | undefined;
  /** It tells friend from foe in a way of its own: a server that is asked, a secret compared in CEL. */
  readonly guards?: boolean | undefined;
  /** Headers whose value it compares with a secret: the value is the secret itself, and is not kept. Canonical names. */
  readonly secretHeaders?: readonly string[] | undefined;
  /** Set when the sender is to be answered in a way of its own. */
  readonly dialogue?: Dialogue | undefined;
  /** It may change body and headers: what is known of the event as it came does not hold behind it. */
  readonly changesEvent?: boolean | undefined;
  /** Set when it can let nothing through, whatever the event: a complete sentence. */
  readonly defect?: string | undefined;
  /** Complete sentences about what is configured but not done, or dangerous. */
  readonly warnings?: readonly string[] | undefined;
  /** What must hold of an event for it to continue. Only ever too little: an event that breaks one would not continue. */
  readonly conditions: readonly Condition[];
  intercept(call: InterceptorCall): InterceptorAnswer | Promise<InterceptorAnswer>;
}

/** The value at a place in the event equals one of these. */
export interface Condition {
  /** `header`: one element, the canonical name; its first value counts. `body`: keys from the root, no list indexes. */
  readonly root: 'header' | 'body';
  readonly path: readonly string[];
  readonly values: readonly (string | number | boolean)[];
}

/** What an interceptor is made ready with besides its params. */
export interface InterceptorContext {
  /** The trigger's: secrets are read there. */
  readonly namespace: string;
  readonly expressions: ExpressionCache;
  readonly policy: ListenerPolicy;
}

/** What a listener lets pass, by where it is reached and by its annotations. */
export interface ListenerPolicy {
  /** Events that nobody has signed: `refuse` where the listener can be reached from outside this machine and does not say otherwise. */
  readonly unsigned: 'allow' | 'warn' | 'refuse';
  /** Signatures by SHA-1, of senders that have nothing better. */
  readonly sha1: 'allow' | 'warn' | 'refuse';
}

/** Making an interceptor ready: its own error, such as params of the wrong type or an expression that does not parse, is one of its answers. */
export type InterceptorFactory = (params: ReadonlyMap<string, unknown>, context: InterceptorContext) => Interceptor;

export function stop(code: StatusCode, message: string, evidence: Evidence = {}): Refusal {
  return { outcome: 'stop', code, message, ...evidence };
}

export function wrong(code: StatusCode, message: string, evidence: Evidence = {}): Refusal {
  return { outcome: 'error', code, message, ...evidence };
}

/** For interceptors that verify only when they are told the secret. */
export function unverifiedWarnings(name: string, verifies: boolean): readonly string[] {
  return verifies ? [] : [`${name}: without secretRef anybody who can reach this server can send it events`];
}

/** An interceptor that can only say what is wrong with it. It lets nothing through. */
export function brokenInterceptor(name: string, code: StatusCode, message: string): Interceptor {
  const answer = wrong(code, message);
  return { name, conditions: [], defect: `${name}: ${message}`, intercept: () => answer };
}
