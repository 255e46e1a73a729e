import { expect, it, onTestFinished } from 'vitest';
import { connectionTo } from '../../test/support/kube-connection.ts';
import { refuse } from '../../test/support/lease-server.ts';
import { localServer } from '../../test/support/local-server.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { silentLogger } from '../../test/support/silent-logger.ts';
import { createKubeClient } from '../kube/create-kube-client.ts';
import type { LogFields } from '../ports/logger.ts';
import { checkAlone } from './check-alone.ts';

interface Workload {
  readonly namespace: string;
  readonly name?: string;
  readonly replicas?: number;
}

/** Which workloads there are, or that they may not be seen, and what becomes of the check. */
async function check(workloads: Readonly<Record<string, readonly Workload[]>> | 'forbidden') {
  const server = await localServer(({ path }, response) => {
    const plural = new URL(path, 'http://api').pathname.replace('/apis/apps/v1/', '');
    if (workloads === 'forbidden') {
      refuse(response, 403, 'Forbidden', `User "x" cannot list resource "${plural}" in API group "apps" at the cluster scope`);
      return;
    }
    const items = (workloads[plural] ?? []).map(({ namespace, name = 'tekton-pipelines-controller', replicas }) => ({
      metadata: { namespace, name },
      spec: { replicas },
    }));
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ items }));
  });
  const client = createKubeClient(connectionTo(server.url), { clock: new ManualClock() });
  onTestFinished(() => client.close());
  const warnings: unknown[] = [];
  const logger = { ...silentLogger, warn: (_: string, fields?: LogFields) => void warnings.push(fields?.['error']) };
  const outcome = await checkAlone(client, logger).then(
    () => 'alone',
    (error: Error & { code?: string }) => `${error.code}: ${error.message.replace(server.url, 'URL')}`,
  );
  return { outcome, warnings, paths: server.requests.map(({ path }) => decodeURIComponent(path)) };
}

it('is content where nothing of Tekton is, or what is there is scaled to nothing or called otherwise', async () => {
  const workloads = {
    deployments: [
      { namespace: 'tekton-pipelines', replicas: 0 },
      { namespace: 'tekton-pipelines', name: 'tekton-pipelines-webhook' },
    ],
  };
  expect(await check(workloads)).toEqual({
    outcome: 'alone',
    warnings: [],
    paths: ['deployments', 'statefulsets'].map(
      (plural) => `/apis/apps/v1/${plural}?fieldSelector=metadata.name=tekton-pipelines-controller`,
    ),
  });
});

it('refuses to run beside Tekton, wherever it is, and says what to do', async () => {
  const { outcome } = await check({
    deployments: [{ namespace: 'openshift-pipelines' }],
    statefulsets: [{ namespace: 'ci', replicas: 2 }],
  });
  expect(outcome).toBe(
    'TektonInstalled: Tekton is installed on URL (Deployment openshift-pipelines/tekton-pipelines-controller, StatefulSet ' +
      'ci/tekton-pipelines-controller) and would run the same PipelineRuns and TaskRuns: leave them to it (--engine tekton; chart: engine: tekton), or ' +
      'uninstall it or scale it to 0; where it looks after other namespaces than this server, say so (setting kubernetes.besideTekton: true)',
  );
});

it('goes on with a warning where it may not look', async () => {
  const { outcome, warnings } = await check('forbidden');
  expect(outcome).toBe('alone');
  expect(warnings).toEqual(
    ['deployments', 'statefulsets'].map((plural) =>
      expect.stringMatching(new RegExp(`add this rule .*apiGroups: \\["apps"\\], resources: \\["${plural}"\\], verbs: \\["list"\\]`)),
    ),
  );
});
