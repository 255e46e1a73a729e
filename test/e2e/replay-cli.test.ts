import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ran, runTappet } from '../support/run-tappet.ts';
import { startServer, type TestServer } from '../support/test-server.ts';

/** Explain, replay, retry and tests from real events, as a user of the built program meets them. */

const EXAMPLE = join(import.meta.dirname, '../../examples/github-pull-request');
const SECRET = 'tappet-demo-secret';
const FLAGS = ['--engine', 'none', '--image-map', '*=host', '--isolation', 'process', '--log-level', 'error'];

let folder: string;
let data: string;
let server: TestServer;
const on = (...args: readonly string[]): Promise<Ran> => runTappet([...args, '--data-dir', data]);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tappet-replay-'));
  data = join(folder, 'data');
  server = await startServer(data, FLAGS);
  expect((await on('apply', '-f', EXAMPLE)).code).toBe(0);
});
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Sends a sample and gives its event's id when it is processed. */
async function send(event: string, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await on('send', event, '--listener', 'github', '--secret', SECRET, ...args);
  expect([code, stderr]).toEqual([0, expect.stringContaining('accepted')]);
  const id = stdout.trim();
  await processed(id);
  return id;
}

async function processed(id: string): Promise<void> {
  while ((await server.client.event<{ state: string }>(id))?.state !== 'processed') await pause(10);
}

const runs = async (): Promise<readonly string[]> => {
  const { items } = await server.client.list('tekton.dev/PipelineRun', 'default');
  return items.map(({ metadata }) => metadata.name).sort();
};

describe('event --explain', () => {
  it('tells every step, its time, the values, the params and what was rendered', async () => {
    const { code, stdout } = await on('event', await send('pull_request.opened'), '--explain');
    expect(code).toBe(0);
    const [, page = ''] = stdout.split('✓ matched  ');
    const told = page.replaceAll(/\d+\.\d ms/g, 'N ms');
    expect(told).toContain(`pull-request  N ms
    github: continue, N ms; verified by secret github-webhook/token
    cel: continue, N ms
      body.action in ['opened', 'synchronize', 'reopened'] && !body.pull_request.draft = true
        body.action in ['opened', 'synchronize', 'reopened'] = true
          body.action = "opened"
        !body.pull_request.draft = true
          body.pull_request.draft = false
      overlay short_sha = "ec26c3e"
    param repository = https://github.com/Codertocat/Hello-World.git
`);
    expect(told).toContain('    rendered:\n      apiVersion: tekton.dev/v1\n      kind: PipelineRun\n');
    expect(told).toMatch(/ {4}created PipelineRun default\/pull-2-ec26c3e-\w+\n$/);
  });

  it('judges one trigger afresh', async () => {
    const id = await send('pull_request.closed');
    const { stdout } = await on('event', id, '--trigger', 'pull-request');
    expect(stdout).toContain('Judged now, by the listener as it is. Nothing was created.\n\n– filtered  pull-request');
    expect(stdout).toContain("body.action in ['opened', 'synchronize', 'reopened'] = false ← decided\n");
    expect(await on('event', id, '--trigger', 'other')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'EventListener default/github has no trigger "other": it has pull-request\n',
    });
  });
});

