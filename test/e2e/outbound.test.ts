import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { localServer } from '../support/local-server.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { startServer, type TestServer } from '../support/test-server.ts';

/** The built server and interceptors on loopback, of which it may call two. */

interface Event {
  readonly state: string;
  readonly verdicts?: readonly { readonly trigger: string; readonly verdict: string }[];
}

async function processed({ client }: TestServer, eventId: string): Promise<Event> {
  for (;;) {
    const event = await client.event<Event>(eventId);
    if (event?.state === 'processed') return event;
    await pause(20);
  }
}

it('calls the interceptors that its flags and settings allow, and tells what would allow another', async () => {
  const answer = (answers: string) => localServer((_, response) => response.end(answers));
  const [allowed, service, refused] = await Promise.all(['{"by":"flag"}', '{"by":"service"}', '{"by":"nobody"}'].map(answer));
  const directory = temporaryDirectory();
  const config = join(directory, 'config.yaml');
  writeFileSync(config, JSON.stringify({ services: { 'default/mapped': service?.url } }));
  const flags = [
    '--config',
    config,
    '--allow-outbound',
    `127.0.0.1:${allowed?.port}`,
    '--log-level',
    'error',
    '--engine',
    'none',
    '--isolation',
    'process',
  ];
  const server = await startServer(join(directory, 'data'), flags);
  try {
    const webhook = (name: string, url?: string) => ({
      name,
      interceptors: [{ webhook: { objectRef: { kind: 'Service', apiVersion: 'v1', name }, ...(url === undefined ? {} : { url }) } }],
      template: { spec: { resourcetemplates: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: `${name}-` } }] } },
    });
    const triggers = [webhook('allowed', allowed?.url), webhook('mapped'), webhook('refused', `${refused?.url}/hook?secret`)];
    const metadata = { name: 'listener', namespace: 'default' };
    await server.client.create(
      { apiVersion: 'triggers.tekton.dev/v1beta1', kind: 'EventListener', metadata, spec: { triggers } },
      'triggers.tekton.dev/EventListener',
    );
    const url = `${server.record.ingress}/default/listener`;
    const accepted = await fetch(url, { method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json' } });
    const { eventID } = (await accepted.json()) as { eventID: string };
    const { verdicts } = await processed(server, eventID);
    const reason = `http://127.0.0.1:${refused?.port}/hook is not called: 127.0.0.1 is a loopback address; if it is meant, allow it with --allow-outbound 127.0.0.1:${refused?.port}`;
    expect(verdicts).toMatchObject([
      { trigger: 'allowed', verdict: 'matched' },
      { trigger: 'mapped', verdict: 'matched' },
      { trigger: 'refused', verdict: 'failed' },
    ]);
    expect(JSON.stringify(verdicts?.[2])).toContain(reason);
    expect([allowed, service].map((called) => called?.requests.map(({ body }) => body))).toEqual([['{"a":1}'], ['{"a":1}']]);
    expect(refused?.connections).toBe(0);
  } finally {
    await server.stop();
  }
});
