import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../src/resources/object.ts';
import { runTappet } from '../support/run-tappet.ts';
import { startServer, type TestServer } from '../support/test-server.ts';

/** The built program: checks without a server, and what a server says to objects as they are applied. */

const EXAMPLES = join(import.meta.dirname, '../../examples');
const READY_MADE = join(import.meta.dirname, '../../triggers');
/** Not part of this repository. */
const UPSTREAM = resolve(process.env['TAPPET_CONFORMANCE'] ?? '../shared/conformance', 'triggers');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tappet-lint-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const apiVersion = 'triggers.tekton.dev/v1beta1';

function listener(name: string, filter: string, template = 't'): KubeObject {
  const interceptors = [
    {
      ref: { name: 'github' },
      params: [
        { name: 'eventTypes', value: ['pull_request'] },
        { name: 'secretRef', value: { secretName: 'hook', secretKey: 'token' } },
      ],
    },
    { ref: { name: 'cel' }, params: [{ name: 'filter', value: filter }] },
  ];
  const spec = { triggers: [{ name: 'tr', interceptors, bindings: [{ ref: 'b' }], template: { ref: template } }] };
  return { apiVersion, kind: 'EventListener', metadata: { name, namespace: 'default' }, spec };
}

const binding = (value: string): KubeObject => ({
  apiVersion,
  kind: 'TriggerBinding',
  metadata: { name: 'b', namespace: 'default' },
  spec: { params: [{ name: 'a', value }] },
});
const template = (param: string): KubeObject => ({
  apiVersion,
  kind: 'TriggerTemplate',
  metadata: { name: 't', namespace: 'default' },
  spec: {
    params: [{ name: param }],
    resourcetemplates: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'c-' }, data: { x: `$(tt.params.${param})` } }],
  },
});
const secret: KubeObject = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'hook', namespace: 'default' },
  stringData: { token: 'x' },
};
const asYaml = (...objects: readonly KubeObject[]): string => objects.map((object) => JSON.stringify(object)).join('\n---\n');

describe('tappet lint', () => {
  it.each([EXAMPLES, READY_MADE])('0: nothing is wrong with %s', async (ours) => {
    expect(await runTappet(['lint', '-f', ours, '--strict'])).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^\d+ resources checked: nothing found\n$/),
      stderr: '',
    });
  });

  it.skipIf(!existsSync(UPSTREAM))('0: upstream’s examples have no errors, and warnings that are true', async () => {
    const { code, stdout } = await runTappet(['lint', '-f', UPSTREAM, '-o', 'json']);
    const findings: { code: string; file: string; message: string }[] = JSON.parse(stdout);
    // What this version does not do (yet) is told elsewhere.
    const told = findings.filter(
      (finding) => !['not-honoured', 'not-found', 'template-object'].includes(finding.code) && !finding.message.includes('does not do yet'),
    );
    expect([code, told.map((finding) => `${finding.code}: ${finding.message}`).sort()]).toEqual([
      0,
      [
        'binding-unused: the template has no param branch: nothing uses this',
        'binding-unused: the template has no param image: nothing uses this',
        'param-unbound: no binding gives response a value, and it has no default: $(tt.params.response) stays as it is',
        'unsigned: without secretRef anybody who can reach this server can send it events',
      ],
    ]);
  });

  it('1: an error, with the place', async () => {
    const path = file('bad.yaml', asYaml(listener('el', "bdy.action == 'opened'"), binding('$(body.number)'), template('a')));
    const { code, stdout, stderr } = await runTappet(['lint', '-f', path]);
    expect([code, stderr, stdout.split('\n')]).toEqual([
      1,
      '',
      [
        `${path}:1: error: EventListener el: spec.triggers[0].interceptors[1].params[filter].value: undeclared reference to 'bdy'; did you mean body?`,
        "  | bdy.action == 'opened'",
        '  | ^^^',
        '3 resources checked: 1 error, 0 warnings',
        '',
      ],
    ]);
  });

  it('0 and, strictly, 1: a warning; annotations for a workflow', async () => {
    const path = file('warned.yaml', asYaml(listener('el', "body.action == 'open'"), binding('$(body.number)'), template('a')));
    expect(await runTappet(['lint', '-f', path, '-o', 'github'])).toEqual({
      code: 0,
      stdout: `::warning file=${path},line=1::EventListener el: spec.triggers[0].interceptors[1].params[filter].value: GitHub's pull_request event never comes with action 'open'; did you mean 'opened'?\n`,
      stderr: '',
    });
    expect((await runTappet(['lint', '-f', path, '--strict'])).code).toBe(1);
  });

  it('2: nothing to check', async () => {
    const { code, stderr } = await runTappet(['lint', '-f', join(folder, 'nope')]);
    expect([code, stderr]).toEqual([2, `${join(folder, 'nope')}: no such file or folder\n`]);
  });
});

