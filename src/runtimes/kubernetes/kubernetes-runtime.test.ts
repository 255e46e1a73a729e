import { expect, it } from 'vitest';
import { pod as plan } from '../../../test/contract/runtime-support.ts';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import { type ScriptedCluster, scriptedCluster } from '../../../test/support/scripted-cluster.ts';
import { silentLogger } from '../../../test/support/silent-logger.ts';
import { turnHands } from '../../../test/support/turn-hands.ts';
import type { Logger } from '../../ports/logger.ts';
import { podVerdict } from '../../tasks/pod-verdict.ts';

const planned = (uid = 'u1-0') => plan({ uid, steps: [{ name: 'one', command: ['true'] }] });
const materials = { configMaps: new Map(), secrets: new Map() };

it('reads the limit ranges of all namespaces once, however many pods there are', async () => {
  const cluster = await scriptedCluster();
  const limit = { type: 'Container', defaultRequest: { cpu: '1' } };
  cluster.limitRanges = [
    { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'a', namespace: 'ci' }, spec: { limits: [limit] } },
    {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: 'b', namespace: 'other' },
      spec: { limits: [{ ...limit, min: { cpu: '9' } }] },
    },
  ];
  await cluster.runtime.start(planned('u1-0'), materials);
  await cluster.runtime.start(planned('u2-0'), materials);
  expect(cluster.created.map(({ spec }) => spec.containers[0]?.resources)).toEqual([
    { requests: { cpu: '1' } },
    { requests: { cpu: '1' } },
  ]);
  expect(cluster.requestsOf('GET', /limitranges/).map(({ path }) => path.includes('watch'))).toEqual([false, true]);
});

it('makes pods where nobody lets it read limit ranges, and says so once', async () => {
  const warnings: string[] = [];
  const logger: Logger = { ...silentLogger, warn: (message, fields) => warnings.push(`${message}: ${fields?.['error']}`) };
  const cluster = await scriptedCluster({ logger });
  cluster.limitRanges = 403;
  await turnHands(cluster.clock, cluster.runtime.start(planned('u1-0'), materials));
  await turnHands(cluster.clock, cluster.runtime.start(planned('u2-0'), materials));
  expect(cluster.created).toHaveLength(2);
  expect(warnings).toEqual([expect.stringContaining('{apiGroups: [""], resources: ["limitranges"], verbs: ["list"]}')]);
});

it('waits where a quota is full, says so, and makes the pod once there is room', async () => {
  const cluster = await scriptedCluster();
  const full = 'pods "u1-0-pod" is forbidden: exceeded quota: few, requested: pods=1, used: pods=2, limited: pods=2';
  cluster.refusals.push({ code: 403, reason: 'Forbidden', message: full }, { code: 403, reason: 'Forbidden', message: full });
  await cluster.runtime.start(planned(), materials);
  const seen = await cluster.runtime.observe('u1-0');
  expect(seen && podVerdict(seen, false)).toEqual({
    status: 'Unknown',
    reason: 'ExceededResourceQuota',
    message: `TaskRun Pod exceeded available resources: ${full}`,
  });
  await turnHands(
    cluster.clock,
    until(cluster, () => cluster.created.length > 0),
  );
  // After one second, and after two more.
  expect(cluster.clock.now() - begin).toBe(3_000);
  expect((await cluster.runtime.observe('u1-0'))?.reason).toBeUndefined();
});

it.each([
  [403, 'pods "p" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false', 'PodAdmissionFailed'],
  [422, 'Pod "p" is invalid: spec.containers[0].image: Required value', 'PodCreationFailed'],
])('tells a pod that will never be made from one that may be: %d %s', async (code, message, reason) => {
  const cluster = await scriptedCluster();
  cluster.refusals.push({ code, reason: code === 403 ? 'Forbidden' : 'Invalid', message });
  await cluster.runtime.start(planned(), materials);
  const seen = await cluster.runtime.observe('u1-0');
  expect(seen && podVerdict(seen, false)).toEqual({ status: 'False', reason, message });
});

it.each([
  [409, 'Conflict', 'Operation cannot be fulfilled on resourcequotas "few": the object has been modified', 'ResourceQuotaConflict'],
  [
    403,
    'Forbidden',
    'pods "p" is forbidden: unable to create new content in namespace ci because it is being terminated',
    'NamespaceTerminating',
  ],
])('asks again after %d %s %s', async (code, reason, message, expected) => {
  const cluster = await scriptedCluster();
  cluster.refusals.push({ code, reason, message });
  await cluster.runtime.start(planned(), materials);
  expect(await cluster.runtime.observe('u1-0')).toMatchObject({ phase: 'Pending', reason: expected });
  await turnHands(
    cluster.clock,
    until(cluster, () => cluster.created.length > 0),
  );
});

it('takes an image that cannot be looked up for one whose pull backs off, after the third time', async () => {
  let asked = 0;
  const lookUpImage = async () => ({ ok: false, reason: 'ErrImagePull', message: `no such host, ${++asked}` }) as const;
  const cluster = await scriptedCluster({ lookUpImage });
  await cluster.runtime.start(plan({ uid: 'u1-0', steps: [{ name: 'one' }] }), materials);
  const waiting = async () => (await cluster.runtime.observe('u1-0'))?.steps[0]?.state;
  expect(await waiting()).toMatchObject({ reason: 'ErrImagePull', message: 'no such host, 1' });
  await turnHands(
    cluster.clock,
    until(cluster, () => asked > 2),
  );
  expect(await waiting()).toMatchObject({ reason: 'ImagePullBackOff' });
});

it('lets a pod be made anew that was deleted before a step began, and only that', async () => {
  const cluster = await scriptedCluster();
  await cluster.runtime.start(planned(), materials);
  await cluster.becomes(undefined);
  expect(await cluster.runtime.observe('u1-0')).toBeUndefined();
  await cluster.runtime.start(planned(), materials);
  expect(cluster.created).toHaveLength(2);

  const containerStatuses = [{ name: 'step-one', state: { running: { startedAt: '2026-01-01T00:00:00Z' } } }];
  await cluster.becomes({ phase: 'Running', containerStatuses }, { nodeName: 'n' });
  await cluster.becomes(undefined);
  expect(await cluster.runtime.observe('u1-0')).toMatchObject({ phase: 'Failed', reason: 'Deleted' });
});

it('would like a pod on the node where its group was last', async () => {
  const cluster = await scriptedCluster();
  const nodeGroup = { name: 'affinity-assistant-0', isolated: false };
  const grouped = (uid: string) => ({ ...planned(uid), nodeGroup });
  await cluster.runtime.start(grouped('u1-0'), materials);
  await cluster.becomes({ phase: 'Succeeded', startTime: '2026-01-01T00:00:00Z' }, { nodeName: 'node-7' });
  await cluster.runtime.start(grouped('u2-0'), materials);
  const [first, second] = cluster.created.map(({ spec }) => JSON.stringify(spec['affinity']));
  expect(first).not.toContain('nodeAffinity');
  expect(second).toContain('"values":["node-7"]');
  expect(cluster.created[0]?.metadata.labels).toMatchObject({ 'tappet.dev/node-group': 'affinity-assistant-0' });
});

const begin = new ManualClock().now();

/** Resolves at the change of a pod at which it is so. */
function until({ runtime }: ScriptedCluster, isSo: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const stop = runtime.onChange(() => {
      if (!isSo()) return;
      stop();
      resolve();
    });
  });
}
