import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { manifests } from '../../src/cli/manifests.ts';
import { parseSettings } from '../../src/main/settings.ts';
import { CHART, type Manifest, renderedObjects, valuesFiles } from '../support/chart.ts';
import { strictErrors } from '../support/strict-kubernetes.ts';

/** Kinds that are not Kubernetes' own. */
const FOREIGN = new Set(['HTTPRoute', 'ServiceMonitor']);

const find = (objects: readonly Manifest[], kind: string, name = /./): Manifest =>
  objects.find((object) => object.kind === kind && name.test(object.metadata.name));
const rules = (role: Manifest): readonly string[] =>
  role.rules.map(({ apiGroups, resources, verbs }: Record<string, readonly string[]>) =>
    [apiGroups?.[0] || 'core', resources?.join(', '), verbs?.join(', ')].join(' | '),
  );

describe('the chart', () => {
  describe.each(valuesFiles)('with %s', (_name, file) => {
    it('makes nothing that Kubernetes does not know', async () => {
      const objects = await renderedObjects(file);
      expect(objects.filter(({ kind }) => !FOREIGN.has(kind)).flatMap(strictErrors)).toEqual([]);
    });

    it('gives no object twice, and each the labels and the namespace it belongs to', async () => {
      const objects = await renderedObjects(file);
      const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`);
      expect(names).toEqual([...new Set(names)]);
      for (const { kind, metadata } of objects) {
        expect(metadata.labels['app.kubernetes.io/instance'], metadata.name).toBe('tappet');
        expect(metadata.namespace === undefined, `${kind} ${metadata.name}`).toBe(kind.startsWith('Cluster'));
        expect(metadata.name.length).toBeLessThanOrEqual(63);
      }
    });

    it('asks for no right to everything, and for no list of secrets', async () => {
      const roles = (await renderedObjects(file)).filter(({ kind }) => /Role$/.test(kind));
      expect(roles.length).toBeGreaterThan(1);
      for (const role of roles) {
        for (const rule of role.rules) {
          expect(JSON.stringify(rule)).not.toContain('*');
          if (rule.resources.includes('secrets')) expect(['get', 'create']).toContain(rule.verbs.join());
        }
      }
    });

    it('selects the pods it makes', async () => {
      const objects = await renderedObjects(file);
      const { labels } = find(objects, 'StatefulSet').spec.template.metadata;
      const selectors = objects.flatMap(({ kind, spec }) =>
        kind === 'Service'
          ? [spec.selector]
          : kind === 'NetworkPolicy'
            ? [spec.podSelector.matchLabels]
            : /StatefulSet|PodDisruptionBudget/.test(kind)
              ? [spec.selector.matchLabels]
              : [],
      );
      expect(selectors.length).toBe(5);
      for (const selector of selectors) expect(labels).toMatchObject(selector);
    });
  });

  it('runs a pod that fits the standard "restricted"', async () => {
    const { spec } = find(await renderedObjects(undefined), 'StatefulSet').spec.template;
    expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(spec.containers[0].securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(spec.volumes.map((volume: object) => Object.keys(volume)[1])).toEqual(['configMap', 'emptyDir']);
  });

  it('tells in its README of each right, and of no other', async () => {
    const readme = await readFile(join(CHART, 'README.md'), 'utf8');
    const told = [...readme.matchAll(/^\| (core|apps|\w+\.[\w.]+) \| ([\w/, ]+) \| ([a-z, ]+) \| .+ \|$/gm)].map(([, ...cells]) =>
      cells.join(' | '),
    );
    const given = rules(find(await renderedObjects(undefined), 'ClusterRole', /^ci-tappet$/));
    expect([...given].sort()).toEqual([...told].sort());
  });

  it('with watched namespaces gives rights in these only', async () => {
    const objects = await renderedObjects(undefined, ['watchNamespaces={team-a,team-b}']);
    expect(rules(find(objects, 'ClusterRole', /^ci-tappet$/))).toEqual([
      'triggers.tekton.dev | clustertriggerbindings, clusterinterceptors | get, list, watch',
      'apps | deployments, statefulsets | list',
    ]);
    const roles = objects.filter(({ kind }) => kind === 'Role');
    expect(roles.map(({ metadata }) => metadata.namespace).sort()).toEqual(['ci', 'team-a', 'team-b']);
  });

  it('takes the rights of an engine away with the engine', async () => {
    const role = find(await renderedObjects(undefined, ['engine=none']), 'ClusterRole', /^ci-tappet$/);
    expect(rules(role).join('\n')).not.toMatch(/pods|persistentvolumeclaims|pipelineruns\/status|deployments/);
  });

  it.each(valuesFiles)('gives the server settings that it takes, with %s', async (_name, file) => {
    const { data } = find(await renderedObjects(file), 'ConfigMap');
    const parsed = parseSettings({ dataDir: '/var/lib/tappet', ...parse(data['config.yaml']) });
    expect(parsed).toMatchObject({ ok: true, settings: { cluster: true } });
  });

  it('says what the values say in the settings, where these do not say it themselves', async () => {
    const set = ['engine=none,rbac.impersonation.enabled=false,entrypoint.image=busybox:1,watchNamespaces={a}'];
    const settings = async (...more: string[]) =>
      parse(find(await renderedObjects(undefined, [...set, ...more]), 'ConfigMap').data['config.yaml']);
    const kubernetes = { group: 'tappet', impersonate: false, entrypointDelivery: 'auto', entrypointImage: 'busybox:1', namespaces: ['a'] };
    expect(await settings()).toEqual({
      publicUrl: expect.stringMatching(/^http:\/\/tappet\..*\.svc:80$/),
      cluster: true,
      runs: 'none',
      kubernetes,
    });
    expect(await settings('config.kubernetes.entrypointImage=mine')).toMatchObject({
      kubernetes: { ...kubernetes, entrypointImage: 'mine' },
    });
  });

  it('starts pods anew when their settings change, and puts no secret into anything but a Secret', async () => {
    const annotations = async (...set: string[]): Promise<object> =>
      find(await renderedObjects(undefined, set), 'StatefulSet').spec.template.metadata.annotations;
    expect(await annotations('config.maxPods=3')).not.toEqual(await annotations());
    const objects = await renderedObjects(undefined, ['api.token.value=sixteen or more characters']);
    expect(objects.filter((object) => JSON.stringify(object).includes('sixteen')).map(({ kind }) => kind)).toEqual(['Secret']);
    expect(find(objects, 'StatefulSet').spec.template.spec.containers[0].env).toContainEqual({
      name: 'TAPPET_API_TOKEN',
      valueFrom: { secretKeyRef: { name: 'tappet-api', key: 'token' } },
    });
  });

  it.each([
    ['ingres.enabled=true', 'values: Unrecognized key: "ingres"'],
    ['replicaCount=0', /^replicaCount: .*>=1/],
    ['watchNamespaces={Team_A}', /^watchNamespaces.0: /],
    ['api.token.value=short', /^api.token.value: /],
    ['engine=argo', /^engine: .*"tappet"\|"tekton"\|"none"/],
    ['ingress.resource.enabled=true', /ingress.resource.hosts: name a host that webhooks are sent to/],
    ['gateway.enabled=true', /gateway.parentRefs: name the Gateway/],
    ['serviceMonitor.enabled=true', /metrics want the API's token; set api.token.value or api.token.existingSecret/],
  ])('refuses %s', async (set, message) => {
    await expect(manifests({ set: [set], name: 'tappet', namespace: 'ci' })).rejects.toThrow(message);
  });

  it('refuses names that no object could have', async () => {
    await expect(manifests({ name: 'Tappet', namespace: 'ci' })).rejects.toThrow('--name Tappet: expected lower case letters');
    await expect(manifests({ name: 'tappet', namespace: '../x' })).rejects.toThrow('--namespace ../x: expected');
  });
});
