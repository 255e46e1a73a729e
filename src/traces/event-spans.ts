import type { Delivery } from '../ports/journal.ts';
import type { TriggerVerdict } from '../triggers/verdict.ts';
import type { Span } from './span.ts';
import { parseTraceparent, spanIdOf, traceIdOf } from './span-context.ts';

/**
 * The spans of an event that has been processed: its own, from its receipt on; for each trigger that was asked one, with one for each interceptor; and one for the
 * creation of what it made. How long each took is measured; where they stand is counted back from `judgedAt`, for that is not recorded. What a sender
 * says of its own trace is a link: it is not to choose in whose trace ours appear.
 */
export function eventSpans(delivery: Delivery, verdicts: readonly TriggerVerdict[], judgedAt: number, now: number): readonly Span[] {
  const { eventId, namespace, listener, receivedAt } = delivery;
  const traceId = traceIdOf(eventId);
  const failed = verdicts.flatMap((verdict) => (verdict.verdict === 'failed' ? [verdict.error] : []));
  const root: Span = {
    traceId,
    spanId: spanIdOf(eventId),
    name: `event ${listener}`,
    kind: 'server',
    startedAt: receivedAt,
    endedAt: Math.max(receivedAt, now),
    attributes: {
      'k8s.namespace.name': namespace,
      'tekton.eventlistener': listener,
      'tekton.event.id': eventId,
      'http.request.method': delivery.method,
    },
    error: failed[0],
    link: parseTraceparent(delivery.headers['Traceparent']?.[0]),
  };
  const asked = verdicts.filter((verdict) => !('passedOver' in verdict) || verdict.passedOver === undefined);
  const created = verdicts.flatMap((verdict) => (verdict.verdict === 'matched' ? verdict.created : []));
  return [
    root,
    ...asked.flatMap((verdict, index) => triggerSpans(root, verdict, index, judgedAt)),
    ...(created.length === 0
      ? []
      : [
          {
            traceId,
            spanId: spanIdOf(`${eventId} creation`),
            parentSpanId: root.spanId,
            name: 'create',
            kind: 'internal' as const,
            startedAt: judgedAt,
            endedAt: Math.max(judgedAt, now),
            attributes: { 'tekton.created': created.map(({ kind, name }) => `${kind}/${name}`).join(' ') },
          },
        ]),
  ];
}

function triggerSpans(root: Span, verdict: TriggerVerdict, index: number, judgedAt: number): readonly Span[] {
  const subject = `${root.attributes['tekton.event.id']} ${index}`;
  const startedAt = Math.max(root.startedAt, judgedAt - verdict.tookMs);
  const own: Span = {
    traceId: root.traceId,
    spanId: spanIdOf(subject),
    parentSpanId: root.spanId,
    name: `trigger ${verdict.trigger}`,
    kind: 'internal',
    startedAt,
    endedAt: Math.max(startedAt, judgedAt),
    attributes: { 'k8s.namespace.name': verdict.namespace, 'tekton.trigger': verdict.trigger, 'tappet.verdict': verdict.verdict },
    error: verdict.verdict === 'failed' ? verdict.error : undefined,
  };
  let at = startedAt;
  const steps = verdict.chain.map((step, position): Span => {
    const from = at;
    at = Math.min(from + step.tookMs, own.endedAt);
    return {
      traceId: root.traceId,
      spanId: spanIdOf(`${subject} ${position}`),
      parentSpanId: own.spanId,
      name: `interceptor ${step.interceptor}`,
      kind: 'internal',
      startedAt: from,
      endedAt: at,
      attributes: { 'tappet.outcome': step.outcome, 'rpc.grpc.status': step.code },
      error: step.outcome === 'error' ? (step.message ?? step.code ?? 'error') : undefined,
    };
  });
  return [own, ...steps];
}
