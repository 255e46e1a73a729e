import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exitCodes } from './cli-error.ts';
import { lint } from './lint.ts';
import { terminalOf } from './terminal.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tappet-lint-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function put(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

async function run(options: { files?: readonly string[]; output?: string; strict?: boolean } = {}) {
  let out = '';
  const terminal = terminalOf({ isTTY: false } as NodeJS.WriteStream, {});
  const code = await lint(
    { terminal, print: (text) => (out += text) },
    { ...options, files: (options.files ?? ['']).map((file) => join(folder, file)) },
  );
  return { code, out: out.replaceAll(`${folder}/`, '') };
}

const group = 'apiVersion: triggers.tekton.dev/v1beta1';
const binding = (value: string, name = 'b') =>
  `${group}\nkind: TriggerBinding\nmetadata: {name: ${name}}\nspec:\n  params:\n    - name: a\n      value: ${value}\n`;
const template = (name = 't') =>
  `${group}\nkind: TriggerTemplate\nmetadata: {name: ${name}}\nspec:\n  params: [{name: a}]\n  resourcetemplates:\n    - {apiVersion: v1, kind: ConfigMap, metadata: {generateName: c-}, data: {x: $(tt.params.a)}}\n`;
const listener = (filter: string, more = '') =>
  `${group}\nkind: EventListener\nmetadata: {name: el${more}}\nspec:\n  triggers:\n    - name: tr\n      interceptors:\n        - ref: {name: cel}\n          params:\n            - name: filter\n              value: ${filter}\n      bindings: [{ref: b}]\n      template: {ref: t}\n`;

