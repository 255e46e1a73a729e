/** What came of one trigger for one event, and why. Kept in the journal, shown to users: plain JSON, no secrets. */

/** One node of a CEL expression with the value it had. */
export interface CelTrace {
  /** The source text of this sub-expression. */
  readonly source: string;
  /** Offsets into the whole expression, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  /** An operator (`&&`, `==` …), a function's or macro's name, `select`, `literal`, `variable`, `list` or `map`. */
  readonly operation: string;
  /** JSON rendering of the value, cut to a few hundred characters; absent when it was not evaluated. */
  readonly value?: string | undefined;
  readonly error?: string | undefined;
  readonly children: readonly CelTrace[];
}

/** One interceptor's part in the chain. */
export interface ChainStep {
  /** Interceptor name, e.g. `github`, `cel`. */
  readonly interceptor: string;
  readonly outcome: 'continue' | 'stop' | 'error';
  /** gRPC code name, as upstream's interceptors answer: `FailedPrecondition`, `InvalidArgument` … */
  readonly code?: string | undefined;
  readonly message?: string | undefined;
  /** The secret that verified the event, `name/key`: of several live ones it tells which the sender uses. */
  readonly verifiedBy?: string | undefined;
  /** For cel: the filter with every sub-expression's value, whatever it came to. */
  readonly filter?: CelTrace | undefined;
  /** For cel, when the filter was false: the smallest sub-expression that decided it, as source text, and its operands' values. */
  readonly because?: { readonly source: string; readonly values: Readonly<Record<string, string>> } | undefined;
  /** For cel, where it continued: what each overlay gave, as JSON cut to a few hundred characters. */
  readonly overlays?: readonly { readonly key: string; readonly value: string }[] | undefined;
  /** Milliseconds, with fraction. */
  readonly tookMs: number;
}

export interface BoundParam {
  readonly name: string;
  readonly value: string;
}

interface VerdictBase {
  /** Name of the trigger in its listener; empty for an unnamed inline trigger. */
  readonly trigger: string;
  readonly namespace: string;
  readonly chain: readonly ChainStep[];
  readonly tookMs: number;
}

/** The trigger fired. `created` is filled in when the objects exist. */
export interface Matched extends VerdictBase {
  readonly verdict: 'matched';
  readonly params: readonly BoundParam[];
  readonly manifests: readonly unknown[];
  readonly created: readonly CreatedObject[];
  /** The service account in whose name a cluster is asked to create them, `namespace/name`. */
  readonly account?: string | undefined;
}

export interface CreatedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name: string;
  /** Set when the store refused it. */
  readonly error?: string | undefined;
}

/** An interceptor said no. */
export interface Filtered extends VerdictBase {
  readonly verdict: 'filtered';
  readonly reason: string;
  /** This verdict stands for so many triggers that the index passed over unevaluated; `trigger` is empty. */
  readonly passedOver?: number | undefined;
}

/** Something is wrong: a binding failed, a template rendered nonsense, a reference leads nowhere. */
export interface Failed extends VerdictBase {
  readonly verdict: 'failed';
  readonly stage: 'resolve' | 'intercept' | 'bind' | 'render' | 'create';
  readonly error: string;
  readonly params?: readonly BoundParam[] | undefined;
  /** Of stage `create`: all that was rendered, and of it what is there and what was refused, up to the first that was. */
  readonly manifests?: readonly unknown[] | undefined;
  readonly created?: readonly CreatedObject[] | undefined;
}

export type TriggerVerdict = Matched | Filtered | Failed;
