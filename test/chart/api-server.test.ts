import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manifests } from '../../src/cli/manifests.ts';
import { valuesFiles } from '../support/chart.ts';
import { hasKubectl, type Kubectl, kubectl } from '../support/kubectl.ts';

const kubeconfig = process.env['TAPPET_TEST_KUBECONFIG'];
const available = kubeconfig !== undefined && hasKubectl();

describe.skipIf(!available)(
  `an API server${available ? '' : ' (skipped: TAPPET_TEST_KUBECONFIG names none, or there is no kubectl)'}`,
  () => {
    const namespace = `tappet-chart-${process.pid}`;
    let client: Kubectl;
    beforeAll(async () => {
      client = kubectl(kubeconfig ?? '');
      const metadata = { name: namespace, labels: { 'pod-security.kubernetes.io/warn': 'restricted' } };
      const created = await client.run(['create', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata }));
      expect(created.stderr).toBe('');
    });
    afterAll(async () => {
      await client?.run(['delete', 'namespace', namespace, '--wait=false']);
      client?.close();
    });

    it.each(valuesFiles)('takes everything, strictly, and has no warning about the pod: %s', async (name, file) => {
      const text = await manifests({
        values: file === undefined ? [] : [file],
        // Namespaces that are there, and no kinds of others that are not.
        set: [
          'gateway.enabled=false,serviceMonitor.enabled=false',
          ...(name.startsWith('namespaced') ? [`watchNamespaces={${namespace}}`] : []),
        ],
        name: 'tappet',
        namespace,
        includeCrds: file === undefined,
      });
      const { code, stdout, stderr } = await client.run(
        ['apply', '--dry-run=server', '--validate=strict', '--server-side', '-f', '-'],
        text,
      );
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout.trim().split('\n').length).toBe(text.match(/^kind: /gm)?.length);
    });
  },
);
