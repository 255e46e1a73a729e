import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { probeIsolation } from '../../src/main/probe-isolation.ts';
import { runTappet } from '../support/run-tappet.ts';
import { startServer, type TestServer } from '../support/test-server.ts';

/** Tekton's own command line against the embedded server; where there is none on the path, the suite is skipped. */
const hasTkn = spawnSync('tkn', ['--help']).status === 0;

const MANIFESTS = `
apiVersion: tekton.dev/v1
kind: Task
metadata: {name: hello}
spec:
  params: [{name: who, type: string, default: world}]
  workspaces: [{name: source, optional: true}]
  results: [{name: said}]
  steps:
    - {name: greet, image: alpine, script: "#!/bin/sh\\necho hello $(params.who)\\nprintf hi > $(results.said.path)\\n"}
---
apiVersion: tekton.dev/v1
kind: Pipeline
metadata: {name: greet}
spec:
  params: [{name: who, type: string}]
  workspaces: [{name: shared}]
  tasks:
    - {name: first, taskRef: {name: hello}, params: [{name: who, value: $(params.who)}], workspaces: [{name: source, workspace: shared}]}
    - {name: second, runAfter: [first], taskRef: {name: hello}}
---
apiVersion: tekton.dev/v1
kind: Task
metadata: {name: waits}
spec: {steps: [{name: wait, image: alpine, script: "#!/bin/sh\\nsleep 600\\n"}]}
---
apiVersion: tekton.dev/v1
kind: Pipeline
metadata: {name: waits}
spec: {tasks: [{name: wait, taskRef: {name: waits}}]}
---
apiVersion: triggers.tekton.dev/v1beta1
kind: TriggerBinding
metadata: {name: pushed}
spec: {params: [{name: who, value: $(body.who)}]}
---
apiVersion: triggers.tekton.dev/v1beta1
kind: TriggerTemplate
metadata: {name: greeting}
spec:
  params: [{name: who}]
  resourcetemplates:
    - apiVersion: tekton.dev/v1
      kind: PipelineRun
      metadata: {generateName: greet-}
      spec: {pipelineRef: {name: greet}, params: [{name: who, value: $(tt.params.who)}]}
---
apiVersion: triggers.tekton.dev/v1beta1
kind: EventListener
metadata: {name: hooks}
spec: {triggers: [{name: all, bindings: [{ref: pushed}], template: {ref: greeting}}]}
`;

