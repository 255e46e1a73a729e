import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readManifests } from '../../src/cli/read-manifests.ts';
import { startRunActionController } from '../../src/controllers/run-action-controller.ts';
import { parseAllowRule } from '../../src/http/allow-rule.ts';
import { createHttp } from '../../src/http/create-http.ts';
import { startEngine } from '../../src/main/start-engine.ts';
import { systemClock } from '../../src/main/system-clock.ts';
import { admit } from '../../src/resources/admit.ts';
import { defaultEngineConfig } from '../../src/resources/engine-config.ts';
import type { KubeObject, Stored } from '../../src/resources/object.ts';
import { createScriptedRuntime } from '../../src/runtimes/scripted/scripted-runtime.ts';
import type { StepScript } from '../../src/runtimes/scripted/step-script.ts';
import { github } from '../../src/triggers/interceptors/github.ts';
import { askInterceptor } from '../support/ask-interceptor.ts';
import { startEventServer } from '../support/event-server.ts';
import { type Canned, fakeGithub } from '../support/fake-github.ts';
import { fakeOutside } from '../support/fake-outside.ts';
import { localServer } from '../support/local-server.ts';
import { silentLogger } from '../support/silent-logger.ts';

/** The ready-made triggers of GitHub, from a comment to what becomes of the runs. */

const TRIGGERS = join(import.meta.dirname, '../../triggers/github');
const RUN = 'tekton.dev/PipelineRun';
const head = '9a3f3c26d3f1bd1f7b6d1c2a6d4b5a2f10c9e8d7';
const ann = { login: 'ann', id: 11, type: 'User' };

/** What GitHub answers; the pull request is from a branch of the repository with id 99, or from another one. */
const answersFor = (headRepository: number): Readonly<Record<string, Canned>> => ({
  '/repos/o/r/collaborators/ann/permission': { body: { permission: 'write', role_name: 'write', user: ann } },
  '/repos/o/r/collaborators/mallory/permission': { body: { permission: 'read', role_name: 'read', user: { login: 'mallory', id: 12 } } },
  '/repos/o/r/pulls/7': {
    body: {
      number: 7,
      title: 'A title',
      state: 'open',
      user: { login: 'mallory' },
      head: { sha: head, ref: 'topic', repo: { id: headRepository, full_name: headRepository === 99 ? 'o/r' : 'mallory/r' } },
      base: { sha: 'f'.repeat(40), ref: 'main', repo: { id: 99, full_name: 'o/r' } },
    },
  },
});

const pipeline = {
  apiVersion: 'tekton.dev/v1',
  kind: 'Pipeline',
  metadata: { name: 'ci', namespace: 'ns' },
  spec: {
    params: ['git-url', 'git-revision', 'git-ref'].map((name) => ({ name })),
    tasks: [{ name: 'a', taskSpec: { steps: [{ name: 'do', image: 'any', command: ['true'] }] } }],
  },
};

/** Ingress, events, engine and RunActions over one store, with a GitHub that is made up. */
async function village(script: () => StepScript, { headRepository = 99 } = {}) {
  const forge = fakeGithub(answersFor(headRepository));
  const objects: KubeObject[] = [];
  for (const { object } of (await readManifests([TRIGGERS])).manifests) {
    const admission = admit({ ...object, metadata: { ...object.metadata, namespace: 'ns' } }, defaultEngineConfig);
    if (!admission.ok) throw new Error(JSON.stringify(admission.errors));
    objects.push(admission.object);
  }
  const server = await startEventServer({ objects: [...objects, pipeline], http: { send: forge.http, close: async () => {} } });
  const { store } = server.stores;
  const { clock } = server;
  const runtime = createScriptedRuntime({ clock, script });
  const engine = await startEngine({ store, runtime, clock, logger: silentLogger, config: defaultEngineConfig });
  const actions = await startRunActionController({ store, clock, logger: silentLogger });
  onTestFinished(async () => {
    await actions.close();
    await engine.close();
    await server.close();
  });

  const settle = async (): Promise<void> => {
    await server.settled();
    for (let calm = 0, turns = 0; calm < 8 && turns < 2_000; calm++, turns++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (engine.depth + actions.depth > 0) calm = 0;
    }
  };
  return {
    forge,
    store,
    /** Gives the reasons of the triggers that let it be. */
    async say(body: string, { user = ann, action = 'created', secret = 'change-me', repositoryId = 99 } = {}) {
      const text = JSON.stringify({
        action,
        issue: { number: 7, pull_request: {} },
        comment: { id: 5, body, user },
        repository: { id: repositoryId, full_name: 'o/r', clone_url: 'https://github.com/o/r.git' },
        sender: user,
      });
      const answer = await server.post('/ns/github', text, {
        'content-type': 'application/json',
        'x-github-event': 'issue_comment',
        'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(text).digest('hex')}`,
      });
      await settle();
      const { eventID } = JSON.parse(answer.body) as { readonly eventID?: string };
      const entry = eventID === undefined ? undefined : await server.stores.journal.get(eventID);
      return { status: answer.status, verdicts: entry?.verdicts ?? [] };
    },
    runs: async (): Promise<readonly Stored[]> => (await store.list(RUN)).items,
    actions: async (): Promise<readonly Stored[]> => (await store.list('tappet.dev/RunAction')).items,
  };
}

const reasonOf = ({ status }: Stored & { readonly status?: unknown }): unknown =>
  (status as { readonly conditions?: readonly { readonly reason: string }[] } | undefined)?.conditions?.[0]?.reason;

