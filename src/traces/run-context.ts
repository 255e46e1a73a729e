import type { KubeObject, Stored } from '../resources/object.ts';
import { owningRun } from '../resources/owning-run.ts';
import type { SpanContext } from './span.ts';
import { parseTraceparent, spanIdOf, traceIdOf, traceparentOf } from './span-context.ts';

/** Upstream's: JSON of a carrier, `{"traceparent": "00-…"}`. Source: tektoncd/pipeline pkg/reconciler/*run/tracing.go; reference/pipelines.md 5.7. */
const ANNOTATIONS: Readonly<Record<string, string>> = {
  PipelineRun: 'tekton.dev/pipelinerunSpanContext',
  TaskRun: 'tekton.dev/taskrunSpanContext',
};
const EVENT_ID = 'triggers.tekton.dev/triggers-eventid';

/** Where a run's span belongs: the trace, and the span it is part of. */
export interface RunContext {
  readonly traceId: string;
  readonly parentSpanId: string | undefined;
}

/**
 * By the annotation, which a PipelineRun hands down to its children; else by the event that made the run, whose label they inherit as well; else the
 * trace is the run's own. A child's parent is its run, whatever else is said. `owners` gives the trace of a run that is known already.
 */
export function runContext(run: Stored, owners: (uid: string) => string | undefined): RunContext {
  const { annotations, labels, uid } = run.metadata;
  const owner = owningRun(run);
  const own = carried(annotations?.[ANNOTATIONS[run.kind] ?? '']);
  const inherited = own ?? carried(annotations?.['tekton.dev/pipelinerunSpanContext']);
  const eventId = labels?.[EVENT_ID];
  if (owner !== undefined) {
    const traceId = owners(owner.uid) ?? inherited?.traceId ?? traceIdOf(eventId ?? owner.uid);
    return { traceId, parentSpanId: spanIdOf(owner.uid) };
  }
  if (own !== undefined) return { traceId: own.traceId, parentSpanId: own.spanId };
  return eventId === undefined
    ? { traceId: traceIdOf(uid), parentSpanId: undefined }
    : { traceId: traceIdOf(eventId), parentSpanId: spanIdOf(eventId) };
}

/** A run that an event is about to create, told by annotation which trace it belongs to: pods inherit it, so that steps may join in. */
export function withSpanContext(object: KubeObject): KubeObject {
  const key = ANNOTATIONS[object.kind];
  const eventId = object.metadata.labels?.[EVENT_ID];
  const { annotations } = object.metadata;
  if (key === undefined || eventId === undefined || annotations?.[key] !== undefined) return object;
  const traceparent = traceparentOf({ traceId: traceIdOf(eventId), spanId: spanIdOf(eventId) });
  return { ...object, metadata: { ...object.metadata, annotations: { ...annotations, [key]: JSON.stringify({ traceparent }) } } };
}

function carried(text: string | undefined): SpanContext | undefined {
  if (text === undefined || text.length > 4_096) return undefined;
  try {
    const carrier: unknown = JSON.parse(text);
    const traceparent = typeof carrier === 'object' && carrier !== null && 'traceparent' in carrier ? carrier.traceparent : undefined;
    return typeof traceparent === 'string' ? parseTraceparent(traceparent) : undefined;
  } catch {
    return undefined;
  }
}