describe.skipIf(!hasTkn)('tkn', () => {
  let folder: string;
  let server: TestServer;
  let environment: Record<string, string>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tappet-tkn-'));
    const dataDir = join(folder, 'data');
    const isolation = (await probeIsolation()).ok ? 'bubblewrap' : 'process';
    server = await startServer(dataDir, ['--image-map', '*=host', '--isolation', isolation, '--log-level', 'error']);
    environment = { PATH: process.env['PATH'] ?? '', HOME: folder, KUBECONFIG: join(dataDir, 'kubeconfig'), NO_COLOR: '1' };
    writeFileSync(join(folder, 'manifests.yaml'), MANIFESTS);
    const { code, stderr } = await runTappet(['apply', '-f', join(folder, 'manifests.yaml'), '--data-dir', dataDir]);
    expect(code, stderr).toBe(0);
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function tkn(...args: readonly string[]): string {
    return execFileSync('tkn', args, { env: environment, encoding: 'utf8', timeout: 50_000 });
  }

  it('lists and describes pipelines and tasks', () => {
    expect(tkn('pipeline', 'list')).toMatch(/^greet +.* ago +--- /m);
    expect(tkn('pipeline', 'describe', 'greet')).toMatch(/second +hello +first/);
    expect(tkn('task', 'list')).toContain('hello');
    expect(tkn('task', 'describe', 'hello')).toMatch(/who +string +world/);
  });

  it('starts a pipeline with params and a workspace, and follows its output to the end', () => {
    const output = tkn(
      'pipeline',
      'start',
      'greet',
      '-p',
      'who=tkn',
      '-w',
      'name=shared,emptyDir=',
      '--showlog',
      '--prefix-name',
      'started',
    );
    expect(output).toMatch(/\[first : greet\] hello tkn\n[\s\S]*\[second : greet\] hello world\n/);
    const run = /^started-\S+/m.exec(tkn('pipelinerun', 'list'))?.[0] ?? '';
    expect(tkn('pipelinerun', 'list')).toMatch(new RegExp(`^${run} +.* ago +\\d+s +Succeeded`, 'm'));
    const described = tkn('pipelinerun', 'describe', run);
    expect(described).toMatch(/Pipeline Ref: +greet/);
    expect(described).toMatch(/who +tkn/);
    expect(described).toMatch(new RegExp(`${run}-second +second .* Succeeded`));
    expect(tkn('pipelinerun', 'describe', '--last')).toContain(run);
    expect(tkn('pipelinerun', 'logs', run, '-f')).toContain('[first : greet] hello tkn');
    expect(tkn('taskrun', 'list')).toMatch(new RegExp(`^${run}-first .* Succeeded`, 'm'));
    expect(tkn('taskrun', 'describe', `${run}-second`)).toMatch(/said +hi[\s\S]* greet +Completed/);
    expect(tkn('taskrun', 'logs', `${run}-second`, '-f')).toContain('[greet] hello world');
  });

  it('starts a task and deletes what it started', () => {
    expect(tkn('task', 'start', 'hello', '-p', 'who=you', '-w', 'name=source,emptyDir=', '--showlog', '--prefix-name', 'one')).toContain(
      '[greet] hello you',
    );
    const name = /^one-\S+/m.exec(tkn('taskrun', 'list'))?.[0] ?? '';
    expect(tkn('taskrun', 'delete', name, '-f')).toContain(`TaskRuns deleted: "${name}"`);
    expect(tkn('taskrun', 'list')).not.toContain(name);
  });

  it('cancels', async () => {
    tkn('pipeline', 'start', 'waits', '--prefix-name', 'long');
    tkn('task', 'start', 'waits', '--prefix-name', 'longer');
    const run = /^long-\S+/m.exec(tkn('pipelinerun', 'list'))?.[0] ?? '';
    const taskRun = /^longer-\S+/m.exec(tkn('taskrun', 'list'))?.[0] ?? '';
    expect(tkn('pipelinerun', 'cancel', run)).toContain(`PipelineRun cancelled: ${run}`);
    expect(tkn('taskrun', 'cancel', taskRun)).toContain(`TaskRun cancelled: ${taskRun}`);
    await expect.poll(() => tkn('pipelinerun', 'list'), { timeout: 20_000 }).toMatch(new RegExp(`^${run} .*Cancelled`, 'm'));
    await expect.poll(() => tkn('taskrun', 'list'), { timeout: 20_000 }).toMatch(new RegExp(`^${taskRun} .*Cancelled`, 'm'));
    expect(tkn('pipelinerun', 'delete', run, '-f')).toContain(`PipelineRuns deleted: "${run}"`);
  });

  it('lists and describes listeners, bindings and templates', () => {
    expect(tkn('eventlistener', 'list')).toMatch(/^hooks +.* ago +http:\/\/127\.0\.0\.1:\d+\/default\/hooks +True/m);
    expect(tkn('eventlistener', 'describe', 'hooks')).toMatch(/pushed +TriggerBinding[\s\S]*greeting/);
    expect(tkn('triggerbinding', 'list')).toContain('pushed');
    expect(tkn('triggerbinding', 'describe', 'pushed')).toMatch(/who +\$\(body\.who\)/);
    expect(tkn('triggertemplate', 'list')).toContain('greeting');
    expect(tkn('triggertemplate', 'describe', 'greeting')).toMatch(/greet- +PipelineRun/);
  });
});