describe('comments on a pull request', () => {
  it('begin a run of the head as GitHub has it, cancel it, and run it again', async () => {
    const { say, runs, actions } = await village(() => ({ neverEnds: true }));
    await say('/test');
    const [run, ...others] = await runs();
    expect(others).toEqual([]);
    expect(run?.metadata.labels).toMatchObject({ 'tappet.dev/repository-id': '99', 'tappet.dev/pull-request': '7' });
    expect(run?.['spec']).toMatchObject({
      params: [
        { name: 'git-url', value: 'https://github.com/o/r.git' },
        { name: 'git-revision', value: head },
        { name: 'git-ref', value: 'refs/pull/7/head' },
      ],
    });
    expect(run && reasonOf(run)).toBe('Running');

    await say('Enough.\r\n\r\n/cancel\r\n');
    expect((await runs()).map(reasonOf)).toEqual(['Cancelled']);

    await say('/retest');
    const after = await runs();
    const again = after.find(({ metadata }) => metadata.name !== run?.metadata.name);
    expect(after.map(reasonOf).toSorted()).toEqual(['Cancelled', 'Running']);
    expect(again?.metadata.annotations).toMatchObject({ 'tappet.dev/rerun-of': run?.metadata.name });
    expect(again?.['spec']).toMatchObject({ params: expect.arrayContaining([{ name: 'git-revision', value: head }]) });
    expect((await actions()).map(({ metadata, status }) => [metadata.name.replace(/-.*/, ''), status]).toSorted()).toEqual([
      ['cancel', expect.objectContaining({ runs: [{ kind: 'PipelineRun', name: run?.metadata.name, outcome: 'Cancelled' }] })],
      [
        'retest',
        expect.objectContaining({
          runs: [{ kind: 'PipelineRun', name: run?.metadata.name, outcome: 'Rerun', rerun: again?.metadata.name }],
        }),
      ],
    ]);
  });

  it('cancel nothing of another repository', async () => {
    const { say, runs, actions } = await village(() => ({ neverEnds: true }));
    await say('/test');
    const other = await say('/cancel', { repositoryId: 98 });
    expect([await actions(), (await runs()).map(reasonOf)]).toEqual([[], ['Running']]);
    expect(other.verdicts.find(({ trigger }) => trigger === 'cancel')).toMatchObject({
      verdict: 'failed',
      error: 'cannot ask for pull request 7: the repository has another id than the one the comment is in',
    });
  });

  it.each<[string, Parameters<Awaited<ReturnType<typeof village>>['say']>, number, string]>([
    ['an edit', ['/test', { action: 'edited' }], 202, 'only new comments count, this one was "edited"'],
    [
      'somebody who may not',
      ['/test', { user: { login: 'mallory', id: 12, type: 'User' } }],
      202,
      'mallory may not say /test: has permission read in o/r, expected write',
    ],
    ['a quotation', ['> /test'], 202, 'no command in the comment'],
    [
      'a commit that is not the head',
      [`/ok-to-test ${head.replace('9', '8')}`],
      202,
      `/ok-to-test names ${head.replace('9', '8')}, but the pull request is at ${head} by now: look at what has changed and name that one`,
    ],
    ['an event of nobody', ['/test', { secret: 'guessed' }], 401, ''],
  ])('do nothing when it is %s', async (_, said, status, reason) => {
    const { say, runs, forge } = await village(() => ({}));
    const answer = await say(...said);
    expect([answer.status, await runs()]).toEqual([status, []]);
    if (status === 401) expect(forge.requests).toEqual([]);
    // An edit is passed over by the index: then the condition that it breaks is the reason.
    else if (reason.startsWith('only new')) expect(answer.verdicts.every(({ verdict }) => verdict === 'filtered')).toBe(true);
    else expect(answer.verdicts.find(({ trigger }) => trigger === 'test')).toMatchObject({ verdict: 'filtered', reason });
  });

  it('of a fork: approve the commit they name, and nothing else does', async () => {
    const { say, runs } = await village(() => ({}), { headRepository: 100 });
    const { verdicts } = await say('/test');
    expect(verdicts.find(({ trigger }) => trigger === 'test')).toMatchObject({ verdict: 'filtered' });
    expect(await runs()).toEqual([]);
    await say(`/ok-to-test ${head}`);
    expect((await runs()).map(reasonOf)).toEqual(['Succeeded']);
  });
});

describe('changed files, over a real connection', () => {
  it('come from the server that apiUrl names, where that says they are now', async () => {
    const api = await localServer(({ path }, response) => {
      if (path.startsWith('/api/v3/repos/')) response.writeHead(301, { location: '/api/v3/repositories/99/files' }).end();
      else response.end('[{"filename":"docs/a.md"}]');
    });
    const http = createHttp({ outbound: { allow: [parseAllowRule('127.0.0.1')!], allowPrivate: false }, clock: systemClock });
    onTestFinished(() => http.close());
    const params = {
      apiUrl: `${api.url}/api/v3`,
      addChangedFiles: { enabled: true, personalAccessToken: { secretName: 'api', secretKey: 'token' } },
    };
    const headers = { 'X-Github-Event': 'pull_request', 'X-Github-Enterprise-Host': 'evil.example' };
    const body = JSON.stringify({ number: 7, repository: { full_name: 'o/r' } });
    const outside = fakeOutside({ 'ns/api/token': 'ghp_x\n' }, { http: http.send });
    expect(await askInterceptor(github, { params, headers, body, outside })).toEqual({
      outcome: 'continue',
      extensions: { changed_files: 'docs/a.md' },
    });
    expect(api.requests.map(({ path, headers: { authorization } }) => [path, authorization])).toEqual([
      ['/api/v3/repos/o/r/pulls/7/files?per_page=100', 'Bearer ghp_x'],
      ['/api/v3/repositories/99/files', 'Bearer ghp_x'],
    ]);
  });
});
