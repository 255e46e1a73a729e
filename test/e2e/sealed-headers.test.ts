import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../src/resources/object.ts';
import { openSqlite } from '../../src/stores/sqlite/open-sqlite.ts';
import { countingIds } from '../support/counting-ids.ts';
import { type EventServer, startEventServer } from '../support/event-server.ts';
import { ManualClock } from '../support/manual-clock.ts';

/** What senders prove themselves with does not lie about on the disk, and proves them still after a restart. */

const directory = mkdtempSync(join(tmpdir(), 'tappet-sealed-'));
const servers: EventServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
  rmSync(directory, { recursive: true, force: true });
});

const SECRETS = ['bearer-4711-secret', 'cookie-4711-secret', 'key-4711-secret', 'token-4711-secret', 'password-4711-secret'] as const;
const [bearer, cookie, key, token, password] = SECRETS;
const HEADERS = {
  authorization: `Bearer ${bearer}`,
  'proxy-authorization': `Basic ${bearer}`,
  cookie: `session=${cookie}`,
  'x-api-key': key,
  'x-gitlab-token': token,
  'x-my-password': password,
};

const triggers = 'triggers.tekton.dev/v1beta1';
const FILTER = [
  "header.canonical('Authorization').compareSecret('whole', 'chat')",
  "header['Authorization'][0].split(' ')[1].compareSecret('part', 'chat')",
  "header.canonical('X-Api-Key').compareSecret('key', 'chat')",
  "header.canonical('X-My-Password').compareSecret('password', 'chat')",
  "!header.canonical('X-Api-Key').compareSecret('password', 'chat')",
].join(' && ');

const objects: readonly KubeObject[] = [
  {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'chat', namespace: 'ns' },
    // As admission leaves it; what the store keeps of Secrets is not the matter here.
    data: Object.fromEntries(
      Object.entries({ whole: `Bearer ${bearer}`, part: bearer, key, password }).map(([name, value]) => [name, btoa(value)]),
    ),
  },
  {
    apiVersion: triggers,
    kind: 'EventListener',
    metadata: { name: 'el', namespace: 'ns' },
    spec: {
      triggers: [
        {
          name: 'chat',
          interceptors: [
            {
              ref: { name: 'cel' },
              params: [
                { name: 'filter', value: FILTER },
                { name: 'overlays', value: [{ key: 'who', expression: "header['Cookie'][0].split('=')[1]" }] },
              ],
            },
          ],
          template: { spec: { resourcetemplates: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'made-' } }] } },
        },
      ],
    },
  },
];

async function serve(): Promise<EventServer> {
  const stores = await openSqlite(directory, { clock: new ManualClock(), ids: countingIds() });
  const known = await stores.store.get({ kind: 'Secret', namespace: 'ns', name: 'chat' });
  const server = await startEventServer({ stores, objects: known === undefined ? objects : [] });
  servers.push(server);
  return server;
}

/** Every byte below the data directory. */
function allBytes(): string {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => readFileSync(join(file.parentPath, file.name)).toString('latin1'))
    .join('\n');
}

describe('headers that are secrets', () => {
  it('are nowhere on the disk, and compare as they did when the event is judged again from there', async () => {
    const first = await serve();
    const answer = await first.post('/ns/el', '{"after":"c0ffee"}', HEADERS);
    const id = (JSON.parse(answer.body) as { eventID: string }).eventID;
    await first.settled();
    expect(await first.stores.journal.get(id)).toMatchObject({
      verdicts: [{ verdict: 'matched', chain: [{ overlays: [{ key: 'who', value: '(hidden)' }] }] }],
    });
    const text = allBytes();
    expect(text).toContain('X-My-Password');
    for (const secret of SECRETS) expect(text).not.toContain(secret);

    // As if the process had ended before the event was processed.
    await first.stores.journal.reopen(id);
    await servers.pop()?.close();
    const second = await serve();
    await second.settled();
    expect(await second.stores.journal.get(id)).toMatchObject({
      state: 'processed',
      // What takes a header apart finds the sealed text: the overlay fails, where the filter that compares does not.
      verdicts: [{ verdict: 'failed', stage: 'intercept', chain: [{ filter: { value: 'true' } }] }],
    });
    for (const secret of SECRETS) expect(allBytes()).not.toContain(secret);
  });
});
