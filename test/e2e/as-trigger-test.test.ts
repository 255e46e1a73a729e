import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { terminalOf } from '../../src/cli/terminal.ts';
import { triggerTest } from '../../src/cli/trigger-test/trigger-test.ts';
import type { KubeObject } from '../../src/resources/object.ts';
import type { TriggerTest } from '../../src/resources/trigger-test/schema.ts';
import { type EventServer, startEventServer } from '../support/event-server.ts';

/** Real events written as tests: without their secrets, and still passing where the same configuration is. */

const triggers = 'triggers.tekton.dev/v1beta1';
const HOOK = 'hook-secret-4711';
const CHAT = 'chat-secret-4711';
const servers: EventServer[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const secrets: readonly KubeObject[] = [
  { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'hook', namespace: 'ns' }, stringData: { token: HOOK, unused: 'another-4711' } },
  { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'chat', namespace: 'ns' }, stringData: { key: CHAT, short: 'x' } },
];
const core = (name: string, params: Record<string, unknown>) => ({
  ref: { name, kind: 'ClusterInterceptor' },
  params: Object.entries(params).map(([param, value]) => ({ name: param, value })),
});
const secretRef = { secretName: 'hook', secretKey: 'token' };
const trigger = (name: string, interceptors: readonly unknown[], bindings: readonly unknown[] = []) => ({
  ...(name === '' ? {} : { name }),
  interceptors,
  bindings,
  template: {
    spec: {
      params: [{ name: 'text', default: '' }],
      resourcetemplates: [
        { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'made-' }, data: { text: '$(tt.params.text)', uid: '$(uid)' } },
      ],
    },
  },
});
const text = { name: 'text', value: '$(body.text)' };

function listener(...list: readonly unknown[]): KubeObject {
  return { apiVersion: triggers, kind: 'EventListener', metadata: { name: 'el', namespace: 'ns' }, spec: { triggers: list } };
}

async function serve(...objects: readonly KubeObject[]): Promise<EventServer> {
  const server = await startEventServer({ objects: [...secrets, ...objects] });
  servers.push(server);
  return server;
}

async function event(server: EventServer, body: string, headers: Readonly<Record<string, string>>): Promise<string> {
  const answer = await server.post('/ns/el', body, headers);
  expect(answer.status).toBe(202);
  await server.settled();
  return (JSON.parse(answer.body) as { eventID: string }).eventID;
}

async function asTest(server: EventServer, id: string): Promise<TriggerTest> {
  const result = await server.events.actions.asTest(id);
  if (result.outcome !== 'written') throw new Error(result.message);
  expect(JSON.stringify(result.test)).not.toMatch(/4711|sealed:/);
  return result.test;
}

/** Runs the test with the configuration, secrets not among it. */
async function runs(test: TriggerTest, ...objects: readonly KubeObject[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'tappet-as-test-'));
  folders.push(folder);
  for (const [index, object] of objects.entries()) writeFileSync(join(folder, `${index}.yaml`), stringify(object));
  writeFileSync(join(folder, 'a.trigger-test.yaml'), stringify(test));
  let out = '';
  const print = (text: string): void => {
    out += text;
  };
  await triggerTest({ terminal: terminalOf({} as NodeJS.WriteStream, {}), print, now: () => 0 }, { paths: [folder] });
  return out.split('\n').slice(1).join('\n');
}

const PASSED = /\n1 passed, 0 failed\n$/;
const sign = (body: string, key = HOOK) => ({ 'x-hub-signature-256': `sha256=${createHmac('sha256', key).update(body).digest('hex')}` });

