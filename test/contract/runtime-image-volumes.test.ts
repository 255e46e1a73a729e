import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/main/system-clock.ts';
import type { Runtime } from '../../src/ports/runtime.ts';
import { probeBubblewrap } from '../../src/runtimes/sandbox/bubblewrap/probe-bubblewrap.ts';
import { createSandboxRuntime } from '../../src/runtimes/sandbox/create-sandbox-runtime.ts';
import type { PlannedMount, PlannedVolume, PodPlan } from '../../src/tasks/pod-plan.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { hasEnded, materials, pod, readLog, runToEnd, until } from './runtime-support.ts';

const bubblewrap = await probeBubblewrap();

for (const isolation of ['bubblewrap', 'process'] as const) {
  const unavailable = isolation === 'bubblewrap' && !bubblewrap.ok ? bubblewrap.message : undefined;
  describe.skipIf(unavailable !== undefined)(
    `image volumes in ${isolation}${unavailable === undefined ? '' : ` (skipped: ${unavailable})`}`,
    () => {
      let dataDir: string;
      let image: string;
      let runtime: Runtime;

      const rules = (
        reference: string,
        ...mounts: Partial<PlannedMount>[]
      ): Pick<Parameters<typeof pod>[0], 'volumes'> & { mounts: PlannedMount[] } => ({
        volumes: [{ type: 'image', name: 'v', reference } satisfies PlannedVolume, { type: 'emptyDir', name: 'e' }],
        mounts: mounts.map((mount) => ({ volume: 'v', mountPath: '/rules', readOnly: false, ...mount })),
      });
      const planOf = (sh: string, reference: string, ...mounts: Partial<PlannedMount>[]): PodPlan => {
        const given = rules(reference, ...(mounts.length > 0 ? mounts : [{}]));
        return pod({ uid: 'a-0', volumes: given.volumes, steps: [{ name: 'one', sh, mounts: given.mounts }] });
      };
      const problemOf = async (plan: PodPlan): Promise<string | undefined> => {
        await runtime.start(plan, materials());
        const seen = await until(
          runtime,
          plan.uid,
          ({ steps }) => steps[0]?.state.type === 'waiting' && steps[0].state.message !== undefined,
        );
        const state = seen.steps[0]?.state;
        await runtime.stop(plan.uid, { graceMs: 0 });
        expect(state).toMatchObject({ type: 'waiting', reason: 'CreateContainerConfigError' });
        return state?.type === 'waiting' ? state.message : undefined;
      };

      const open = async (): Promise<Runtime> => {
        const one = await createSandboxRuntime({
          dataDir,
          imageMap: [
            { pattern: 'busybox', serves: 'host' },
            { pattern: 'registry.example/rules', serves: image },
            { pattern: 'registry.example/gone', serves: join(image, 'gone') },
            { pattern: 'registry.example/around', serves: join(dataDir, '..') },
          ],
          isolation,
          clock: systemClock,
          logger: silentLogger,
        });
        onTestFinished(async () => {
          for (const uid of await one.list()) await one.stop(uid, { graceMs: 0 }).catch(() => undefined);
          await one.close();
        });
        return one;
      };

      beforeEach(async () => {
        dataDir = temporaryDirectory();
        image = temporaryDirectory();
        mkdirSync(join(image, 'sets/empty'), { recursive: true });
        writeFileSync(join(image, 'sets/base.yaml'), 'rule: one\n');
        symlinkSync('/etc', join(image, 'away'));
        runtime = await open();
      });

      it('shows the image that the image map names, whatever its tag', async () => {
        expect((await runToEnd(runtime, planOf('cat /rules/sets/base.yaml', 'registry.example/rules:v3'))).phase).toBe('Succeeded');
        expect(await readLog(runtime, 'a-0', 'step-one')).toBe('rule: one\n');
      });

      it('shows a part of it: a folder, a file', async () => {
        const plan = planOf(
          'ls /rules; cat /one.yaml',
          'registry.example/rules',
          { subPath: 'sets' },
          { mountPath: '/one.yaml', subPath: 'sets/base.yaml' },
        );
        expect((await runToEnd(runtime, plan)).phase).toBe('Succeeded');
        expect(await readLog(runtime, 'a-0', 'step-one')).toBe('base.yaml\nempty\nrule: one\n');
      });

      it.skipIf(isolation === 'process')('is read-only, asked for or not', async () => {
        const seen = await runToEnd(runtime, planOf('touch /rules/new', 'registry.example/rules'));
        expect(seen.phase).toBe('Failed');
        expect(await readLog(runtime, 'a-0', 'step-one')).toMatch(/Read-only file system/);
      });

      it.each<[string, string, Partial<PlannedMount>[], RegExp]>([
        [
          'of which nothing is known',
          'registry.example/unknown',
          [{}],
          /^volume "v": Back-off pulling image "registry\.example\/unknown": nothing on this machine serves it/,
        ],
        ['of no name', '', [{}], /^volume "v": .*invalid reference format/],
        [
          'that this machine itself stands for',
          'busybox',
          [{}],
          /^volume "v": image busybox: this machine's own programs stand for it; .*--image-map 'busybox=\/path\/to\/unpacked\/root'/,
        ],
        ['whose folder is gone', 'registry.example/gone', [{}], /^volume "v": image registry\.example\/gone: .*ENOENT/],
        [
          'that holds the server’s data',
          'registry.example/around',
          [{}],
          /^volume "v": image registry\.example\/around: the server's own data is never mounted/,
        ],
        ['part that it lacks', 'registry.example/rules', [{ subPath: 'nope' }], /^mount \/rules: subPath: there is no "nope" in it/],
        ['part that lies elsewhere', 'registry.example/rules', [{ subPath: 'away' }], /^mount \/rules: subPath: .*leaves its volume/],
        [
          'with something mounted inside',
          'registry.example/rules',
          [{}, { volume: 'e', mountPath: '/rules/sets/empty' }],
          /^mount \/rules\/sets\/empty: nothing can be mounted inside of the image volume at \/rules/,
        ],
      ])('refuses one %s', async (_, reference, mounts, message) => {
        expect(await problemOf(planOf('true', reference, ...mounts))).toMatch(message);
      });

      it('is there for the steps that follow a restart of the server', async () => {
        const { volumes, mounts } = rules('registry.example/rules', {});
        const steps = [
          { name: 'wait', sh: 'until [ -e /rules/go ]; do sleep 0.05; done', mounts },
          { name: 'one', sh: 'cat /rules/sets/base.yaml', mounts },
        ];
        await runtime.start(pod({ uid: 'a-0', volumes, steps }), materials());
        await until(runtime, 'a-0', (seen) => seen.steps[0]?.state.type === 'running');
        await runtime.close();
        runtime = await open();
        writeFileSync(join(image, 'go'), '');
        expect((await until(runtime, 'a-0', hasEnded)).phase).toBe('Succeeded');
        expect(await readLog(runtime, 'a-0', 'step-one')).toBe('rule: one\n');
      });

      it('is never written to by what prepares a pod', async () => {
        const { volumes, mounts } = rules('registry.example/rules', { mountPath: '/workspace/rules' });
        const steps = [{ name: 'one', sh: 'true', mounts, workingDir: '/workspace/rules/new' }];
        const credentials = new Map([['.gitconfig', '[user]\n']]);
        const plan = pod({
          uid: 'b-0',
          volumes,
          steps: [{ name: 'home', sh: 'true', mounts, env: [{ name: 'HOME', value: '/workspace/rules' }] }, ...steps],
        });
        await runtime.start(plan, { ...materials(), credentials });
        await until(
          runtime,
          'b-0',
          ({ phase, steps: [, two] }) => phase === 'Failed' || phase === 'Succeeded' || two?.state.type === 'waiting',
        );
        expect([image, join(image, 'sets'), join(image, 'sets/empty')].map((path) => readdirSync(path).toSorted())).toEqual([
          ['away', 'sets'],
          ['base.yaml', 'empty'],
          [],
        ]);
      });
    },
  );
}
