import { createHmac, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { succeeded } from '../../src/cli/columns.ts';
import type { EventEntry } from '../../src/cli/event.ts';
import { probeIsolation } from '../../src/main/probe-isolation.ts';
import { groupKindOf, type KubeObject, type Stored } from '../../src/resources/object.ts';
import { startServer, type TestServer } from '../support/test-server.ts';

const EVENTS = 200;
const KILLS = 5;
const SECRET = 'crash-test-secret';
const EVENT_LABEL = 'triggers.tekton.dev/triggers-eventid';
const SCHEDULE_LABEL = 'tappet.dev/schedule';

const step = (task: string) => ({
  name: task,
  workspaces: [{ name: 'ledger' }],
  taskSpec: {
    workspaces: [{ name: 'ledger' }],
    // One short line in append mode is one write: lines of many steps do not mix.
    steps: [{ name: 'write', image: 'any', script: `#!/bin/sh\necho "$(context.taskRun.name)" >> $(workspaces.ledger.path)/ran\n` }],
  },
});

const run = (prefix: string, tasks: readonly object[]) => ({
  apiVersion: 'tekton.dev/v1',
  kind: 'PipelineRun',
  metadata: { generateName: prefix },
  spec: {
    workspaces: [{ name: 'ledger', persistentVolumeClaim: { claimName: 'ledger' } }],
    pipelineSpec: { workspaces: [{ name: 'ledger' }], tasks },
  },
});

const schedule = (name: string, cron: string, concurrencyPolicy: string): KubeObject => ({
  apiVersion: 'tappet.dev/v1alpha1',
  kind: 'Schedule',
  metadata: { name, namespace: 'default' },
  spec: {
    schedule: cron,
    concurrencyPolicy,
    // Far more than the server is ever away: no tick is lost.
    catchUp: { window: '1h', limit: 100 },
    trigger: { name: 'tick', template: { spec: { resourcetemplates: [run(`${name}-`, [step('first')])] } } },
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
              resourcetemplates: [run('crash-$(tt.params.number)-', [step('first'), { ...step('second'), runAfter: ['first'] }])],
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

const SCHEDULES: readonly KubeObject[] = [schedule('always', '* * * * * *', 'Allow'), schedule('alone', '*/2 * * * * *', 'Forbid')];

/**
 * The first promise: an event answered 2xx survives `kill -9` and creates its run exactly once; runs under way end as if nothing had
 * happened; no step runs twice. Schedules tick all the while: none of their instants is lost, and none comes twice.
 */
it(`${EVENTS} events, schedules and ${KILLS} kill -9: each answered event and each tick has one run, each run succeeds, each step ran once`, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tappet-crash-'));
  scratch.push(directory);
  const dataDir = join(directory, 'data');
  const isolation = (await probeIsolation()).ok ? 'bubblewrap' : 'process';
  const flags = ['--image-map', '*=host', '--isolation', isolation, '--log-level', 'error'];
  let server = await startServer(dataDir, flags);
  servers.push(server);
  for (const object of [...RESOURCES, ...SCHEDULES]) await server.client.create(object, groupKindOf(object));

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
    // Every other time when ticks have just been fired and no status tells of them yet.
    while (kill % 2 === 0 && Date.now() % 1_000 > 80) await pause(1);
    await server.stop('SIGKILL');
    server = await startServer(dataDir, flags);
    servers.push(server);
  }
  await senders;
  // A fast machine is done with the events before the clock has ticked once for each kill.
  while ((await ticksOf(server, 'always')).length <= KILLS) await pause(100);

  for (const { metadata } of SCHEDULES) {
    await server.client.patch('tappet.dev/Schedule', 'default', metadata.name ?? '', { spec: { suspend: true } });
  }

  const all = await allDone(server);
  const byEvent = new Map<string, string[]>();
  for (const { metadata } of all) {
    const event = metadata.labels?.[EVENT_LABEL] ?? 'none';
    byEvent.set(event, [...(byEvent.get(event) ?? []), metadata.name]);
  }
  expect(all.map((one) => succeeded(one)?.reason)).toEqual(Array(all.length).fill('Succeeded'));

  const runs = all.filter(({ metadata }) => metadata.labels?.[SCHEDULE_LABEL] === undefined);
  expect(answered.size).toBe(EVENTS);
  expect([...answered.values()].map((event) => byEvent.get(event)?.length)).toEqual(Array(EVENTS).fill(1));
  expect(runs.length).toBe(EVENTS);

  const always = await ticksOf(server, 'always');
  expect(always.map(({ due }) => due)).toEqual(always.map((_, index) => (always[0]?.due ?? 0) + index * 1_000));
  expect(always.length).toBeGreaterThan(KILLS);
  expect(always.map(({ event }) => byEvent.get(event.eventId)?.length)).toEqual(Array(always.length).fill(1));

  // Each of them too, and no two of its runs at once; of ticks that found one running the event says so.
  const alone = await ticksOf(server, 'alone');
  expect(alone.map(({ due }) => due)).toEqual(alone.map((_, index) => (alone[0]?.due ?? 0) + index * 2_000));
  expect(alone.map(({ event }) => [event.verdicts[0]?.verdict, byEvent.get(event.eventId)?.length ?? 0])).toEqual(
    alone.map(({ event }) => (byEvent.has(event.eventId) ? ['matched', 1] : ['filtered', 0])),
  );
  const spans = all
    .filter(({ metadata }) => metadata.labels?.[SCHEDULE_LABEL] === 'alone')
    .map(spanOf)
    .toSorted((a, b) => a.from - b.from);
  expect(spans.filter(({ from }, index) => from < (spans[index - 1]?.to ?? 0))).toEqual([]);

  const ticking = all.length - runs.length;
  expect(ticking).toBe([...always, ...alone].filter(({ event }) => byEvent.has(event.eventId)).length);
  const lines = (await readFile(join(dataDir, 'volumes', 'default', 'ledger', 'ran'), 'utf8')).trimEnd().split('\n');
  const expected = all.flatMap(({ metadata }) => [
    `${metadata.name}-first`,
    ...(metadata.labels?.[SCHEDULE_LABEL] === undefined ? [`${metadata.name}-second`] : []),
  ]);
  expect(lines.toSorted()).toEqual(expected.toSorted());
}, 180_000);

/** A schedule's events, the oldest first, and when each was due. */
async function ticksOf({ client }: TestServer, name: string): Promise<readonly { readonly due: number; readonly event: EventEntry }[]> {
  const events = await client.events<EventEntry>('default', { listener: `schedule/${name}`, limit: '1000' });
  return events.map((event) => ({ due: Date.parse(event.deliveryId?.split(' ')[1] ?? ''), event })).toSorted((a, b) => a.due - b.due);
}

/** From its creation to its end, in whole seconds as its status has them. */
function spanOf(one: Stored): { readonly from: number; readonly to: number } {
  const { completionTime } = one['status'] as { readonly completionTime?: string };
  return { from: Date.parse(one.metadata.creationTimestamp), to: Date.parse(completionTime ?? '') };
}

async function allDone({ client }: TestServer): Promise<readonly Stored[]> {
  for (;;) {
    const { items } = await client.list('tekton.dev/PipelineRun', 'default');
    const waiting = items.filter((run) => !['True', 'False'].includes(succeeded(run)?.status ?? ''));
    const { length: accepted } = await client.events('default', { state: 'accepted' });
    if (waiting.length === 0 && accepted === 0) return items;
    await pause(100);
  }
}
