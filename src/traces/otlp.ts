import type { Span } from './span.ts';

/** Characters of one text; a message of a run may be long. */
const LONGEST = 1_000;

/** OTLP's JSON: an ExportTraceServiceRequest. Times are nanoseconds as text, ids hexadecimal. */
export function otlpJson(spans: readonly Span[], resource: Readonly<Record<string, string>>): string {
  const scope = { name: 'tappet' };
  return JSON.stringify({
    resourceSpans: [{ resource: { attributes: attributesOf(resource) }, scopeSpans: [{ scope, spans: spans.map(spanOf) }] }],
  });
}

function spanOf(span: Span): object {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentSpanId === undefined ? {} : { parentSpanId: span.parentSpanId }),
    name: cut(span.name),
    kind: span.kind === 'server' ? 2 : 1,
    startTimeUnixNano: nanoseconds(span.startedAt),
    endTimeUnixNano: nanoseconds(span.endedAt),
    attributes: attributesOf(span.attributes),
    ...(span.link === undefined ? {} : { links: [span.link] }),
    status: span.error === undefined ? {} : { code: 2, message: cut(span.error) },
  };
}

function attributesOf(attributes: Span['attributes']): readonly object[] {
  return Object.entries(attributes).flatMap(([key, value]) => {
    if (value === undefined) return [];
    return [{ key, value: typeof value === 'number' ? { intValue: String(Math.trunc(value)) } : { stringValue: cut(value) } }];
  });
}

/** A number of them is too large to be exact in a double. */
function nanoseconds(ms: number): string {
  return String(BigInt(Math.round(ms * 1_000)) * 1_000n);
}

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
