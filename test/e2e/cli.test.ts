import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { probeIsolation } from '../../src/main/probe-isolation.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { startServer, type TestServer } from '../support/test-server.ts';

/** The built program as its users meet it: child processes, their output and exit codes. */

const PROGRAM = join(import.meta.dirname, '../../dist/tappet.js');
const EXAMPLE = join(import.meta.dirname, '../../examples/github-pull-request');
const SECRET = 'tappet-demo-secret';

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

interface Going {
  readonly outcome: Promise<Outcome>;
  /** Resolves when standard output has the text. */
  has(text: string): Promise<void>;
  signal(signal: NodeJS.Signals): void;
}

function start(
  args: readonly string[],
  { input = '', env = {} }: { readonly input?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Going {
  const inherited = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent' };
  const child = spawn(process.execPath, [PROGRAM, ...args], { env: { ...inherited, ...env } });
  let out = '';
  let err = '';
  const waiting = new Set<() => void>();
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
    for (const check of waiting) check();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return {
    outcome: new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err }))),
    has: (text) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (!out.includes(text)) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    signal: (signal) => void child.kill(signal),
  };
}

function tappet(
  args: readonly string[],
  options: { readonly input?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Outcome> {
  return start(args, options).outcome;
}

let folder: string;
let data: string;
let server: TestServer;
let isolation: string;

/** A command on the server of these tests. */
const on = (...args: readonly string[]): Promise<Outcome> => tappet([...args, '--data-dir', data]);

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function taskRun(name: string, script: string, more = ''): string {
  return file(
    `${name}.yaml`,
    `apiVersion: tekton.dev/v1\nkind: TaskRun\nmetadata: {name: ${name}}\nspec:\n  taskSpec:\n    steps: [{name: a, image: alpine, script: ${JSON.stringify(script)}}]\n${more}`,
  );
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tappet-cli-'));
  data = join(folder, 'data');
  isolation = (await probeIsolation()).ok ? 'bubblewrap' : 'process';
  server = await startServer(data, ['--image-map', '*=host', '--isolation', isolation, '--log-level', 'error', '--load', EXAMPLE]);
});

afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('run', () => {
  it('0: succeeded; steps on standard output, statuses on standard error', async () => {
    const path = taskRun('good', 'echo hello');
    const { code, out, err } = await on('run', '-f', path);
    expect([code, out]).toEqual([0, '[good : a] hello\n✓ Succeeded: All Steps have completed executing\n']);
    // A step that short may have ended before anybody has seen it run.
    expect(err).toMatch(/^taskrun\.tekton\.dev\/good created\n(\[good\] running\n)?\[good\] succeeded\n$/);
    expect(await on('run', '-f', path)).toEqual({
      code: 2,
      out: '',
      err: `${path}:3: TaskRun good exists already, nothing was applied; delete it, or give metadata.generateName instead of name for a new run each time\n`,
    });
  });

  it('1: failed', async () => {
    const { code, out, err } = await on('run', '-f', taskRun('bad', 'echo oops >&2; exit 7'));
    expect([code, out, err.split('\n').at(-2)]).toEqual([
      1,
      '[bad : a] oops\n✗ StepFailed: "step-a" exited with code 7: Error\n',
      '[bad] failed: StepFailed: "step-a" exited with code 7: Error',
    ]);
  });

  it('3: cancelled by somebody else', async () => {
    const going = start(['run', '-f', taskRun('endless', 'echo begun; sleep 60'), '--data-dir', data]);
    await going.has('begun');
    expect(await on('cancel', 'tr/endless')).toEqual({ code: 0, out: 'endless is being cancelled\n', err: '' });
    expect((await going.outcome).code).toBe(3);
    expect(await on('cancel', 'endless')).toEqual({ code: 0, out: 'endless has ended already: TaskRunCancelled\n', err: '' });
  });

  it('4: out of time', async () => {
    const { code, out } = await on('run', '-f', taskRun('slow', 'sleep 60', '  timeout: 1s\n'));
    expect([code, out]).toEqual([4, '✗ TaskRunTimeout: TaskRun "slow" failed to finish within "1s"\n']);
  });

  it('130: Ctrl-C leaves the run alone and says how to go on', async () => {
    const going = start(['run', '-f', taskRun('left', 'echo begun; sleep 3; echo ended'), '--data-dir', data]);
    await going.has('begun');
    going.signal('SIGINT');
    const { code, err } = await going.outcome;
    expect([code, err.split('\n').at(-2)]).toEqual([
      130,
      'left goes on unwatched: "tappet logs -f left" follows it, "tappet cancel left" ends it',
    ]);
    expect(await on('logs', 'left', '-f')).toEqual({ code: 0, out: '[left : a] begun\n[left : a] ended\n', err: '' });
    expect(await on('logs', 'tr/left')).toEqual({ code: 0, out: '[left : a] begun\n[left : a] ended\n', err: '' });
  });

  it('2: applies nothing when there is no run, or more than one', async () => {
    const none = file('none.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: not-made}\n');
    const two = file(
      'two.yaml',
      `${readFileSync(none)}---\n${readFileSync(taskRun('one', 'true'))}---\n${readFileSync(taskRun('other', 'true'))}`,
    );
    expect([await on('run', '-f', none), await on('run', '-f', two), await on('get', 'cm', 'not-made')]).toEqual([
      {
        code: 2,
        out: '',
        err: `${none}: no PipelineRun or TaskRun in there, nothing was applied; "tappet apply" is for files without one\n`,
      },
      {
        code: 2,
        out: '',
        err: `${two}:12: a second run after ${two}:5, nothing was applied; "tappet run" follows one, "tappet apply" takes any number\n`,
      },
      { code: 1, out: '', err: 'ConfigMap default/not-made not found\n' },
    ]);
  });
});

describe('apply', () => {
  it('tells every error of every document, and writes nothing', async () => {
    const path = file(
      'many.yaml',
      `apiVersion: v1
kind: ConfigMap
metadata: {name: fine}
---
apiVersion: tekton.dev/v1
kind: Task
metadata: {name: wrong}
spec:
  stepz: []
  steps:
    - name: a
      image: 5
---
apiVersion: tekton.dev/v1
kind: Pipelin
metadata: {name: p}
---
kind: Task
---
apiVersion: nope/v1
kind: X
metadata: {name: x}
---
apiVersion: v1
kind: Secret
metadata: nope
---
- a list
---
a: b: c
`,
    );
    const { code, out, err } = await on('apply', '-f', path);
    expect({ code, out, err: err.replaceAll(path, 'F').split('\n') }).toEqual({
      code: 2,
      out: '',
      err: [
        'F:28: expected a resource (a mapping with apiVersion and kind), got a list',
        'F:30: not valid YAML: Nested mappings are not allowed in compact mappings',
        'F:9: Task wrong: spec.stepz: json: unknown field "stepz": did you mean "steps"?',
        'F:12: Task wrong: spec.steps[0].image: got a number, expected a string: write it in quotes',
        'F:14: Pipelin p: tekton.dev/v1 has no kind Pipelin; it has Task, TaskRun, Pipeline, PipelineRun, StepAction, CustomRun',
        'F:18: Task: apiVersion is missing',
        expect.stringMatching(
          /^F:20: X x: apiVersion nope\/v1 is not known \(kind X\); known are those of tekton\.dev, .*triggers\.tekton\.dev, .*\bv1\b/,
        ),
        'F:26: Secret: metadata: got "nope", expected a mapping with a name',
        '8 errors, nothing was applied',
        '',
      ],
    });
    expect((await on('get', 'configmap', 'fine')).code).toBe(1);
  });

  it('creates, then leaves unchanged, then configures; also from standard input', async () => {
    const yaml = (value: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: ${value}}\n`;
    const apply = (input: string): Promise<Outcome> => tappet(['apply', '-f', '-', '--data-dir', data], { input });
    expect([
      await apply(yaml('x')),
      await apply(yaml('x')),
      await apply(yaml('y')),
      await on('delete', 'cm', 'c'),
      await on('delete', 'cm', 'c'),
    ]).toEqual([
      { code: 0, out: 'configmap/c created\n', err: '' },
      { code: 0, out: 'configmap/c unchanged\n', err: '' },
      { code: 0, out: 'configmap/c configured\n', err: '' },
      { code: 0, out: 'ConfigMap c deleted\n', err: '' },
      { code: 1, out: '', err: 'ConfigMap default/c not found\n' },
    ]);
  });
});

describe('get and describe', () => {
  it('lists in the forms that are asked for', async () => {
    expect(await on('get', 'tasks', '-o', 'name')).toEqual({
      code: 0,
      out: 'task.tekton.dev/clone\ntask.tekton.dev/lint\ntask.tekton.dev/test\n',
      err: '',
    });
    const { code, out } = await on('get', 'task', 'lint', '-o', 'json');
    expect([code, JSON.parse(out).metadata.name]).toEqual([0, 'lint']);
    expect((await on('get', 'tasks')).out).toMatch(/^NAME {3}STEPS {2}AGE\nclone {2}1 {6}\S+\nlint {3}1 {6}\S+\ntest {3}1 {6}\S+\n$/);
    expect(await on('get', 'customruns', '-l', 'a=b')).toEqual({ code: 0, out: '', err: 'No resources found in namespace default.\n' });
  });

  it('shows what a listener lets through', async () => {
    const { code, out } = await on('describe', 'el', 'github');
    expect([code, out.slice(out.indexOf('Webhooks'))]).toEqual([
      0,
      `Webhooks go to:
  ${server.record.ingress}/default/github

Triggers:
  pull-request
    github    secretRef: {"secretName":"github-webhook","secretKey":"token"}; eventTypes: ["pull_request"]
    filter    body.action in ['opened', 'synchronize', 'reopened'] && !body.pull_request.draft
    overlay   short_sha = body.pull_request.head.sha.truncate(7)
    bindings  github-pull-request
    template  check-pull-request
`,
    ]);
  });
});

describe('send, events and event', () => {
  const send = (...args: readonly string[]): Promise<Outcome> => on('send', 'pull_request.opened', '--listener', 'github', ...args);

  it('says why an event did not fire', async () => {
    const sent = await send('--secret', SECRET, '--set', 'pull_request.draft=true');
    const id = sent.out.trim();
    expect(sent).toEqual({ code: 0, out: `${id}\n`, err: 'accepted; "tappet event ID" tells what came of it\n' });
    let page = await on('event', id);
    // The answer comes before the work.
    while (!page.out.includes('processed')) page = await on('event', id.slice(0, 13));
    expect(page.out.slice(page.out.indexOf('–')).replace(/[\d.]+ ms/, 'T')).toBe(
      `– filtered  pull-request  T
    expression body.action in ['opened', 'synchronize', 'reopened'] && !body.pull_request.draft did not return true
    because !body.pull_request.draft is false
      body.pull_request.draft = true
`,
    );
    expect((await on('events', '--limit', '1')).out).toMatch(
      new RegExp(`^EVENT +RECEIVED +LISTENER +OUTCOME\n${id} +\\d+s ago +github +1 filtered\n$`),
    );
  });

  it('says why an event was refused', async () => {
    const url = `${server.record.ingress}/default`;
    expect(await send('--secret', 'wrong')).toEqual({
      code: 1,
      out: '',
      err: `${url}/github answered 401: signature not verified: payload signature check failed; is --secret the one that the listener names? ("tappet describe eventlistener github" tells which)\n`,
    });
    expect((await on('events', '--limit', '1')).out).toContain('rejected: payload signature check failed');
    expect(await on('send', 'push', '--listener', 'nope')).toEqual({
      code: 1,
      out: '',
      err: `${url}/nope answered 404: no EventListener at "/default/nope"; POST to /<namespace>/<listener>; "tappet get eventlisteners -A" lists what is there\n`,
    });
  });

  it.each([
    [['send', 'wat', '--listener', 'github'], 2, /^GitHub has no event "wat"; known: /],
    [['send', 'pull_request.wat', '--listener', 'github'], 2, /^no sample of pull_request\.wat; actions of pull_request: .*opened/],
    [['send', 'push', '--listener', 'github', '--set', 'x'], 2, /^--set wants path=value, got "x"\n$/],
    [['send', 'push', '--listener', 'github', '--body', '/nope.json'], 2, /^\/nope\.json: no such file or folder\n$/],
    [['send', 'push', '--listener', 'github', '--body', PROGRAM], 2, /is not JSON: /],
    [['event', 'nope'], 1, /^no event nope; "tappet events" lists the newest\n$/],
    [['events', '--limit', 'x'], 2, /^--limit: got "x", expected a whole number from 1\n$/],
    [['get', 'nonsense'], 2, /^unknown kind "nonsense"; known: .*pipelineruns/],
    [['get', 'pr', 'nope'], 1, /^tekton\.dev\/PipelineRun default\/nope not found\n$/],
    [['get', 'pr', '-o', 'csv'], 2, /^-o, --output: got "csv", expected one of json, yaml, name, wide\n$/],
    [['logs', 'nope'], 1, /^no PipelineRun or TaskRun named nope in namespace default\n$/],
    [['get', 'pr', '--token', 'wrong'], 1, /^[^\n]*\(--token or TAPPET_TOKEN\)\n$/],
    [['apply'], 2, /required option '-f, --file <path>' not specified/],
    [['serv'], 2, /unknown command 'serv'/],
    [['get', 'pr', '--wat'], 2, /unknown option '--wat'/],
  ])('%j', async (args, code, message) => {
    const outcome = await on(...args);
    expect([outcome.code, outcome.out]).toEqual([code, '']);
    expect(outcome.err).toMatch(message);
  });
});

describe('serve refuses to start, in one line with a remedy', () => {
  const serve = (directory: string, ...flags: readonly string[]): Promise<Outcome> =>
    tappet([
      'serve',
      '--log-level',
      'silent',
      '--ingress',
      '127.0.0.1:0',
      '--api',
      '127.0.0.1:0',
      '--isolation',
      isolation,
      '--data-dir',
      directory,
      ...flags,
    ]);

  it.each([
    ['--api', 'nohost', 'api: got "nohost", expected host:port, e.g. 127.0.0.1:8080 or [::1]:8080'],
    ['--api', '127.0.0.1:99999', 'api: got "127.0.0.1:99999", a port is at most 65535'],
    ['--max-pods', 'many', 'maxPods: got "many", expected number'],
    ['--max-pods', '0', 'maxPods: got 0, expected at least 1'],
    ['--image-map', 'nofile', 'nofile: no such file or folder'],
    ['--image-map', 'alpine=/nope', '--image-map alpine=/nope: no folder /nope; expected "host", or the folder an image was unpacked into'],
    ['--image-map', '=host', `--image-map =host: no image pattern before "="; expected e.g. '*=host' or alpine=/srv/roots/alpine`],
    ['--config', '/nope.yaml', '/nope.yaml: no such file or folder'],
    [
      '--allow-outbound',
      'http://hooks.internal/',
      'outbound.allow.0: got "http://hooks.internal/", expected a host name, an address or a range of addresses, the first two with a port or without: hooks.internal, hooks.internal:9000, 127.0.0.1:9000, [::1]:9000, 10.0.0.0/8',
    ],
  ])('%s %s', async (flag, value, message) => {
    const directory = join(temporaryDirectory(), 'data');
    expect(await serve(directory, flag, value)).toEqual({ code: 2, out: '', err: `${message}\n` });
    expect(existsSync(directory)).toBe(false);
  });

  it('on settings that are not there', async () => {
    const config = file('config.yaml', 'foo: 1\nmaxPods: many\nengine: {enable-api-fields: x, zzz: 1}\n');
    const { code, err } = await serve(join(temporaryDirectory(), 'data'), '--config', config);
    expect([code, err.split('\n').map((line) => line.replace(/; there are .*/, '; ...'))]).toEqual([
      2,
      [
        `${config} and flags: maxPods: got "many", expected number`,
        `${config} and flags: engine.enable-api-fields: got "x", expected one of stable, beta, alpha`,
        `${config} and flags: engine.zzz: no such setting; ...`,
        `${config} and flags: foo: no such setting; ...`,
        '',
      ],
    ]);
  });

  it('on what may be called, of the file and of flags together', async () => {
    const config = file('outbound.yaml', 'outbound: {allow: [10.0.0.0/8, 10.0.0.1/8], allowPrivate: yes please}\n');
    const { code, err } = await serve(join(temporaryDirectory(), 'data'), '--config', config, '--allow-outbound', 'a b');
    expect([code, err.split('\n').map((line) => line.replace(/, expected .*/, ''))]).toEqual([
      2,
      [
        `${config} and flags: outbound.allow.1: got "10.0.0.1/8"`,
        `${config} and flags: outbound.allow.2: got "a b"`,
        `${config} and flags: outbound.allowPrivate: got "yes please"`,
        '',
      ],
    ]);
  });

  it('on a directory that cannot be one, is in use, or holds a damaged database', async () => {
    const occupied = file('occupied', '');
    const damaged = join(temporaryDirectory(), 'data');
    mkdirSync(damaged);
    writeFileSync(join(damaged, 'tappet.db'), 'garbage '.repeat(1_000));
    expect(
      [await serve(occupied), await serve(data), await serve(damaged)].map(({ code, out, err }) => [
        code,
        out,
        err.replace(/since [^)]*/, 'since T'),
      ]),
    ).toEqual([
      [
        5,
        '',
        `data directory ${occupied} cannot be written (EEXIST: file already exists, mkdir '${occupied}'): make it writable for this user, or give another one\n`,
      ],
      [
        5,
        '',
        `data directory ${data} is in use by another server (pid ${server.record.pid}, since T): stop it, or give this one another directory\n`,
      ],
      [
        5,
        '',
        `${join(damaged, 'tappet.db')} is damaged or not a database (file is not a database): restore a backup, or move it away to start empty\n`,
      ],
    ]);
    expect(readFileSync(join(damaged, 'tappet.db'), 'utf8')).toBe('garbage '.repeat(1_000));
  });

  it('on a port that is taken', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    const outcome = await serve(join(temporaryDirectory(), 'data'), '--ingress', `127.0.0.1:${port}`);
    taken.close();
    expect(outcome).toEqual({
      code: 5,
      out: '',
      err: `ingress: cannot listen on 127.0.0.1:${port}: another process has this port; stop it, or choose another with --ingress (0 takes a free one)\n`,
    });
  });
});

describe('a server that is not there', () => {
  it('is missed in one line', async () => {
    const nowhere = temporaryDirectory();
    const missing = `no server runs on ${nowhere}: start one with "tappet serve", or name another with --data-dir, --server, or --context for a cluster\n`;
    expect(await tappet(['get', 'pr', '--data-dir', nowhere])).toEqual({ code: 5, out: '', err: missing });
    expect(await tappet(['get', 'pr'], { env: { TAPPET_DATA_DIR: nowhere } })).toEqual({ code: 5, out: '', err: missing });
    expect(await tappet(['get', 'pr', '--server', 'nonsense'])).toEqual({
      code: 2,
      out: '',
      err: '--server (or TAPPET_SERVER): got "nonsense", expected a URL like http://127.0.0.1:8081\n',
    });
  });

  it('killed while a run is followed: told, and the run goes on with the next server', async () => {
    const own = temporaryDirectory();
    const flags = ['--image-map', '*=host', '--isolation', isolation, '--log-level', 'error'];
    const first = await startServer(own, flags);
    const path = taskRun('survivor', 'echo begun; sleep 2; echo ended');
    const runs = start(['run', '-f', path, '--data-dir', own]);
    await runs.has('begun');
    await first.stop('SIGKILL');
    const { code, err } = await runs.outcome;
    expect([code, err.split('\n').at(-2)]).toEqual([
      5,
      `the server at ${first.record.api} is gone: steps under way go on without it, and the run with them when it is started again`,
    ]);
    const second = await startServer(own, flags);
    expect(await tappet(['logs', 'survivor', '-f', '--data-dir', own])).toEqual({
      code: 0,
      out: '[survivor : a] begun\n[survivor : a] ended\n',
      err: '',
    });
    await second.stop();
  });
});
