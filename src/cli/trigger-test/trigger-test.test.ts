import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { widthOf } from '../fit.ts';
import { terminalOf } from '../terminal.ts';
import { type TriggerTestOptions, triggerTest } from './trigger-test.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tappet-trigger-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

const terminal = terminalOf({ isTTY: true, columns: 80, rows: 24 } as NodeJS.WriteStream, { NO_COLOR: '1' });

async function run(
  options: Partial<TriggerTestOptions> = {},
  columns = terminal,
): Promise<{ readonly code: number; readonly out: string }> {
  let out = '';
  const context = {
    terminal: columns,
    print: (text: string) => {
      out += text;
    },
    now: () => 0,
  };
  const code = await triggerTest(context, { paths: [folder], ...options });
  return { code, out: out.replaceAll(folder, 'FOLDER') };
}

const fails = (options: Partial<TriggerTestOptions> = {}): Promise<string> =>
  run(options).then(
    ({ out }) => `passed: ${out}`,
    (error: Error & { exitCode?: number }) => `${error.exitCode}: ${error.message.replaceAll(folder, 'FOLDER')}`,
  );

const LISTENER = `
apiVersion: triggers.tekton.dev/v1beta1
kind: EventListener
metadata: {name: github}
spec:
  triggers:
    - name: push
      interceptors:
        - ref: {name: github}
          params:
            - {name: secretRef, value: {secretName: hook, secretKey: token}}
            - {name: eventTypes, value: [push]}
        - ref: {name: cel}
          params:
            - {name: filter, value: "body.ref == 'refs/heads/main' && !body.deleted"}
      bindings: [{name: sha, value: $(body.after)}]
      template: {ref: build}
    - name: tag
      interceptors:
        - ref: {name: github}
          params:
            - {name: secretRef, value: {secretName: hook, secretKey: token}}
        - ref: {name: cel}
          params: [{name: filter, value: "body.ref.startsWith('refs/tags/')"}]
      template: {ref: build}
---
apiVersion: triggers.tekton.dev/v1beta1
kind: TriggerTemplate
metadata: {name: build}
spec:
  params: [{name: sha, default: none}]
  resourcetemplates:
    - apiVersion: tekton.dev/v1
      kind: PipelineRun
      metadata: {generateName: build-}
      spec:
        pipelineRef: {name: build}
        params: [{name: sha, value: $(tt.params.sha)}]
`;

const test = (name: string, spec: string): string =>
  `---\napiVersion: tappet.dev/v1alpha1\nkind: TriggerTest\nmetadata: {name: ${JSON.stringify(name)}}\nspec: ${spec}\n`;
const PUSH =
  '{listener: github, event: {headers: {X-GitHub-Event: push}, body: {ref: refs/heads/main, deleted: false, after: abc}}, expect: {triggers: {push: matched}}}';

