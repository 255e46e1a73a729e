import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/main/system-clock.ts';
import type { Runtime } from '../../src/ports/runtime.ts';
import { probeBubblewrap } from '../../src/runtimes/sandbox/bubblewrap/probe-bubblewrap.ts';
import { createSandboxRuntime } from '../../src/runtimes/sandbox/create-sandbox-runtime.ts';
import type { PlannedVolume, PodPlan } from '../../src/tasks/pod-plan.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { materials, pod, readLog, runToEnd, until } from './runtime-support.ts';

const bubblewrap = await probeBubblewrap();

for (const isolation of ['bubblewrap', 'process'] as const) {
  const unavailable = isolation === 'bubblewrap' && !bubblewrap.ok ? bubblewrap.message : undefined;
  describe.skipIf(unavailable !== undefined)(
    `volumes in ${isolation}${unavailable === undefined ? '' : ` (skipped: ${unavailable})`}`,
    () => {
      let dataDir: string;
      let host: string;
      let runtime: Runtime;
      const open = async (hostPaths: readonly string[]): Promise<Runtime> => {
        const one = await createSandboxRuntime({
          dataDir,
          imageMap: [{ pattern: 'busybox', serves: 'host' }],
          isolation,
          hostPaths,
          clock: systemClock,
          logger: silentLogger,
        });
        onTestFinished(async () => {
          for (const uid of await one.list()) await one.stop(uid, { graceMs: 0 }).catch(() => undefined);
          await one.close();
        });
        return one;
      };
      const mounting = (volume: PlannedVolume, sh: string, more: Partial<PodPlan> = {}, readOnly = false): PodPlan =>
        pod({
          uid: 'a-0',
          volumes: [volume],
          steps: [{ name: 'one', sh, mounts: [{ volume: volume.name, mountPath: '/given', readOnly }] }],
          ...more,
        } as Parameters<typeof pod>[0]);
      const problemOf = async (plan: PodPlan): Promise<unknown> => {
        await runtime.start(plan, materials());
        const seen = await runtime.observe(plan.uid);
        await runtime.stop(plan.uid, { graceMs: 0 });
        return seen?.steps[0]?.state;
      };
      const hostPath = (path: string, kind = ''): PlannedVolume => ({ type: 'hostPath', name: 'v', path, kind });

      beforeEach(async () => {
        dataDir = temporaryDirectory();
        host = temporaryDirectory();
        mkdirSync(join(host, 'open'));
        writeFileSync(join(host, 'open', 'file'), 'from the host\n');
        runtime = await open([join(host, 'open')]);
      });

      it('hostPath: a folder that the configuration allows, read and written', async () => {
        const seen = await runToEnd(
          runtime,
          mounting(hostPath(join(host, 'open'), 'Directory'), 'cat /given/file; echo back > /given/answer'),
        );
        expect(seen.phase).toBe('Succeeded');
        expect(await readLog(runtime, 'a-0', 'step-one')).toBe('from the host\n');
        expect(readFileSync(join(host, 'open', 'answer'), 'utf8')).toBe('back\n');
      });

      it('hostPath: a single file, and one that is created', async () => {
        const plan = mounting(hostPath(join(host, 'open', 'file'), 'File'), 'cat /given');
        expect((await runToEnd(runtime, plan)).phase).toBe('Succeeded');
        expect(await readLog(runtime, 'a-0', 'step-one')).toBe('from the host\n');
        const created = mounting(hostPath(join(host, 'open', 'new', 'sub'), 'DirectoryOrCreate'), 'echo x > /given/y', { uid: 'b-0' });
        expect((await runToEnd(runtime, created)).phase).toBe('Succeeded');
        expect(readFileSync(join(host, 'open', 'new', 'sub', 'y'), 'utf8')).toBe('x\n');
      });

      it.skipIf(isolation === 'process')('hostPath: read-only where it is asked for', async () => {
        const seen = await runToEnd(runtime, mounting(hostPath(join(host, 'open')), 'echo x > /given/y', {}, true));
        expect(seen.phase).toBe('Failed');
      });

      it.each<[string, (host: string) => PlannedVolume, RegExp]>([
        [
          'what nobody allowed',
          (dir) => hostPath(dir),
          /not mounted here: allowed are \S+\/open and what is below; the setting "hostPaths"/,
        ],
        ['a way out', (dir) => hostPath(`${dir}/open/../secret`), /expected an absolute path without "\.\."/],
        ['a relative path', () => hostPath('open'), /expected an absolute path/],
        ['a link that leads away', (dir) => hostPath(join(dir, 'open', 'away')), /not mounted here/],
        [
          'what is not there',
          (dir) => hostPath(join(dir, 'open', 'nope'), 'Directory'),
          /hostPath type check failed: there is no such file/,
        ],
        ['another type', (dir) => hostPath(join(dir, 'open', 'file'), 'Directory'), /hostPath type check failed: it is no directory/],
      ])('hostPath: refuses %s', async (_, volume, message) => {
        symlinkSync('/etc', join(host, 'open', 'away'));
        expect(await problemOf(mounting(volume(host), 'true'))).toMatchObject({
          type: 'waiting',
          reason: 'CreateContainerConfigError',
          message: expect.stringMatching(message),
        });
      });

      it('hostPath: a device, and none under another name', async () => {
        await runtime.close();
        runtime = await open(['/dev/zero']);
        const plan = mounting(hostPath('/dev/zero', 'CharDevice'), 'head -c 3 /given | wc -c');
        expect((await runToEnd(runtime, plan)).phase).toBe('Succeeded');
        expect(await readLog(runtime, 'a-0', 'step-one')).toBe('3\n');
        expect(await problemOf(mounting(hostPath('/dev/zero', 'BlockDevice'), 'true', { uid: 'b-0' }))).toMatchObject({
          message: expect.stringContaining('it is no block device'),
        });
      });

      it('hostPath: says what keeps it from being created', async () => {
        const path = join(host, 'open', 'file', 'below');
        for (const kind of ['DirectoryOrCreate', 'FileOrCreate'])
          expect(await problemOf(mounting(hostPath(path, kind), 'true', { uid: kind }))).toMatchObject({
            reason: 'CreateContainerConfigError',
            message: expect.stringContaining('ENOTDIR'),
          });
      });

      it('hostPath: creates nothing behind a link that leads away', async () => {
        mkdirSync(join(host, 'closed'));
        symlinkSync('../closed', join(host, 'open', 'away'));
        for (const kind of ['DirectoryOrCreate', 'FileOrCreate']) {
          const plan = mounting(hostPath(join(host, 'open', 'away', kind), kind), 'true', { uid: kind });
          expect(await problemOf(plan)).toMatchObject({ message: expect.stringContaining('not mounted here') });
        }
        expect(readdirSync(join(host, 'closed'))).toEqual([]);
      });

      it('hostPath: never the server’s own data, whatever is allowed', async () => {
        await runtime.close();
        runtime = await open(['/']);
        for (const path of [dataDir, join(dataDir, 'pods'), '/'])
          expect(await problemOf(mounting(hostPath(path), 'true', { uid: `x-${path.length}` }))).toMatchObject({
            message: expect.stringContaining("the server's own data is never mounted"),
          });
      });

      it('downwardAPI: fields of the pod as files, also projected', async () => {
        const labels = { app: 'shop', tier: 'a "b"' };
        const items = [
          { path: 'labels', fieldPath: 'metadata.labels' },
          { path: 'deep/name', fieldPath: 'metadata.name', mode: 0o400 },
        ];
        const show = 'cat /given/labels; echo; cat /given/deep/name';
        const expected = 'app="shop"\ntier="a \\"b\\""\na-0-pod';
        await runToEnd(runtime, mounting({ type: 'downwardAPI', name: 'v', items }, show, { labels }));
        expect(await readLog(runtime, 'a-0', 'step-one')).toBe(expected);
        const projected: PlannedVolume = { type: 'projected', name: 'v', sources: [{ type: 'downwardAPI', items }] };
        await runToEnd(runtime, mounting(projected, show, { labels, uid: 'b-0', name: 'a-0-pod' }));
        expect(await readLog(runtime, 'b-0', 'step-one')).toBe(expected);
      });

      it('downwardAPI: limits of a container that is named', async () => {
        const limits = (containerName: string, resource = 'limits.memory'): PlannedVolume => {
          const items = [{ path: 'memory', resource: { containerName, resource, divisor: '1Mi' } }];
          return { type: 'downwardAPI', name: 'v', items };
        };
        const mounts = [{ volume: 'v', mountPath: '/given', readOnly: false }];
        const steps = [{ name: 'one', sh: 'cat /given/memory', mounts, computeResources: { limits: { memory: '64Mi' } } }];
        await runToEnd(runtime, pod({ uid: 'a-0', volumes: [limits('step-one')], steps }));
        expect(await readLog(runtime, 'a-0', 'step-one')).toBe('64');
        expect(await problemOf(pod({ uid: 'b-0', volumes: [limits('step-two')], steps }))).toMatchObject({
          message: 'container "step-two" not found',
        });
        expect(await problemOf(pod({ uid: 'c-0', volumes: [limits('step-one', 'limits.gpu')], steps }))).toMatchObject({
          message: 'unsupported container resource: limits.gpu',
        });
      });

      it('ephemeral: a folder of the pod', async () => {
        expect(
          (await runToEnd(runtime, mounting({ type: 'ephemeral', name: 'v', raw: {} }, 'echo x > /given/y; cat /given/y'))).phase,
        ).toBe('Succeeded');
      });

      it('ConfigMaps and Secrets: chosen keys under other names, modes, and what may be missing', async () => {
        const source = {
          name: 'm',
          items: [
            { key: 'a', path: 'deep/a', mode: 0o400 },
            { key: 'gone', path: 'gone' },
            { key: 'b', path: 'b' },
          ],
          defaultMode: 0o600,
        };
        const show = 'cd /given; find . -type f | sort | xargs stat -L -c "%n %a"; cat deep/a b';
        const plan = mounting({ type: 'configMap', name: 'v', source: { ...source, optional: true } }, show);
        await runToEnd(runtime, plan, materials({}, { m: { a: 'A', b: 'B', c: 'C' } }));
        expect(await readLog(runtime, 'a-0', 'step-one')).toBe('./b 600\n./deep/a 400\nAB');
        const nothing = { type: 'secret', name: 'v', source: { name: 'gone', optional: true } } as const;
        await runToEnd(runtime, mounting(nothing, 'ls -A /given', { uid: 'b-0' }));
        expect(await readLog(runtime, 'b-0', 'step-one')).toBe('');
        const wanted = { type: 'configMap', name: 'v', source: { ...source, optional: false } } as const;
        await runtime.start(mounting(wanted, 'true', { uid: 'c-0' }), materials({}, { m: { a: 'A', b: 'B' } }));
        expect((await runtime.observe('c-0'))?.steps[0]?.state).toMatchObject({
          reason: 'CreateContainerConfigError',
          message: 'volume "v" references non-existent config key: gone',
        });
      });

      it('subPathExpr: a folder of its own for each value; none without a value', async () => {
        const volume: PlannedVolume = { type: 'persistentVolumeClaim', name: 'v', claimName: 'shared', readOnly: false };
        const plan = (uid: string, subPathExpr: string, value: string): PodPlan =>
          pod({
            uid,
            volumes: [volume],
            steps: [
              {
                name: 'one',
                sh: 'pwd -P > /given/x',
                env: [
                  { name: 'POD', fieldPath: 'metadata.name' },
                  { name: 'VALUE', value },
                ],
                mounts: [{ volume: 'v', mountPath: '/given', subPathExpr, readOnly: false }],
              },
            ],
          });
        expect((await runToEnd(runtime, plan('a-0', 'runs/$(POD)$(VALUE)', '-x'))).phase).toBe('Succeeded');
        expect(readdirSync(join(dataDir, 'volumes/ci/shared/runs/a-0-pod-x'))).toEqual(['x']);
        for (const [expr, value, message] of [
          ['$(NOPE)/$(VALUE)', '', 'mount /given: subPathExpr: missing value for NOPE, VALUE'],
          ['$(VALUE)', '/etc', 'mount /given: error SubPath `/etc` must not be an absolute path'],
          ['$(VALUE)', '../other', 'has ".." in it'],
        ] as const) {
          const uid = `p${value.length}-0`;
          await runtime.start(plan(uid, expr, value), materials());
          const seen = await until(runtime, uid, ({ steps }) => steps[0]?.state.type === 'waiting' && steps[0].state.message !== undefined);
          expect(seen.steps[0]?.state).toMatchObject({ reason: 'CreateContainerConfigError', message: expect.stringContaining(message) });
        }
      });

      it('block devices: refused, not left out', async () => {
        const plan = pod({ uid: 'a-0', steps: [{ name: 'one', sh: 'true', devices: [{ name: 'v', devicePath: '/dev/x' }] }] });
        expect(await problemOf(plan)).toMatchObject({ message: expect.stringContaining('block devices') });
      });

      it('what only a cluster can serve: says so at once', async () => {
        expect(await problemOf(mounting({ type: 'other', name: 'v', raw: { name: 'v', nfs: {} } }, 'true'))).toMatchObject({
          reason: 'CreateContainerConfigError',
          message: expect.stringContaining('only a cluster can serve nfs'),
        });
      });
    },
  );
}