describe('lint', () => {
  it('has nothing to say about what is right', async () => {
    put({ 'a.yaml': `${listener("body.a == 'x'")}---\n${binding('$(body.a)')}---\n${template()}` });
    expect(await run()).toEqual({ code: exitCodes.ok, out: '3 resources checked: nothing found\n' });
  });

  it('errors fail, with file, line, object, path and the place in the expression', async () => {
    put({ 'a.yaml': `${listener("bdy.a == 'x'")}---\n${binding('$(body.a)')}---\n${template()}` });
    expect(await run()).toEqual({
      code: exitCodes.failed,
      out: [
        "a.yaml:11: error: EventListener el: spec.triggers[0].interceptors[0].params[filter].value: undeclared reference to 'bdy'; did you mean body?",
        "  | bdy.a == 'x'",
        '  | ^^^',
        '3 resources checked: 1 error, 0 warnings',
        '',
      ].join('\n'),
    });
  });

  it('warnings fail only when that is asked for', async () => {
    put({ 'a.yaml': listener("body.a == 'x'") });
    const { code, out } = await run();
    expect([code, out.split('\n')]).toEqual([
      exitCodes.ok,
      [
        'a.yaml:12: warning: EventListener el: spec.triggers[0].bindings[0].ref: there is no TriggerBinding "b"',
        'a.yaml:13: warning: EventListener el: spec.triggers[0].template.ref: there is no TriggerTemplate "t"',
        '1 resource checked: 0 errors, 2 warnings',
        '',
      ],
    ]);
    expect((await run({ strict: true })).code).toBe(exitCodes.failed);
  });

  it('what admission refuses is an error, at its line', async () => {
    put({
      'a.yaml': `${group}\nkind: TriggerBinding\nmetadata: {name: b}\nspec:\n  params:\n    - {name: a, value: x}\n    - {name: a, value: y}\n`,
    });
    expect(await run()).toMatchObject({
      code: exitCodes.failed,
      out: expect.stringContaining('a.yaml:7: error: TriggerBinding b: spec.params[1].name: expected exactly one, got both\n'),
    });
  });

  it('reads folders with all below them, and leaves alone what is not ours', async () => {
    put({
      'k8s/ci/listener.yaml': listener("body.a == 'x'"),
      'k8s/ci/deep/rest.yml': `${binding('$(body.a)')}---\n${template()}`,
      'chart/Chart.yaml': 'name: x\n',
      'chart/templates/listener.yaml': `${group}\nkind: {{ .Values.kind }}\n`,
      'node_modules/x/bad.yaml': binding('$(bdy)'),
      '.hidden/bad.yaml': binding('$(bdy)'),
      'compose.yaml': 'services: {a: {image: x}}\n',
      'broken.yaml': 'a: [\n',
      'patch.yaml': `- op: add\n  path: /spec\n  value: {apiVersion: triggers.tekton.dev/v1beta1}\n`,
      'deployment.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: 5\n',
      'other.yaml': 'apiVersion: example.org/v1\nkind: Thing\n',
      'notes.txt': 'apiVersion: no\n',
    });
    expect(await run()).toEqual({ code: exitCodes.ok, out: '3 resources checked: nothing found\n' });
  });

  it('a file of ours that is no YAML is an error also in a folder', async () => {
    put({ 'a.yaml': `${group}\nkind: [\n` });
    expect(await run()).toMatchObject({ code: exitCodes.failed, out: expect.stringMatching(/^a\.yaml:\d+: error: not valid YAML: /) });
  });

  it('of a file that is named everything is told', async () => {
    put({
      'a.yaml': '- 1\n',
      'b.yaml': 'apiVersion: example.org/v1\nkind: Thing\nmetadata: {name: x}\n',
      'c.json': '{"apiVersion": "v1"}',
    });
    const { code, out } = await run({ files: ['a.yaml', 'b.yaml', 'c.json'] });
    expect(code).toBe(exitCodes.failed);
    expect(out.split('\n')).toEqual([
      'a.yaml:1: error: expected a resource (a mapping with apiVersion and kind), got a list',
      expect.stringContaining('b.yaml:1: error: Thing x: apiVersion example.org/v1 is not known (kind Thing)'),
      'c.json:1: error: resource: kind is missing',
      '2 resources checked: 3 errors, 0 warnings',
      '',
    ]);
  });

  it('of objects with one name the nearest is meant', async () => {
    put({
      'dev/listener.yaml': listener("body.a == 'x'"),
      'dev/rest.yaml': `${binding('$(body.a)')}---\n${template()}`,
      'prod/listener.yaml': listener("body.a == 'x'"),
      'prod/rest.yaml': `${binding('$(body.a)').replace('name: a', 'name: z')}---\n${template()}`,
    });
    const { out } = await run();
    expect(out.split('\n').filter((line) => line.includes('warning: '))).toEqual([
      'prod/listener.yaml:13: warning: EventListener el: spec.triggers[0].template: no binding gives a a value, and it has no default: $(tt.params.a) stays as it is',
    ]);
  });

  it('objects of other namespaces are not meant, those of no namespace may be', async () => {
    const placed = (text: string, namespace: string) => text.replace('metadata: {name: ', `metadata: {namespace: ${namespace}, name: `);
    put({ 'a.yaml': `${placed(listener("body.a == 'x'"), 'ci')}---\n${placed(binding('$(body.a)'), 'other')}---\n${template()}` });
    expect((await run()).out.split('\n')[0]).toBe(
      'a.yaml:12: warning: EventListener el: spec.triggers[0].bindings[0].ref: there is no TriggerBinding "b" in namespace ci',
    );
  });

  it('of a Secret that is there the key is looked for', async () => {
    const spec = listener("body.t.compareSecret('token', 'hook')");
    const rest = `---\n${binding('$(body.a)')}---\n${template()}`;
    put({ 'a.yaml': spec + rest });
    expect((await run()).out).toBe('3 resources checked: nothing found\n');
    put({ 'secret.yaml': 'apiVersion: v1\nkind: Secret\nmetadata: {name: hook}\nstringData: {tokn: x}\n' });
    expect((await run()).out).toContain('Secret "hook" has no key "token"; did you mean tokn?');
  });

  it('v1alpha1, whose interceptors are written differently', async () => {
    put({
      'a.yaml': `apiVersion: triggers.tekton.dev/v1alpha1\nkind: EventListener\nmetadata: {name: el}\nspec:\n  triggers:\n    - interceptors:\n        - cel:\n            filter: bdy.a\n      template: {ref: t}\n`,
    });
    expect((await run()).out).toContain(
      "a.yaml:7: error: EventListener el: spec.triggers[0].interceptors[0].params[filter].value: undeclared reference to 'bdy'",
    );
  });

  it.each([
    ['a folder without any', { files: [''] }, 'nothing to check in there'],
    ['a file that is not there', { files: ['nope.yaml'] }, 'no such file or folder'],
    ['an unknown format', { output: 'xml' }, '-o, --output: got "xml", expected text, json or github'],
  ])('%s is a usage error', async (_, options, message) => {
    await expect(run(options)).rejects.toMatchObject({ exitCode: exitCodes.usage, message: expect.stringContaining(message) });
  });
});
