/** One span of OpenTelemetry's, as far as ours go. */
export interface Span {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** Absent: the trace begins here. */
  readonly parentSpanId?: string | undefined;
  readonly name: string;
  /** `server`: another program's request is answered by it. */
  readonly kind: 'internal' | 'server';
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly attributes: Readonly<Record<string, string | number | undefined>>;
  /** Why it failed; absent: it did not. */
  readonly error?: string | undefined;
  /** A span of somebody else's trace that this one has to do with. */
  readonly link?: SpanContext | undefined;
}

/** Where in a trace something belongs. */
export interface SpanContext {
  readonly traceId: string;
  readonly spanId: string;
}
