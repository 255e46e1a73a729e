import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ClusterUnderTest,
  clusterHasUsers,
  clusterName,
  clusterUnavailable,
  clusterUnderTest,
  skippedBecause,
} from '../support/kubelet/cluster-under-test.ts';
import { PodWorld, sh, states } from '../support/kubelet/pod-world.ts';

/** What our runtime relies on a kubelet to do. The same on a real one and on the stand-in, which holds it to the truth. */
describe.skipIf(clusterUnavailable !== undefined)(`what containers are given on ${clusterName}${skippedBecause}`, () => {
  let cluster: ClusterUnderTest;
  let pods: PodWorld;
  beforeAll(async () => {
    cluster = await clusterUnderTest();
    pods = new PodWorld(cluster);
  });
  afterAll(async () => {
    await cluster?.close();
  });

  it('gives a container its variables, files, user and root as asked', async () => {
    const { namespace, store } = cluster;
    await store.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'given', namespace }, data: { a: '1', b: '2' } });
    const volumes = [
      { name: 'scratch', emptyDir: { medium: 'Memory' } },
      { name: 'disk', emptyDir: {} },
      { name: 'map', configMap: { name: 'given', items: [{ key: 'b', path: 'deep/b', mode: 0o400 }] } },
      {
        name: 'down',
        downwardAPI: { items: [{ path: 'note', fieldRef: { fieldPath: "metadata.annotations['note']" } }], defaultMode: 0o555 },
      },
    ];
    const container = sh('main', '', {
      workingDir: '/work/here',
      env: [
        { name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
        { name: 'BOTH', value: '$(NAME)-$(X_a)-$$(NAME)-$(none)' },
      ],
      envFrom: [{ prefix: 'X_', configMapRef: { name: 'given' } }],
      securityContext: { runAsUser: 4711, readOnlyRootFilesystem: true },
      volumeMounts: [
        { name: 'map', mountPath: '/map' },
        { name: 'down', mountPath: '/down' },
        { name: 'disk', mountPath: '/disk' },
        { name: 'scratch', mountPath: '/scratch', readOnly: true },
        { name: 'scratch', mountPath: '/scratch/own', subPath: 'own' },
      ],
      command: [
        'sh',
        '-c',
        `pwd; echo "$BOTH" "$0" "$X_b"; id -u; id -g; cat /down/note; ls /map/..data/deep; readlink /map/deep
         for file in /root/x /scratch/x /scratch/own/x /down/x; do (: > $file) 2>/dev/null && echo "$file written"; done
         stat -c %a /scratch /scratch/own /disk; exit 0`,
        '$(NAME) $$(NAME)',
      ],
    });
    const pod = await pods.ended(
      await pods.create({ volumes, containers: [container] }, { name: 'given', annotations: { note: 'text\n' } }),
    );
    expect((await pods.log(pod, 'main')).split('\n')).toEqual([
      '/work/here',
      'given-1-$(NAME)-$(none) given $(NAME) 2',
      '4711',
      '0',
      'text',
      'b',
      '..data/deep',
      '/scratch/own/x written',
      '1777',
      '1777',
      '777',
      '',
    ]);
  });

  it.skipIf(!clusterHasUsers)("keeps root's files from another user, and shares them with the pod's group", async () => {
    const { namespace, store } = cluster;
    await store.create({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'closed', namespace }, data: { key: 'c2VjcmV0' } });
    const volumes = [
      { name: 'secret', secret: { secretName: 'closed', defaultMode: 0o400 } },
      { name: 'disk', emptyDir: {} },
    ];
    const volumeMounts = [
      { name: 'secret', mountPath: '/secret' },
      { name: 'disk', mountPath: '/disk' },
    ];
    const look = 'cat /secret/key 2>/dev/null || printf closed; echo; touch /disk/mine; stat -c %a /disk';
    const container = sh('main', look, { volumeMounts, securityContext: { runAsUser: 4711 } });
    const stranger = await pods.ended(await pods.create({ volumes, containers: [container] }));
    const member = await pods.ended(await pods.create({ volumes, containers: [container], securityContext: { fsGroup: 2000 } }));
    expect(await pods.log(stranger, 'main')).toBe('closed\n777\n');
    expect(await pods.log(member, 'main')).toBe('secret\n2777\n');
  });

  it('keeps as much of last words as Kubernetes does, and takes a log for them where asked to', async () => {
    const long = "head -c 5000 /dev/zero | tr '\\0' a > /dev/termination-log; printf end >> /dev/termination-log";
    const pod = await pods.ended(
      await pods.create({
        containers: [
          sh('long', long),
          sh('quiet', 'echo only in the log; exit 1', { terminationMessagePolicy: 'FallbackToLogsOnError' }),
          ...['c', 'd', 'e', 'f'].map((name) => sh(name, 'true')),
        ],
      }),
    );
    const message = states(pod)['long']?.terminated?.message ?? '';
    expect([message.length, /^a+$/.test(message)]).toEqual([2048, true]);
    expect(states(pod)['quiet']?.terminated?.message).toBe('only in the log\n');
  });

  it('refuses a pod that has a field that there is not, and one that nothing can be', async () => {
    const refusals = [
      { containers: [sh('main', 'true', { volumeMounts: [{ name: 'absent', mountPath: '/x' }] })] },
      { containers: [sh('main', 'true'), sh('main', 'true')] },
      { containers: [] },
    ];
    for (const spec of refusals) await expect(pods.create(spec)).rejects.toMatchObject({ code: 'Invalid' });
    await expect(pods.create({ serviceAccountName: 'nobody', containers: [sh('main', 'true')] })).rejects.toMatchObject({
      code: 'Forbidden',
    });
  });
});