describe('a real event as a test', () => {
  it('is signed as it was, and what stands in it of secrets is replaced everywhere alike', async () => {
    const configuration = listener(
      trigger('signed', [core('github', { secretRef })], [text]),
      trigger('chat', [core('cel', { filter: "body.key.compareSecret('key', 'chat')" })]),
      trigger('other', [core('github', { secretRef }), core('cel', { filter: "body.text == 'x' && body.more" })]),
    );
    const server = await serve(configuration);
    const body = JSON.stringify({ text: `see ${HOOK}`, key: CHAT, [`field ${CHAT}`]: [HOOK] });
    const id = await event(server, body, { ...sign(body), 'x-github-event': 'push', 'x-note': `uses ${CHAT}`, cookie: 'a=4711' });
    const test = await asTest(server, id);
    expect(test).toEqual({
      apiVersion: 'tappet.dev/v1alpha1',
      kind: 'TriggerTest',
      metadata: { name: 'push' },
      spec: {
        namespace: 'ns',
        listener: 'el',
        now: '2026-11-23T12:00:00.000Z',
        event: {
          id,
          headers: { 'X-Github-Event': 'push', 'X-Note': 'uses redacted-chat-key' },
          body: { text: 'see redacted-hook-token', key: 'redacted-chat-key', 'field redacted-chat-key': ['redacted-hook-token'] },
          signWith: secretRef,
        },
        secrets: {
          hook: { token: 'redacted-hook-token', unused: 'redacted-hook-unused' },
          chat: { key: 'redacted-chat-key', short: 'redacted-chat-short' },
        },
        expect: {
          triggers: {
            signed: {
              verdict: 'matched',
              params: { text: 'see redacted-hook-token' },
              manifests: [
                {
                  apiVersion: 'v1',
                  kind: 'ConfigMap',
                  metadata: { generateName: 'made-' },
                  data: { text: 'see redacted-hook-token', uid: expect.stringMatching(/^[0-9a-f-]{36}$/) },
                },
              ],
            },
            chat: expect.objectContaining({ verdict: 'matched' }),
            other: { verdict: 'filtered' },
          },
        },
      },
    });
    expect(await runs(test, configuration)).toMatch(PASSED);
    // What was decided by an expression is expected to be.
    const weaker = listener(trigger('signed', [core('github', { secretRef })], [text]), trigger('chat', []), trigger('other', []));
    expect(await runs(test, weaker)).toContain('other: expected filtered, got matched');
  });

  it.each<[string, Record<string, string>, readonly unknown[], Record<string, unknown>]>([
    [
      'GitLab’s token',
      { 'x-gitlab-token': HOOK, 'x-gitlab-event': 'Push Hook' },
      [core('gitlab', { secretRef })],
      { signWith: secretRef, headers: { 'X-Gitlab-Event': 'Push Hook' } },
    ],
    [
      'a header that is a secret',
      { 'x-api-key': CHAT },
      [core('cel', { filter: "header.canonical('X-Api-Key').compareSecret('key', 'chat')" })],
      { headers: { 'X-Api-Key': 'redacted-chat-key' } },
    ],
    [
      'a header the listener compares',
      { 'x-mine': CHAT },
      [core('cel', { filter: "header.canonical('X-Mine').compareSecret('key', 'chat')" })],
      { headers: { 'X-Mine': 'redacted-chat-key' } },
    ],
    [
      'what is behind a scheme',
      { authorization: `Bearer ${CHAT}` },
      [core('cel', { filter: "header['Authorization'][0].split(' ')[1].compareSecret('key', 'chat')" })],
      { headers: { Authorization: 'Bearer redacted-chat-key' } },
    ],
  ])('passes with %s', async (_, headers, interceptors, expected) => {
    const configuration = listener(trigger('t', interceptors));
    const server = await serve(configuration);
    const test = await asTest(server, await event(server, '{}', headers));
    expect(test.spec.event).toMatchObject(expected);
    expect(test.spec.expect).toMatchObject({ triggers: { t: { verdict: 'matched' } } });
    expect(await runs(test, configuration)).toMatch(PASSED);
  });

  it('stays unsigned where it was, among triggers that would have verified it', async () => {
    const configuration = listener(trigger('signed', [core('github', { secretRef })]), trigger('', []));
    const server = await serve(configuration);
    const test = await asTest(server, await event(server, '{"a":1}', {}));
    expect(test.spec.event).toMatchObject({ unsigned: true });
    expect(test.spec.expect.triggers).toMatchObject({ signed: { verdict: 'filtered' }, '(unnamed)': { verdict: 'matched' } });
    expect(await runs(test, configuration)).toMatch(PASSED);
  });

  it('of a replay is signed though nobody has checked it', async () => {
    const configuration = listener(trigger('signed', [core('github', { secretRef })], [text]));
    const server = await serve(configuration);
    const body = '{"text":"a"}';
    const id = await event(server, body, sign(body));
    const replay = await server.events.actions.replay(id, { payload: { text: 'b' } });
    await server.settled();
    const test = await asTest(server, replay.outcome === 'taken' ? replay.eventId : '');
    expect(JSON.stringify(test)).not.toContain('replay-of');
    expect(test.spec.expect.triggers).toMatchObject({ signed: { verdict: 'matched', params: { text: 'b' } } });
    expect(await runs(test, configuration)).toMatch(PASSED);
  });

  it('that failed is expected to', async () => {
    const configuration = listener(trigger('t', [], [{ name: 'text', value: '$(body.absent.deeper)' }]));
    const broken = { ...configuration, spec: { triggers: [{ ...trigger('t', [], [text]), template: { ref: 'gone' } }] } };
    const server = await serve(broken);
    const test = await asTest(server, await event(server, '{}', {}));
    expect(test.spec.expect.triggers).toMatchObject({ t: { verdict: 'failed', reason: expect.stringContaining('gone') } });
    expect(await runs(test, broken)).toMatch(PASSED);
  });

  it('of a form, a text that is no JSON', async () => {
    const configuration = { ...listener(trigger('t', [], [{ name: 'text', value: '$(body.a[0])' }])) };
    const lenient = {
      ...configuration,
      metadata: { ...configuration.metadata, annotations: { 'tekton.dev/payload-validation': 'false' } },
    };
    const server = await serve(lenient);
    const test = await asTest(server, await event(server, 'a=1&b=2', { 'content-type': 'application/x-www-form-urlencoded' }));
    expect(test.spec.event).toMatchObject({ body: 'a=1&b=2', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } });
    expect(await runs(test, lenient)).toMatch(PASSED);
  });

  it('of a tick of a schedule', async () => {
    const schedule: KubeObject = {
      apiVersion: 'tappet.dev/v1alpha1',
      kind: 'Schedule',
      metadata: { name: 'nightly', namespace: 'ns' },
      spec: {
        schedule: '0 3 * * *',
        timeZone: 'UTC',
        concurrencyPolicy: 'Allow',
        trigger: trigger('tick', [core('cel', { filter: 'body.manual' })]),
      },
    };
    const server = await serve(schedule);
    const fired = await server.events.schedules.runNow('ns/nightly');
    await server.settled();
    const test = await asTest(server, fired.outcome === 'accepted' ? fired.eventId : '');
    expect(test.spec).toMatchObject({
      schedule: 'nightly',
      event: { set: { manual: true } },
      expect: { triggers: { tick: { verdict: 'matched' } } },
    });
    expect(await runs(test, schedule)).toMatch(PASSED);
  });

  it('cannot be had of what is not there', async () => {
    const server = await serve(listener(trigger('t', [core('github', { secretRef })])));
    const { actions } = server.events;
    expect(await actions.asTest('none')).toMatchObject({ outcome: 'refused', reason: 'NotFound' });
    await server.post('/ns/el', '{}');
    const [rejected] = await server.stores.journal.list();
    expect(await actions.asTest(rejected?.eventId ?? '')).toMatchObject({
      message: expect.stringContaining('it cannot be made a test of'),
    });
    const binary = {
      eventId: 'binary',
      namespace: 'ns',
      listener: 'el',
      receivedAt: 0,
      method: 'POST',
      url: '/',
      headers: {},
      body: Buffer.from([255, 0]),
    };
    await server.stores.journal.append(binary);
    expect(await actions.asTest('binary')).toMatchObject({ message: expect.stringContaining('is not processed yet') });
    await server.stores.journal.complete('binary', { verdicts: [], processedAt: 1, creations: [] });
    expect(await actions.asTest('binary')).toMatchObject({ message: expect.stringContaining('is no text') });
  });
});
