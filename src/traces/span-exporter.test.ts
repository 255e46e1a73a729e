import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { HttpRequest, HttpResult } from '../triggers/http-exchange.ts';
import type { Span } from './span.ts';
import { SpanExporter } from './span-exporter.ts';

const span: Span = {
  traceId: 'a'.repeat(32),
  spanId: 'b'.repeat(16),
  parentSpanId: 'c'.repeat(16),
  name: 'step build',
  kind: 'internal',
  startedAt: Date.UTC(2026, 0, 1),
  endedAt: Date.UTC(2026, 0, 1) + 1.5,
  attributes: { 'process.exit.code': 3, 'tekton.reason': undefined, long: 'x'.repeat(2_000) },
  error: 'exit code 3',
};

function exporter(answer: () => HttpResult | Promise<HttpResult>) {
  const clock = new ManualClock();
  const requests: HttpRequest[] = [];
  const warnings: string[] = [];
  const logger: Logger = {
    debug: () => {},
    info: () => {},
    warn: (_message, fields) => void warnings.push(String(fields?.['problem'])),
    error: () => {},
    child: () => logger,
  };
  const send = (request: HttpRequest): Promise<HttpResult> => {
    requests.push(request);
    return Promise.resolve(answer());
  };
  const http = { send, close: () => Promise.resolve() };
  const options = {
    endpoint: 'http://collector:4318/v1/traces?key=secret',
    authorization: () => Promise.resolve('Basic abc'),
    http,
    clock,
    logger,
    resource: { 'service.name': 'tappet' },
  };
  return { exporter: new SpanExporter(options), clock, requests, warnings };
}

const answered = (status: number): HttpResult => ({
  ok: true,
  response: { status, statusText: '', headers: {}, body: new Uint8Array(), url: '' },
});
/** What was begun has had its turn. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('SpanExporter', () => {
  it('gathers spans for a while and sends them together, as OTLP', async () => {
    const { exporter: spans, clock, requests } = exporter(() => answered(200));
    spans.add([span]);
    spans.add([
      {
        ...span,
        name: 'step test',
        parentSpanId: undefined,
        error: undefined,
        kind: 'server',
        link: { traceId: 'd'.repeat(32), spanId: 'e'.repeat(16) },
      },
    ]);
    await settled();
    expect(requests).toEqual([]);
    clock.advance(2_000);
    await settled();
    const [request, ...more] = requests;
    expect(more).toEqual([]);
    expect(request).toMatchObject({ method: 'POST', headers: { Authorization: 'Basic abc', 'Content-Type': 'application/json' } });
    const [resource] = JSON.parse(String(request?.body)).resourceSpans;
    expect(resource.resource.attributes).toEqual([{ key: 'service.name', value: { stringValue: 'tappet' } }]);
    expect(resource.scopeSpans[0].spans).toEqual([
      {
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId,
        name: 'step build',
        kind: 1,
        startTimeUnixNano: '1767225600000000000',
        endTimeUnixNano: '1767225600001500000',
        attributes: [
          { key: 'process.exit.code', value: { intValue: '3' } },
          { key: 'long', value: { stringValue: `${'x'.repeat(1_000)}…` } },
        ],
        status: { code: 2, message: 'exit code 3' },
      },
      expect.objectContaining({ name: 'step test', kind: 2, status: {}, links: [{ traceId: 'd'.repeat(32), spanId: 'e'.repeat(16) }] }),
    ]);
  });

  it('sends what is left when it closes, and takes no more', async () => {
    const { exporter: spans, requests } = exporter(() => answered(200));
    spans.add([span]);
    await spans.close();
    spans.add([span]);
    await spans.close();
    expect(requests.length).toBe(1);
  });

  it('lets go of what is not taken, and tells it once until something is taken', async () => {
    let status = 503;
    const { exporter: spans, clock, requests, warnings } = exporter(() => answered(status));
    const round = async (): Promise<void> => {
      spans.add([span]);
      clock.advance(2_000);
      await settled();
    };
    await round();
    await round();
    status = 200;
    await round();
    status = 401;
    await round();
    expect(requests.length).toBe(4);
    expect(warnings).toEqual(['answered 503', 'answered 401']);
  });

  it('holds a bounded number while the collector hangs', async () => {
    let answer: (result: HttpResult) => void = () => {};
    const {
      exporter: spans,
      requests,
      warnings,
    } = exporter(
      () =>
        new Promise<HttpResult>((resolve) => {
          answer = resolve;
        }),
    );
    for (let count = 0; count < 10_000; count++) spans.add([span]);
    await settled();
    expect(requests.length).toBe(1);
    expect(warnings).toEqual(['spans are let go: the collector is too slow']);
    const closed = spans.close();
    answer({ ok: false, code: 'Timeout', message: 'no answer' });
    await closed;
    expect(requests.length).toBe(1);
  });
});