describe('replay', () => {
  it('with a change, and the page of what came of it', async () => {
    const id = await send('pull_request.closed');
    const before = await runs();
    const { code, stdout } = await on(
      'replay',
      id.slice(0, 20),
      '--set',
      'action=reopened',
      '--set',
      'pull_request.title=again',
      '--header',
      'X-Why: test',
    );
    expect([code, stdout]).toEqual([0, expect.stringContaining(`Replay of ${id}\n\n✓ matched  pull-request`)]);
    expect(stdout).toContain('    param title = again\n');
    const made = (await runs()).filter((name) => !before.includes(name));
    expect(made).toHaveLength(1);
    expect(await server.client.get('tekton.dev/PipelineRun', 'default', made[0] ?? '')).toMatchObject({
      metadata: { annotations: { 'tappet.dev/replay-of': id } },
    });
  });

  it('without waiting gives the id', async () => {
    const id = await send('pull_request.closed');
    const { code, stdout } = await on('replay', id, '--no-wait');
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^[0-9a-f-]{36}\n$/)]);
    expect(await server.client.event(stdout.trim())).toMatchObject({ replayOf: id });
    const json = await on('replay', id, '--no-wait', '-o', 'json');
    expect(JSON.parse(json.stdout)).toEqual({ eventId: expect.not.stringMatching(id) });
  });

  it('against a folder that nobody has applied says what would be different', async () => {
    const [opened, closed] = [await send('pull_request.opened'), await send('pull_request.closed')];
    const before = await runs();
    const edited = join(folder, 'edited');
    cpSync(EXAMPLE, edited, { recursive: true });
    const file = join(edited, 'listener.yaml');
    writeFileSync(
      file,
      readFileSync(file, 'utf8')
        .replace("'reopened'", "'closed'")
        .replace('generateName: pull-', 'generateName: merge-')
        .replace('token: ', 'token: rotated-'),
    );
    const { code, stdout } = await on('replay', closed, '--dry-run', '-f', edited);
    expect(code).toBe(0);
    expect(stdout).toContain('A dry run: nothing was created, and the journal is as it was.\n\n✓ matched  pull-request');
    expect(stdout).toMatch(/ {4}would create PipelineRun default\/merge-2-ec26c3e-\w+\n/);
    expect(stdout).toContain('What differs from the verdicts in the journal:\n  pull-request: was filtered, now matched\n');
    const other = (await on('replay', opened, '--dry-run', '-f', file)).stdout;
    expect(other).toContain(`  pull-request: matched as before, with other objects
    …
          kind: PipelineRun
          metadata:
    -       generateName: pull-2-ec26c3e-
    +       generateName: merge-2-ec26c3e-
            annotations:
`);
    expect((await on('replay', opened, '--dry-run')).stdout).toContain('\nNothing differs from the verdicts in the journal.\n');
    expect(await runs()).toEqual(before);
  });

  it('refuses in words, with file and line', async () => {
    const id = await send('pull_request.closed');
    const broken = join(folder, 'broken.yaml');
    writeFileSync(
      broken,
      'apiVersion: triggers.tekton.dev/v1beta1\nkind: TriggerTemplate\nmetadata:\n  name: x\nspec:\n  resourcetemplates: 7\n',
    );
    const payload = join(folder, 'list.json');
    writeFileSync(payload, '[1]');
    const asked: readonly [readonly string[], number, string | RegExp][] = [
      [['-f', EXAMPLE], 2, '-f is only for --dry-run: apply the files to replay an event with them\n'],
      [['--dry-run', '-f', broken], 2, `${broken}:6: spec.resourcetemplates: got a number, expected a list\n`],
      [['--set', 'x'], 2, '--set wants path=value, got "x"\n'],
      [['--header', 'x'], 2, '--header wants "Name: value", or "Name:" to take it away; got "x"\n'],
      [['--payload', payload], 2, `${payload} is no JSON object\n`],
      [['--payload', join(folder, 'gone')], 2, `${join(folder, 'gone')}: no such file or folder\n`],
    ];
    for (const [args, code, stderr] of asked) expect(await on('replay', id, ...args)).toEqual({ code, stdout: '', stderr });
    expect(await on('replay', 'nothing')).toEqual({ code: 1, stdout: '', stderr: 'no event nothing; "tappet events" lists the newest\n' });
  });
});

describe('retry', () => {
  it('makes again what is gone, under the same name', async () => {
    const id = await send('pull_request.opened');
    const made = async () =>
      (await server.client.list('tekton.dev/PipelineRun', 'default', { labelSelector: `triggers.tekton.dev/triggers-eventid=${id}` }))
        .items;
    const [run] = await made();
    await server.client.delete('tekton.dev/PipelineRun', 'default', run?.metadata.name ?? '');
    expect(await made()).toEqual([]);
    const { code, stdout } = await on('retry', id);
    expect([code, stdout]).toEqual([0, expect.stringContaining(`created PipelineRun default/${run?.metadata.name}\n`)]);
    const again = await made();
    expect(again.map(({ metadata }) => metadata.name)).toEqual([run?.metadata.name]);
    // And once more: it is there.
    await on('retry', id);
    expect(await made()).toEqual(again);
  });

  it('survives the server', async () => {
    const id = await send('pull_request.opened');
    await on('retry', id, '--no-wait');
    await server.stop('SIGKILL');
    server = await startServer(data, FLAGS);
    await processed(id);
    const { items } = await server.client.list('tekton.dev/PipelineRun', 'default', {
      labelSelector: `triggers.tekton.dev/triggers-eventid=${id}`,
    });
    expect(items).toHaveLength(1);
  });
});

describe('a real event as a test', () => {
  it('passes with the same configuration, and holds no secret', async () => {
    const tests = join(folder, 'tests');
    cpSync(EXAMPLE, tests, { recursive: true });
    const secretFile = join(tests, 'listener.yaml');
    expect(readFileSync(secretFile, 'utf8')).toContain(SECRET);
    const ids = [
      await send('pull_request.opened', '--set', `pull_request.title=look: ${SECRET}`),
      await send('pull_request.closed'),
      (await on('replay', await send('pull_request.closed'), '--set', 'action=synchronize', '--no-wait')).stdout.trim(),
    ];
    for (const [index, id] of ids.entries()) {
      await processed(id);
      const { code, stdout } = await on('event', id, '--as-test');
      expect(code).toBe(0);
      expect(stdout).not.toContain(SECRET);
      writeFileSync(join(tests, `${index}.trigger-test.yaml`), stdout);
    }
    expect(readFileSync(join(tests, '0.trigger-test.yaml'), 'utf8')).toContain('title: "look: redacted-github-webhook-token"');
    const { code, stdout } = await runTappet(['trigger', 'test', tests, '--require-coverage']);
    expect([code, stdout.split('\n').slice(-2)]).toEqual([0, ['6 passed, 0 failed', '']]);
    // Three of these events, three that the example brings. What is tested is not applied.
    expect((await on('apply', '--dry-run', '-f', tests)).stdout).toBe('all resources are valid, nothing was written\n');
    // And a test can fail.
    writeFileSync(secretFile, readFileSync(secretFile, 'utf8').replace("'opened', ", ''));
    const changed = await runTappet(['trigger', 'test', tests]);
    expect([changed.code, changed.stdout]).toEqual([1, expect.stringContaining('pull-request: expected matched, got filtered\n')]);
  });
});
