import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { probeIsolation } from '../../src/main/probe-isolation.ts';
import { startServer, type TestServer } from '../support/test-server.ts';

describe('metrics of the program', () => {
  let directory: string;
  let server: TestServer;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tappet-e2e-metrics-'));
    const isolation = (await probeIsolation()).ok ? 'bubblewrap' : 'process';
    server = await startServer(join(directory, 'data'), ['--image-map', '*=host', '--isolation', isolation, '--log-level', 'error']);
  });
  afterAll(async () => {
    await server?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const metrics = async (): Promise<string> => {
    const response = await fetch(`${server.record.api}/metrics`, { headers: { authorization: `Bearer ${server.record.token}` } });
    expect(response.status).toBe(200);
    return await response.text();
  };

  it('tell of a run that ended, and of the process', async () => {
    const response = await fetch(`${server.record.api}/apis/tekton.dev/v1/namespaces/default/taskruns`, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.record.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        apiVersion: 'tekton.dev/v1',
        kind: 'TaskRun',
        metadata: { name: 'hello' },
        spec: { taskSpec: { steps: [{ name: 'say', image: 'any', script: 'echo hello' }] } },
      }),
    });
    expect(response.status).toBe(201);
    await expect.poll(metrics, { timeout: 30_000 }).toContain('tekton_pipelines_controller_taskrun_total{status="success"} 1\n');
    const text = await metrics();
    expect(text).toContain(
      'tekton_pipelines_controller_taskrun_duration_seconds_count{namespace="default",status="success",task="anonymous"} 1\n',
    );
    expect(text).toContain('tekton_pipelines_controller_running_taskruns 0\n');
    expect(text).toContain('tappet_journal_lag_seconds 0\n');
    expect(text).toMatch(/^tappet_work_queue_depth \d+$/m);
    expect(text).toContain('process_cpu_user_seconds_total');
  });
});
