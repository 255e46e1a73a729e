import { createHmac, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { succeeded } from '../../src/cli/columns.ts';
import { probeIsolation } from '../../src/main/probe-isolation.ts';
import { groupKindOf, type KubeObject, type Stored } from '../../src/resources/object.ts';
import { startServer, type TestServer } from '../support/test-server.ts';

const EVENTS = 200;
const KILLS = 5;
const SECRET = 'crash-test-secret';
const EVENT_LABEL = 'triggers.tekton.dev/triggers-eventid';

const step = (task: string) => ({
  name: task,
  workspaces: [{ name: 'ledger' }],
  taskSpec: {
    workspaces: [{ name: 'ledger' }],
    // One short line in append mode is one write: lines of many steps do not mix.
    steps: [{ name: 'write', image: 'any', script: `#!/bin/sh\necho "$(context.taskRun.name)" >> $(workspaces.ledger.path)/ran\n` }],
  },
});

const RESOURCES: readonly KubeObject[] = [
  { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'webhook', namespace: 'default' }, stringData: { token: SECRET } },
  {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'ledger', namespace: 'default' },
    spec: { accessModes: ['ReadWriteMany'], resources: { requests: { storage: '1Mi' } } },
  },
  {
    apiVersion: 'triggers.tekton.dev/v1beta1',
    kind: 'EventListener',
    metadata: { name: 'crash', namespace: 'default' },
    spec: {
      triggers: [
        {
          name: 'all',
          interceptors: [
            { ref: { name: 'github' }, params: [{ name: 'secretRef', value: { secretName: 'webhook', secretKey: 'token' } }] },
            { ref: { name: 'cel' }, params: [{ name: 'filter', value: 'body.number >= 0.0' }] },
          ],
          bindings: [{ name: 'number', value: '$(body.number)' }],
          template: {
            spec: {
              params: [{ name: 'number' }],
              resourcetemplates: [
                {
                  apiVersion: 'tekton.dev/v1',
                  kind: 'PipelineRun',
                  metadata: { generateName: 'crash-$(tt.params.number)-' },
                  spec: {
                    workspaces: [{ name: 'ledger', persistentVolumeClaim: { claimName: 'ledger' } }],
                    pipelineSpec: {
                      workspaces: [{ name: 'ledger' }],
                      tasks: [step('first'), { ...step('second'), runAfter: ['first'] }],
                    },
                  },
                },
              ],
            },
          },
        },
      ],
    },
  },
];

const scratch: string[] = [];
const servers: TestServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop('SIGKILL');
  for (const directory of scratch.splice(0)) await rm(directory, { recursive: true, force: true });
});

/**
 * The first promise: an event answered 2xx survives `kill -9` and creates its run exactly once; runs under way end as if nothing had
 * happened; no step runs twice.
 */
it(`${EVENTS} events and ${KILLS} kill -9: each answered event has one run, each run succeeds, each step ran once`, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tappet-crash-'));
  scratch.push(directory);
  const dataDir = join(directory, 'data');
  const isolation = (await probeIsolation()).ok ? 'bubblewrap' : 'process';
  const flags = ['--image-map', '*=host', '--isolation', isolation, '--log-level', 'error'];
  let server = await startServer(dataDir, flags);
  servers.push(server);
  for (const object of RESOURCES) await server.client.create(object, groupKindOf(object));

  const answered = new Map<number, string>();
  const sendOne = async (number: number): Promise<void> => {
    const body = JSON.stringify({ number, action: 'opened' });
    const deliveryId = randomUUID();
    for (;;) {
      try {
        const response = await fetch(`${server.record.ingress}/default/crash`, {
          method: 'POST',
          body,
          headers: {
            'content-type': 'application/json',
            'x-github-event': 'pull_request',
            'x-github-delivery': deliveryId,
            'x-hub-signature-256': `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`,
          },
        });
        const { eventID } = (await response.json()) as { eventID: string };
        if (response.status === 202) {
          answered.set(number, eventID);
          return;
        }
      } catch {
        // The server is down: a sender tries the same delivery again.
      }
      await pause(25);
    }
  };
  const queue = Array.from({ length: EVENTS }, (_, index) => index);
  const senders = Promise.all(
    Array.from({ length: 4 }, async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) await sendOne(next);
    }),
  );
  // At a random moment of what is left, but always while events are still being sent.
  for (let kill = 0; kill < KILLS; kill++) {
    const until = Math.floor((EVENTS * (kill + Math.random())) / KILLS);
    while (answered.size < until) await pause(1);
    await server.stop('SIGKILL');
    server = await startServer(dataDir, flags);
    servers.push(server);
  }
  await senders;

  const runs = await allDone(server);
  const byEvent = new Map<string, string[]>();
  for (const run of runs) {
    const event = run.metadata.labels?.[EVENT_LABEL] ?? 'none';
    byEvent.set(event, [...(byEvent.get(event) ?? []), run.metadata.name]);
  }
  expect(answered.size).toBe(EVENTS);
  expect([...answered.values()].map((event) => byEvent.get(event)?.length)).toEqual(Array(EVENTS).fill(1));
  expect(runs.map((run) => succeeded(run)?.reason)).toEqual(Array(runs.length).fill('Succeeded'));
  expect(runs.length).toBe(EVENTS);

  const lines = (await readFile(join(dataDir, 'volumes', 'default', 'ledger', 'ran'), 'utf8')).trimEnd().split('\n');
  const expected = runs.flatMap((run) => [`${run.metadata.name}-first`, `${run.metadata.name}-second`]);
  expect(lines.toSorted()).toEqual(expected.toSorted());
}, 180_000);

async function allDone({ client }: TestServer): Promise<readonly Stored[]> {
  for (;;) {
    const { items } = await client.list('tekton.dev/PipelineRun', 'default');
    const waiting = items.filter((run) => !['True', 'False'].includes(succeeded(run)?.status ?? ''));
    const { length: accepted } = await client.events('default', { state: 'accepted' });
    if (waiting.length === 0 && accepted === 0) return items;
    await pause(100);
  }
}