describe('what a server says to objects as they are applied', () => {
  let server: TestServer;
  const on = (...args: readonly string[]) => runTappet([...args, '--data-dir', join(folder, 'data')]);
  const kind = (name: string) => `triggers.tekton.dev/${name}`;
  beforeAll(async () => {
    server = await startServer(join(folder, 'data'), ['--engine', 'none', '--isolation', 'process', '--log-level', 'error']);
  });
  afterAll(async () => {
    await server?.stop();
  });

  it('tells what is wrong with it, also of a dry run, and stores it all the same', async () => {
    const text = "error: spec.triggers[0].interceptors[1].params[filter].value: undeclared reference to 'bdy'; did you mean body?";
    expect((await server.client.create(listener('one', "bdy.a == 'x'"), kind('EventListener'), { dryRun: true })).warnings).toEqual([text]);
    const { warnings } = await server.client.create(listener('one', "bdy.a == 'x'"), kind('EventListener'), {});
    expect(warnings).toEqual([
      text,
      'spec.triggers[0].interceptors[0].params[secretRef].value: there is no Secret "hook" in namespace default',
      'spec.triggers[0].bindings[0].ref: there is no TriggerBinding "b" in namespace default',
      'spec.triggers[0].template.ref: there is no TriggerTemplate "t" in namespace default',
    ]);
    expect(await server.client.get(kind('EventListener'), 'default', 'one')).toMatchObject({ metadata: { name: 'one' } });
  });

  it('a folder that fits together has no warnings, in whatever order its files are', async () => {
    const path = file('good.yaml', asYaml(listener('two', "body.action == 'opened'"), binding('$(body.number)'), template('a'), secret));
    expect(await on('apply', '-f', path)).toEqual({
      code: 0,
      stdout:
        'eventlistener.triggers.tekton.dev/two created\ntriggerbinding.triggers.tekton.dev/b created\ntriggertemplate.triggers.tekton.dev/t created\nsecret/hook created\n',
      stderr: '',
    });
  });

  it('a change of both sides at once neither', async () => {
    const changed = { ...binding('$(body.number)'), spec: { params: [{ name: 'b', value: '$(body.number)' }] } };
    const path = file('changed.yaml', asYaml(listener('two', "body.action == 'closed'"), changed, template('b')));
    expect((await on('apply', '-f', path)).stderr).toBe('');
  });

  it('what does not fit is told with file and line', async () => {
    const path = file('unfit.yaml', `${asYaml(template('other'))}\n---\n${asYaml(listener('two', "body.action == 'closed'"))}\n`);
    const { code, stderr } = await on('apply', '-f', path);
    expect([code, stderr.split('\n')]).toEqual([
      0,
      [
        `Warning: ${path}:3: spec.triggers[0].template: no binding gives other a value, and it has no default: $(tt.params.other) stays as it is`,
        '',
      ],
    ]);
  });

  it('a binding is looked at where listeners use it', async () => {
    const { object } = await server.client.create(
      { ...binding('x'), metadata: { name: 'c', namespace: 'default' } },
      kind('TriggerBinding'),
      {},
    );
    const users = listener('three', "body.action == 'closed'");
    await server.client.create(JSON.parse(JSON.stringify(users).replace('"ref":"b"', '"ref":"c"')), kind('EventListener'), {});
    const next = { ...object, spec: { params: [{ name: 'a', value: '$(body.pull_request.head.shaa)' }] } };
    const { warnings } = await server.client.replace(next, kind('TriggerBinding'), {});
    expect(warnings).toEqual([
      "spec.params[0].value: GitHub's pull_request event has no body.pull_request.head.shaa (in trigger tr of EventListener three); did you mean sha?",
    ]);
  });

  it('more than fits into headers is cut, and more triggers than it has time for are counted', async () => {
    const [trigger] = (listener('many', "bdy.a == 'x'").spec as { triggers: unknown[] }).triggers;
    const many = { ...listener('many', ''), spec: { triggers: Array.from({ length: 300 }, () => trigger) } };
    const { warnings } = await server.client.create(many, kind('EventListener'), { dryRun: true });
    expect(warnings.join('').length).toBeLessThan(4_300);
    expect(warnings.at(-1)).toMatch(/^and \d+ more: "tappet lint -f FILE" tells all$/);
    const fine = {
      ...many,
      spec: {
        triggers: Array.from({ length: 300 }, () => (listener('x', "body.action == 'closed'").spec as { triggers: unknown[] }).triggers[0]),
      },
    };
    expect((await server.client.create(fine, kind('EventListener'), { dryRun: true })).warnings).toEqual([
      '200 more triggers were not checked: "tappet lint -f FILE" checks all',
    ]);
  });
});
