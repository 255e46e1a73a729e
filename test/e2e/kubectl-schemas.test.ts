import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resourceTypes } from '../../src/resources/registry.ts';
import { type CommandResult, hasKubectl, type Kubectl, kubectl } from '../support/kubectl.ts';
import { startServer, type TestServer } from '../support/test-server.ts';

const available = hasKubectl();

const PROTOBUF = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';

const configMap = (name: string, more: object = {}): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, ...more });
const task = (name: string, spec: object = {}): object => ({
  apiVersion: 'tekton.dev/v1',
  kind: 'Task',
  metadata: { name },
  spec: { steps: [{ image: 'any', script: 'true' }], ...spec },
});

describe.skipIf(!available)(
  `schemas, seen by real kubectl${available ? '' : ' (skipped: there is no kubectl of 1.28 or later)'}`,
  { timeout: 90_000 },
  () => {
    let directory: string;
    let server: TestServer;
    let client: Kubectl;
    const run = (...args: string[]): Promise<CommandResult> => client.run(args);
    const fed = (input: object, ...args: string[]): Promise<CommandResult> => client.run([...args, '-f', '-'], JSON.stringify(input));

    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'tappet-e2e-schemas-'));
      server = await startServer(join(directory, 'data'), ['--isolation', 'process', '--image-map', '*=host', '--log-level', 'error']);
      client = kubectl(join(directory, 'data', 'kubeconfig'));
    });
    afterAll(async () => {
      await server?.stop();
      client?.close();
      await rm(directory, { recursive: true, force: true });
    });

    it.each([
      [
        'pipelinerun.spec.timeouts',
        ['VERSION:    v1', 'How long the run, its tasks', 'pipeline\t<string>', 'an hour unless configured otherwise'],
      ],
      ['taskrun.spec.status', ['FIELD: status <string>', '`TaskRunCancelled`']],
      ['pipeline.spec.tasks.matrix.include', ['<[]Object>', 'Combinations']],
      ['task.spec.params', ['name\t<string> -required-', 'default\t<Object>', 'Makes the param optional.']],
      ['task.spec.sidecars.readinessProbe.httpGet.port', ['Port, by number or by name.']],
      ['eventlistener.spec.triggers.interceptors.ref', ['`github`, `gitlab`']],
      ['triggertemplate.spec.resourcetemplates', ['$(tt.params.name)']],
      ['schedule.spec.concurrencyPolicy', ['ENUM:', 'Allow', 'Forbid', 'Replace']],
      ['runaction.spec', ['action\t<string> -required-', 'enum: Cancel']],
      ['pod.spec.containers', ['<[]Object>']],
      ['configmap.binaryData', ['<map[string]string>', 'base64']],
    ])('explains %s', async (path, texts) => {
      const { code, stdout, stderr } = await run('explain', path);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      for (const text of texts) expect(stdout).toContain(text);
    });

    it('explains every kind to its last field, and says what a field is not', async () => {
      for (const { plural, group } of resourceTypes) {
        const { code, stdout, stderr } = await run('explain', group === '' ? plural : `${plural}.${group}`, '--recursive');
        expect({ plural, code, stderr }).toEqual({ plural, code: 0, stderr: '' });
        expect(stdout).not.toContain('<empty>');
      }
      expect((await run('explain', 'task.spec.stepz')).stderr).toContain('field "stepz" does not exist');
    });

    it('explains by the older form of the documents too, which comes in protobuf', async () => {
      const { code, stdout, stderr } = await run('explain', 'pipelinerun.spec.timeouts', '--output=plaintext-openapiv2');
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain('RESOURCE: timeouts <Object>');
      expect(stdout).toContain('an hour unless configured otherwise');
      const recursive = await run('explain', 'schedules.tappet.dev', '--recursive', '--output=plaintext-openapiv2');
      expect(recursive.stdout).toMatch(/^ {3}spec\t<Object>$/m);
      expect(recursive.stdout).toMatch(/^ {6}schedule\t<string>$/m);
    });

    it('Strict, which is what kubectl asks for: unknown fields are refused, with where they are and what was meant', async () => {
      const core = await fed(configMap('strict', { datas: {} }), 'apply', '--validate=strict');
      expect(core.code).toBe(1);
      expect(core.stderr).toContain('datas: json: unknown field "datas": did you mean "data"?');
      expect((await fed(task('strict', { stepz: [] }), 'create')).stderr).toContain('spec.stepz: json: unknown field "stepz"');
      expect((await run('get', 'cm/strict', 'task/strict', '--ignore-not-found', '-o', 'name')).stdout).toBe('');
    });

    it('Warn and Ignore: unknown fields of Kubernetes’ own kinds are left out, those of Tekton’s refused', async () => {
      const warned = await fed(configMap('warned', { data: { a: 'b' }, datas: {} }), 'create', '--validate=warn');
      expect(warned).toEqual({ code: 0, stdout: 'configmap/warned created\n', stderr: 'Warning: unknown field "datas"\n' });
      const ignored = await fed(configMap('ignored', { data: { a: 'b' }, datas: {} }), 'apply', '--validate=ignore');
      expect(ignored).toEqual({ code: 0, stdout: 'configmap/ignored created\n', stderr: '' });
      for (const name of ['warned', 'ignored']) {
        expect((await run('get', 'cm', name, '-o', 'jsonpath={.data}{.datas}')).stdout).toBe('{"a":"b"}');
      }
      expect((await fed(task('x', { stepz: [] }), 'apply', '--validate=ignore')).code).toBe(1);
    });

    it('applies to Kubernetes’ own kinds as it always did: lists are merged by their keys, what is taken out goes', async () => {
      const account = (...names: string[]): object => ({
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: 'listed' },
        secrets: names.map((name) => ({ name })),
      });
      const secrets = async (): Promise<string> => (await run('get', 'sa', 'listed', '-o', 'jsonpath={.secrets[*].name}')).stdout;
      expect((await fed(account('a', 'b'), 'apply')).stderr).toBe('');
      await run('patch', 'sa', 'listed', '-p', '{"secrets":[{"name":"theirs"}]}');
      expect((await fed(account('b'), 'apply')).stderr).toBe('');
      expect((await secrets()).split(' ').sort()).toEqual(['b', 'theirs']);
    });

    it('takes and gives older versions, and keeps the newest', async () => {
      const old = (description: string, more: object = {}): object => ({
        apiVersion: 'tekton.dev/v1beta1',
        kind: 'Task',
        metadata: { name: 'old' },
        spec: { description, steps: [{ name: 's', image: 'any', script: 'true', resources: { limits: { cpu: '1' } } }], ...more },
      });
      const limit = async (resource: string, field: string): Promise<string> =>
        (await run('get', resource, 'old', '-o', `jsonpath={.apiVersion} {.spec.description} {.spec.steps[0].${field}.limits.cpu}`)).stdout;
      expect((await run('api-versions')).stdout.split('\n')).toContain('triggers.tekton.dev/v1alpha1');
      expect(await fed(old('one'), 'apply')).toMatchObject({ code: 0, stdout: 'task.tekton.dev/old created\n' });
      expect(await fed(old('one'), 'apply')).toMatchObject({ code: 0, stdout: 'task.tekton.dev/old unchanged\n' });
      expect((await fed(old('two'), 'diff')).stdout).toMatch(/^- {2}description: one\n\+ {2}description: two$/m);
      expect(await fed(old('two'), 'apply')).toMatchObject({ code: 0, stdout: 'task.tekton.dev/old configured\n' });
      expect(await limit('tasks', 'computeResources')).toBe('tekton.dev/v1 two 1');
      expect(await limit('tasks.v1beta1.tekton.dev', 'resources')).toBe('tekton.dev/v1beta1 two 1');
      expect(await fed(old('three'), 'apply', '--server-side', '--force-conflicts')).toMatchObject({ code: 0 });
      expect(await limit('tasks', 'computeResources')).toBe('tekton.dev/v1 three 1');
      const refused = await fed(old('three', { resources: { inputs: [{ name: 'r' }] } }), 'apply', '--server-side', '--force-conflicts');
      expect(refused.stderr).toContain('must not set the field(s)');
      expect((await fed(old('x', { stepz: [] }), 'apply')).stderr).toContain('unknown field "stepz"');
      expect((await run('explain', 'task', '--api-version=tekton.dev/v1beta1')).stdout).toContain('converted to v1');
      expect((await run('get', 'tasks.v1beta1.tekton.dev', '--no-headers')).stdout).toMatch(/^old +\d+s$/m);
    });

    it('keeps documents by their hash', async () => {
      const ask = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
        fetch(`${server.record.api}${path}`, { headers: { authorization: `Bearer ${server.record.token}`, ...headers } });
      const index = (await (await ask('/openapi/v3')).json()) as { paths: Record<string, { serverRelativeURL: string }> };
      const url = index.paths['apis/tekton.dev/v1']?.serverRelativeURL ?? '';
      expect(url).toMatch(/^\/openapi\/v3\/apis\/tekton\.dev\/v1\?hash=[0-9A-F]{64}$/);
      const document = await ask(url);
      expect(document.headers.get('cache-control')).toContain('immutable');
      const again = await ask(url, { 'if-none-match': document.headers.get('etag') ?? '' });
      expect(again.status).toBe(304);
      const swagger = await ask('/openapi/v2');
      expect(swagger.headers.get('etag')).not.toBe((await ask('/openapi/v2', { accept: PROTOBUF })).headers.get('etag'));
      expect(await swagger.json()).toMatchObject({ swagger: '2.0' });
    });
  },
);
