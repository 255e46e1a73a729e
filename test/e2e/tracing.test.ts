import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { probeIsolation } from '../../src/main/probe-isolation.ts';
import { startServer, type TestServer } from '../support/test-server.ts';

interface Received {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
}

// biome-ignore lint/suspicious/noExplicitAny: answers of many kinds, looked into
type Answer = any;

const listener = {
  apiVersion: 'triggers.tekton.dev/v1beta1',
  kind: 'EventListener',
  metadata: { name: 'hooks', namespace: 'default' },
  spec: {
    triggers: [
      {
        name: 'push',
        interceptors: [{ ref: { name: 'cel' }, params: [{ name: 'filter', value: 'body.go' }] }],
        template: {
          spec: {
            resourcetemplates: [
              {
                apiVersion: 'tekton.dev/v1',
                kind: 'PipelineRun',
                metadata: { name: 'traced' },
                spec: {
                  pipelineSpec: { tasks: [{ name: 'say', taskSpec: { steps: [{ name: 'hello', image: 'any', script: 'echo hello' }] } }] },
                },
              },
            ],
          },
        },
      },
    ],
  },
};

describe('traces of the program', () => {
  let directory: string;
  let server: TestServer;
  let collector: Server;
  const spans: Received[] = [];
  let authorization: string | undefined;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tappet-e2e-tracing-'));
    collector = createServer((request, response) => {
      let text = '';
      authorization = request.headers.authorization;
      request.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      request.on('end', () => {
        spans.push(...JSON.parse(text).resourceSpans[0].scopeSpans[0].spans);
        response.end('{}');
      });
    });
    await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}/v1/traces`;
    const config = join(directory, 'config.yaml');
    await writeFile(config, JSON.stringify({ tracing: { enabled: true, endpoint, credentialsSecret: 'default/collector' } }));
    const isolation = (await probeIsolation()).ok ? 'bubblewrap' : 'process';
    const flags = ['--config', config, '--image-map', '*=host', '--isolation', isolation, '--log-level', 'error'];
    server = await startServer(join(directory, 'data'), flags);
  });
  afterEach(async () => {
    await server?.stop();
    await new Promise((resolve) => collector.close(resolve));
    await rm(directory, { recursive: true, force: true });
  });

  const call = async (method: string, path: string, body?: object): Promise<Answer> => {
    const headers = { authorization: `Bearer ${server.record.token}`, 'content-type': 'application/json' };
    const response = await fetch(`${server.record.api}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return (await response.json()) as Answer;
  };

  it('go from the delivery to the step, all in the event’s own', async () => {
    await call('POST', '/api/v1/namespaces/default/secrets', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'collector' },
      stringData: { username: 'me', password: 'mine' },
    });
    await call('POST', '/apis/triggers.tekton.dev/v1beta1/namespaces/default/eventlisteners', listener);
    const send = (): Promise<Response> =>
      fetch(`${server.record.ingress}/default/hooks`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"go": true}',
      });
    let answer = new Response();
    // The listener is known to the ingress a moment after it is stored.
    const accepted = async (): Promise<number> => {
      answer = await send();
      return answer.status;
    };
    await expect.poll(accepted, { timeout: 10_000 }).toBe(202);
    const { eventID } = (await answer.json()) as { readonly eventID: string };
    const path = '/apis/tekton.dev/v1/namespaces/default/pipelineruns/traced';
    const outcome = async (): Promise<unknown> => (await call('GET', path)).status?.conditions?.[0]?.status;
    await expect.poll(outcome, { timeout: 30_000 }).toBe('True');
    const traceId = eventID.replaceAll('-', '');
    const { annotations } = (await call('GET', path)).metadata;
    expect(JSON.parse(annotations['tekton.dev/pipelinerunSpanContext']).traceparent).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));

    await server.stop();
    const parentOf = ({ parentSpanId }: Received): Received | undefined => spans.find(({ spanId }) => spanId === parentSpanId);
    const way: string[] = [];
    for (let at = spans.find(({ name }) => name === 'step hello'); at !== undefined; at = parentOf(at)) way.push(at.name);
    expect(way).toEqual(['step hello', 'TaskRun say', 'PipelineRun traced', 'event hooks']);
    expect(spans.map(({ name }) => name)).toEqual(expect.arrayContaining(['trigger push', 'interceptor cel', 'create']));
    expect(new Set(spans.map((span) => span.traceId))).toEqual(new Set([traceId]));
    expect(authorization).toBe(`Basic ${Buffer.from('me:mine').toString('base64')}`);
  });
});
