import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { probeIsolation } from '../../src/main/probe-isolation.ts';
import { type CommandResult, hasKubectl, type Kubectl, kubectl } from '../support/kubectl.ts';
import { startServer, type TestServer } from '../support/test-server.ts';

const available = hasKubectl();

const configMap = (name: string, data: Record<string, string>): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });
const task = (description: string, more: object = {}): string =>
  JSON.stringify({
    apiVersion: 'tekton.dev/v1',
    kind: 'Task',
    metadata: { name: 'hello' },
    spec: {
      description,
      params: [{ name: 'who', default: 'you' }],
      steps: [{ name: 'say', image: 'any', script: 'echo hello $(params.who)' }],
      ...more,
    },
  });
const taskRun = (name: string, script: string): string =>
  JSON.stringify({
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    metadata: { name },
    spec: { taskSpec: { steps: [{ name: 'one', image: 'any', script }] } },
  });

describe.skipIf(!available)(
  `real kubectl${available ? '' : ' (skipped: there is no kubectl of 1.28 or later)'}`,
  { timeout: 90_000 },
  () => {
    let directory: string;
    let server: TestServer;
    let client: Kubectl;
    const run = (...args: string[]): Promise<CommandResult> => client.run(args);
    const fed = (input: string, ...args: string[]): Promise<CommandResult> => client.run(args, input);
    /** Its output, where it has to succeed. */
    const out = async (result: Promise<CommandResult>): Promise<string> => {
      const { code, stdout, stderr } = await result;
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      return stdout.trimEnd();
    };

    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'tappet-e2e-kubectl-'));
      const isolation = (await probeIsolation()).ok ? 'bubblewrap' : 'process';
      const dataDir = join(directory, 'data');
      server = await startServer(dataDir, ['--image-map', '*=host', '--isolation', isolation, '--log-level', 'error']);
      client = kubectl(join(dataDir, 'kubeconfig'));
    });
    afterAll(async () => {
      await server?.stop();
      client?.close();
      await rm(directory, { recursive: true, force: true });
    });

    it('learns what is served', async () => {
      const resources = await out(run('api-resources', '--no-headers'));
      expect(resources).toMatch(/^pipelineruns +pr,prs +tekton\.dev\/v1 +true +PipelineRun$/m);
      expect(resources).toMatch(/^eventlisteners +el +triggers\.tekton\.dev\/v1beta1 +true +EventListener$/m);
      expect((await out(run('api-versions'))).split('\n')).toContain('tekton.dev/v1');
      expect(await out(run('explain', 'pipelinerun.spec.timeouts'))).toContain(
        'How long the run, its tasks and its finally tasks may take',
      );
      expect(await out(run('explain', 'task.spec.steps', '--recursive'))).toContain('computeResources');
    });

    it('applies, shows differences, applies again', async () => {
      expect(await out(fed(configMap('cm', { a: '1', b: '2' }), 'apply', '-f', '-'))).toBe('configmap/cm created');
      expect(await out(fed(configMap('cm', { a: '1', b: '2' }), 'apply', '-f', '-'))).toBe('configmap/cm unchanged');
      const diff = await fed(configMap('cm', { a: '9' }), 'diff', '-f', '-');
      expect(diff.code).toBe(1);
      expect(diff.stdout).toMatch(/^- {2}a: "1"\n- {2}b: "2"\n\+ {2}a: "9"$/m);
      expect(await out(fed(configMap('cm', { a: '9' }), 'apply', '-f', '-'))).toBe('configmap/cm configured');
      expect(await out(run('get', 'cm', 'cm', '-o', 'jsonpath={.data}'))).toBe('{"a":"9"}');
      expect(await out(fed(task('one'), 'apply', '-f', '-'))).toBe('task.tekton.dev/hello created');
      expect(await out(fed(task('two'), 'apply', '-f', '-'))).toBe('task.tekton.dev/hello configured');
      expect(await out(run('get', 'task', 'hello', '-o', 'jsonpath={.spec.description}'))).toBe('two');
      expect(await out(fed(task('three'), 'apply', '--dry-run=server', '-f', '-'))).toBe(
        'task.tekton.dev/hello configured (server dry run)',
      );
      expect(await out(run('get', 'task', 'hello', '-o', 'jsonpath={.spec.description}'))).toBe('two');
    });

    it('is told what is wrong, where', async () => {
      const unknown = await fed(task('x', { stepz: [] }), 'apply', '-f', '-');
      expect(unknown.code).toBe(1);
      expect(unknown.stderr).toContain('spec.stepz: json: unknown field "stepz"');
      const invalid = await fed(task('x', { steps: [] }), 'apply', '-f', '-');
      expect(invalid.stderr).toContain('spec.steps');
      expect((await run('get', 'task', 'nope')).stderr).toBe('Error from server (NotFound): tasks.tekton.dev "nope" not found\n');
    });

    it('applies on the server: owners, conflicts, force', async () => {
      const apply = (data: Record<string, string>, ...more: string[]): Promise<CommandResult> =>
        fed(configMap('ssa', data), 'apply', '--server-side', '-f', '-', ...more);
      expect(await out(apply({ a: '1', b: '1' }))).toBe('configmap/ssa serverside-applied');
      const conflict = await apply({ a: '2' }, '--field-manager=other');
      expect(conflict.code).toBe(1);
      expect(conflict.stderr).toContain('Apply failed with 1 conflict: conflict with "kubectl": .data.a');
      expect(await out(apply({ a: '2' }, '--field-manager=other', '--force-conflicts'))).toBe('configmap/ssa serverside-applied');
      expect(await out(apply({ b: '1' }))).toBe('configmap/ssa serverside-applied');
      expect(await out(run('get', 'cm', 'ssa', '-o', 'jsonpath={.data}'))).toBe('{"a":"2","b":"1"}');
      // What was applied by the client before is taken over, not fought.
      await out(fed(configMap('both', { a: '1' }), 'apply', '-f', '-'));
      expect(await out(fed(configMap('both', { b: '1' }), 'apply', '--server-side', '-f', '-'))).toBe('configmap/both serverside-applied');
      expect(await out(run('get', 'cm', 'both', '-o', 'jsonpath={.data}'))).toBe('{"b":"1"}');
    });

    it('patches in every way, edits, labels, annotates', async () => {
      await out(fed(configMap('patched', { a: '1' }), 'create', '-f', '-'));
      await out(run('patch', 'cm', 'patched', '--type=merge', '-p', '{"data":{"b":"2"}}'));
      await out(run('patch', 'cm', 'patched', '--type=json', '-p', '[{"op":"replace","path":"/data/a","value":"3"}]'));
      await out(run('patch', 'cm', 'patched', '-p', '{"data":{"c":"4"}}'));
      await out(run('label', 'cm', 'patched', 'team=ci'));
      await out(run('annotate', 'cm', 'patched', 'note=x'));
      expect(await out(run('get', 'cm', '-l', 'team=ci', '-o', 'jsonpath={.items[*].data}'))).toBe('{"a":"3","b":"2","c":"4"}');
      const editor = join(directory, 'editor.sh');
      await writeFile(editor, '#!/bin/sh\nsed -i s/\'"4"\'/\'"5"\'/ "$1"\n', { mode: 0o755 });
      expect(await out(client.run(['edit', 'cm', 'patched'], '', { EDITOR: editor }))).toBe('configmap/patched edited');
      expect(await out(run('get', 'cm', 'patched', '-o', 'jsonpath={.data.c}'))).toBe('5');
      const stale = JSON.stringify({ ...JSON.parse(configMap('patched', {})), metadata: { name: 'patched', resourceVersion: '1' } });
      expect((await fed(stale, 'replace', '-f', '-')).stderr).toContain('Error from server (Conflict)');
    });

    it('waits for a run, watches it, reads its logs as they come', async () => {
      const watching = client.start(['get', 'taskrun', 'waited', '-w', '--no-headers']);
      await out(fed(taskRun('waited', 'echo first; sleep 1; echo last'), 'create', '-f', '-'));
      let watched = '';
      watching.stdout?.on('data', (chunk: Buffer) => {
        watched += chunk.toString();
      });
      await out(run('wait', 'pod/waited-pod', '--for=create', '--timeout=20s'));
      expect(await out(run('logs', '-f', 'waited-pod', '-c', 'step-one'))).toBe('first\nlast');
      expect(await out(run('wait', '--for=condition=Succeeded', 'taskrun/waited', '--timeout=20s'))).toBe(
        'taskrun.tekton.dev/waited condition met',
      );
      watching.kill();
      expect(await out(run('logs', 'waited-pod', '-c', 'step-one', '--tail=1'))).toBe('last');
      expect(await out(run('logs', 'waited-pod', '-c', 'step-one', '--timestamps', '--since=1h'))).toMatch(/^20\S+Z first\n20\S+Z last$/);
      expect(await out(run('logs', 'waited-pod', '--all-containers', '--prefix'))).toBe(
        '[pod/waited-pod/step-one] first\n[pod/waited-pod/step-one] last',
      );
      expect((await run('logs', 'waited-pod', '-c', 'step-one', '--previous')).stderr).toContain(
        'previous terminated container "step-one"',
      );
      expect(await out(run('get', 'taskrun', 'waited', '--no-headers'))).toMatch(/^waited +True +Succeeded +\d+s +\d+s$/);
      expect(await out(run('get', 'pods', '--no-headers', '-l', 'tekton.dev/taskRun=waited'))).toMatch(
        /^waited-pod +0\/1 +Completed +0 +\d+s$/,
      );
      expect(await out(run('get', 'tr', 'waited', '-o', 'name'))).toBe('taskrun.tekton.dev/waited');
      expect(await out(run('describe', 'taskrun', 'waited'))).toMatch(/Normal +Succeeded .*All Steps have completed executing/);
      expect(await out(run('get', 'events', '--no-headers', '--field-selector', 'involvedObject.name=waited'))).toContain('taskrun/waited');
      expect(watched === '' || /waited/.test(watched)).toBe(true);
    });

    it('runs commands beside a container that runs: output, input, exit code, a terminal', async () => {
      await out(fed(taskRun('long', 'echo begun; echo from-step > /workspace/file; while :; do sleep 0.1; done'), 'create', '-f', '-'));
      await out(run('wait', 'pod/long-pod', '--for=jsonpath={.status.containerStatuses[0].state.running}', '--timeout=20s'));
      const exec = (...args: string[]): string[] => ['exec', 'long-pod', '-c', 'step-one', ...args];
      await out(run(...exec('--', 'sh', '-c', 'until [ -s /workspace/file ]; do sleep 0.05; done')));
      expect(await out(run(...exec('--', 'cat', '/workspace/file')))).toBe('from-step');
      expect(await out(fed('typed in\n', ...exec('-i', '--', 'cat')))).toBe('typed in');
      const failing = await run(...exec('--', 'sh', '-c', 'echo out; echo err >&2; exit 7'));
      expect(failing).toEqual({ code: 7, stdout: 'out\n', stderr: 'err\ncommand terminated with exit code 7\n' });
      expect((await run(...exec('--', 'sh', '-c', 'yes | head -c 3000000'))).stdout.length).toBe(3_000_000);
      expect((await run('exec', 'long-pod', '-c', 'nope', '--', 'true')).stderr).toContain('container nope');
      await out(run('patch', 'taskrun', 'long', '--type=merge', '-p', '{"spec":{"status":"TaskRunCancelled"}}'));
      await out(run('wait', '--for=condition=Succeeded=False', 'taskrun/long', '--timeout=20s'));
      expect((await run(...exec('--', 'true'))).stderr).toContain('cannot exec into a container in a completed pod');
      expect((await run('exec', 'no-pod', '--', 'true')).stderr).toContain('pods "no-pod" not found');
    });

    it('deletes with what is owned, without it, or in the foreground; all of a kind; a namespace with all in it', async () => {
      const owned = async (name: string): Promise<void> => {
        await out(fed(configMap(name, {}), 'create', '-f', '-'));
        const uid = await out(run('get', 'cm', name, '-o', 'jsonpath={.metadata.uid}'));
        const child = {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: `${name}-child`, ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name, uid }] },
        };
        await out(fed(JSON.stringify(child), 'create', '-f', '-'));
      };
      const exists = async (name: string): Promise<boolean> => (await run('get', 'cm', name)).code === 0;
      await owned('bg');
      await out(run('delete', 'cm', 'bg'));
      expect(await exists('bg-child')).toBe(false);
      await owned('orphaned');
      await out(run('delete', 'cm', 'orphaned', '--cascade=orphan'));
      expect(await exists('orphaned-child')).toBe(true);
      await owned('fg');
      await out(run('delete', 'cm', 'fg', '--cascade=foreground'));
      expect([await exists('fg'), await exists('fg-child')]).toEqual([false, false]);

      await out(run('create', 'namespace', 'gone'));
      await out(run('create', 'configmap', 'inside', '--from-literal=a=1', '-n', 'gone'));
      await out(run('create', 'secret', 'generic', 'hidden', '--from-literal=a=1', '-n', 'gone'));
      expect(await out(run('get', 'cm,secret', '-n', 'gone', '-o', 'name'))).toBe('configmap/inside\nsecret/hidden');
      await out(run('delete', 'cm', '--all', '-n', 'gone'));
      await out(run('delete', 'namespace', 'gone', '--timeout=20s'));
      expect((await run('get', 'secret', 'hidden', '-n', 'gone')).code).toBe(1);
    });
  },
);