describe('tappet trigger test', () => {
  it('passes, and says which triggers have no test', async () => {
    write({ 'listener.yaml': LISTENER, 'push.trigger-test.yaml': test('a push to main', PUSH) });
    const text = `FOLDER/push.trigger-test.yaml
  ✓ a push to main  0 ms

not covered: tag (EventListener default/github)
1 passed, 0 failed
`;
    expect(await run()).toEqual({ code: 0, out: text });
    expect(await run({ requireCoverage: true })).toEqual({ code: 1, out: text });
  });

  it('tells what came instead, within the terminal', async () => {
    const wrong = `
  listener: github
  event:
    headers: {X-GitHub-Event: push}
    body: {ref: refs/heads/main, deleted: false, after: abc, padding: ${'x'.repeat(200)}}
  expect:
    triggers:
      tag: matched
      push:
        verdict: matched
        params: {sha: abd}
        manifests: [{metadata: {generateName: ${'other-'.repeat(20)}}}]
`;
    write({
      'listener.yaml': LISTENER,
      [`${'deep/'.repeat(30)}a.trigger-test.yaml`]: test(
        'wrong '.repeat(20),
        `${wrong}  configuration: [${JSON.stringify('../'.repeat(30))}]\n`,
      ),
    });
    const { code, out } = await run();
    expect(code).toBe(1);
    expect(out.split('\n').slice(1).join('\n')).toBe(`  ✗ wrong wrong wrong wrong wrong wrong wrong wrong wrong wrong wrong…  0 ms
      tag: expected matched, got filtered
        expression body.ref.startsWith('refs/tags/') did not return true
        because body.ref.startsWith('refs/tags/') is false
          body.ref = "refs/heads/main"
      push: other params
        - sha: abd
        + sha: abc
      push: other objects
          - metadata:
        -     generateName: other-other-other-other-other-other-other-other-oth…
        +     generateName: build-

0 passed, 1 failed
`);
    expect(out.split('\n').filter((line) => widthOf(line) > 80)).toEqual([]);
  });

  it('signs with the secret of the listener, and can do without', async () => {
    const event = '{headers: {X-GitHub-Event: push}, body: {ref: refs/heads/main}';
    write({
      'listener.yaml': LISTENER,
      'a.trigger-test.yaml': [
        test('unsigned', `{listener: github, event: ${event}, unsigned: true}, expect: {refused: 'no X-Hub-Signature-256'}}`),
        test(
          'forged',
          `{listener: github, event: {headers: {X-Hub-Signature-256: sha256=00}, body: {}, unsigned: true}, expect: {refused: true}}`,
        ),
        test(
          'its own secret',
          `{listener: github, secrets: {hook: {token: hunter2}}, event: ${event}, signWith: {secretName: hook, secretKey: token}}, expect: {others: any}}`,
        ),
        test('no secret', `{listener: github, secrets: {hook: {}}, event: ${event}}, expect: {refused: true}}`),
      ].join(''),
    });
    expect((await run()).out).toContain('4 passed, 0 failed');
  });

  it('takes events from GitHub’s samples, from files and with changes', async () => {
    write({
      'conf/listener.yaml': LISTENER,
      'conf/other.txt': 'not looked at',
      'tests/payload.json': '{"ref":"refs/tags/v1","list":[{"a":1}]}',
      'tests/a.trigger-test.yaml': [
        test(
          'sample',
          `{configuration: [../conf], listener: github, event: {github: push, set: {ref: refs/heads/main}}, expect: {triggers: {push: matched}}}`,
        ),
        test(
          'file',
          `{configuration: [../conf/listener.yaml], listener: github, event: {bodyFile: payload.json, set: {list.0.a: 2}}, expect: {triggers: {tag: matched}}}`,
        ),
        test('text', `{configuration: [../conf], listener: github, event: {body: no JSON}, expect: {refused: "invalid character"}}`),
      ].join(''),
    });
    expect((await run()).out).toContain('3 passed, 0 failed');
  });

  it('answers for the servers that are asked', async () => {
    const webhook = LISTENER.replace(
      '- ref: {name: cel}',
      '- webhook: {objectRef: {kind: Service, apiVersion: v1, name: there}}\n        - ref: {name: cel}',
    );
    const event = 'listener: github, event: {headers: {X-GitHub-Event: push}, body: {}}';
    write({
      'listener.yaml': webhook,
      'a.trigger-test.yaml': [
        test(
          'answered',
          `{${event}, http: [{method: GET, url: 'http://there.default.svc/'}, {url: '/there.*\\/$/', body: {ref: refs/heads/main, deleted: false}}], expect: {triggers: {push: matched}}}`,
        ),
        test(
          'not answered',
          `{${event}, expect: {triggers: {push: {verdict: failed, reason: 'the test has no answer for POST http://there.default.svc/ (spec.http)'}}}}`,
        ),
        test(
          'refused',
          `{${event}, http: [{url: 'http://there.default.svc/', status: 403, body: go away}], expect: {triggers: {push: {verdict: filtered, reason: go away}}}}`,
        ),
      ].join(''),
    });
    expect((await run()).out).toContain('3 passed, 0 failed');
  });

  it('writes JUnit, also what has no test', async () => {
    write({ 'listener.yaml': LISTENER, 'push.trigger-test.yaml': test('a "push"', PUSH) });
    const junit = join(folder, 'out.xml');
    expect((await run({ junit, requireCoverage: true })).code).toBe(1);
    const xml = readFileSync(junit, 'utf8');
    expect(xml).toContain('name="a &quot;push&quot;" time="0.000"/>');
    expect(xml).toContain('<failure message="not covered: tag (EventListener default/github)">');
  });

  it('puts what came into the test', async () => {
    const file = test(
      'x',
      PUSH.replace('push: matched', 'push: {verdict: matched, params: {sha: old}, manifests: [{spec: {params: []}}]}'),
    );
    write({ 'listener.yaml': LISTENER, 'a.trigger-test.yaml': file });
    const { code, out } = await run({ update: true });
    expect([code, out]).toEqual([1, expect.stringContaining('FOLDER/a.trigger-test.yaml: updated x; run again\n')]);
    expect((await run()).code).toBe(0);
    expect(readFileSync(join(folder, 'a.trigger-test.yaml'), 'utf8')).toContain(
      'params: {"sha":"abc"}, manifests: [{"spec":{"params":[{"name":"sha","value":"abc"}]}}]',
    );
  });

  it('tests schedules', async () => {
    const schedule = `
apiVersion: tappet.dev/v1alpha1
kind: Schedule
metadata: {name: nightly}
spec:
  schedule: 0 3 * * *
  trigger:
    interceptors: [{ref: {name: cel}, params: [{name: filter, value: "body.scheduledFor.startsWith('2026-03')"}]}]
    template: {ref: build}
---`;
    write({
      'all.yaml': schedule + LISTENER,
      'a.trigger-test.yaml': [
        test('in March', "{schedule: nightly, now: '2026-03-01T03:00:00Z', expect: {triggers: {(unnamed): matched}}}"),
        test('in May', "{schedule: nightly, now: '2026-05-01T03:00:00Z', expect: {triggers: {(unnamed): filtered}}}"),
        test('said otherwise', "{schedule: nightly, event: {set: {scheduledFor: '2026-03-x'}}, expect: {triggers: {(unnamed): matched}}}"),
      ].join(''),
    });
    const { out } = await run();
    expect(out).toContain('3 passed, 0 failed');
    expect(out).toContain('not covered: push, tag (EventListener default/github)');
  });

  it('refuses what is no test, with file and line', async () => {
    write({
      'listener.yaml': LISTENER,
      'a.trigger-test.yaml': `${test('x', '{listener: github, expect: {others: all}}')}${test('y', PUSH)}${test('y', PUSH)}`,
    });
    expect(await fails()).toBe(
      '2: FOLDER/a.trigger-test.yaml:5: spec.expect.others: got "all", expected one of "filtered", "any"\n' +
        'FOLDER/a.trigger-test.yaml:14: another test of this file is called y too',
    );
    write({ 'a.trigger-test.yaml': '' });
    expect(await fails()).toBe('2: FOLDER/a.trigger-test.yaml: no test in there');
    write({ 'a.trigger-test.yaml': '{' });
    expect(await fails()).toMatch(/^2: FOLDER\/a\.trigger-test\.yaml:1: not valid YAML: /);
  });

  it('refuses a configuration that is wrong, with file and line', async () => {
    write({ 'listener.yaml': LISTENER.replace('kind: TriggerTemplate', 'kind: Template'), 'a.trigger-test.yaml': test('x', PUSH) });
    expect(await fails()).toMatch(
      /^2: FOLDER\/listener\.yaml:27: apiVersion: no kind "Template" is known in version "triggers\.tekton\.dev\/v1beta1"\n/,
    );
    write({ 'listener.yaml': `${LISTENER}---${LISTENER}` });
    expect(await fails()).toContain('EventListener default/github is there already, at FOLDER/listener.yaml:2');
    write({ 'a.trigger-test.yaml': test('x', PUSH.replace('{listener', '{configuration: [nowhere], listener')) });
    expect(await fails()).toBe('2: FOLDER/nowhere: no such file or folder');
    rmSync(join(folder, 'listener.yaml'));
    write({ 'a.trigger-test.yaml': test('x', PUSH) });
    expect(await fails()).toBe('2: FOLDER: no .yaml or .yml file there: what is to be tested?');
    expect(await fails({ paths: [join(folder, 'a.txt')] })).toBe('2: FOLDER/a.txt: no such file or folder');
    rmSync(join(folder, 'a.trigger-test.yaml'));
    expect(await fails()).toBe('2: FOLDER: no *.trigger-test.yaml in there');
  });

  it('fails a test of what is not there, and goes on', async () => {
    write({
      'listener.yaml': LISTENER,
      'a.trigger-test.yaml': test('x', PUSH.replace('listener: github', 'listener: other')) + test('y', PUSH),
    });
    const { code, out } = await run();
    expect([code, out]).toEqual([1, expect.stringContaining('  ✗ x  0 ms\n      there is no EventListener default/other\n  ✓ y  0 ms\n')]);
  });
});
