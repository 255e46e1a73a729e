import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname, totalmem } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/main/system-clock.ts';
import type { Runtime } from '../../src/ports/runtime.ts';
import { probeBubblewrap } from '../../src/runtimes/sandbox/bubblewrap/probe-bubblewrap.ts';
import { createSandboxRuntime, type SandboxRuntimeOptions } from '../../src/runtimes/sandbox/create-sandbox-runtime.ts';
import type { PlannedEnv } from '../../src/tasks/pod-plan.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { hasEnded, materials, outcomes, pod, readLog, runToEnd, taskResults, until } from './runtime-support.ts';

const probe = await probeBubblewrap();

/** What both isolations owe a step. */
for (const isolation of ['bubblewrap', 'process'] as const) {
  const unavailable = isolation === 'bubblewrap' && !probe.ok ? probe.message : undefined;
  describe.skipIf(unavailable !== undefined)(
    `steps in ${isolation}${unavailable === undefined ? '' : ` (skipped: ${unavailable})`}`,
    () => {
      let dataDir: string;
      let runtime: Runtime;
      const open = async (options: Partial<SandboxRuntimeOptions> = {}): Promise<Runtime> => {
        const one = await createSandboxRuntime({
          dataDir,
          imageMap: [{ pattern: 'busybox', serves: 'host', env: { FROM_IMAGE: 'image' } }],
          isolation,
          clock: systemClock,
          logger: silentLogger,
          ...options,
        });
        onTestFinished(async () => {
          for (const uid of await one.list()) await one.stop(uid, { graceMs: 0 }).catch(() => undefined);
          await one.close();
        });
        return one;
      };
      const log = async (...args: Parameters<typeof runToEnd> extends [unknown, ...infer Rest] ? Rest : never): Promise<string> => {
        const seen = await runToEnd(runtime, ...args);
        expect(seen).toMatchObject({ phase: 'Succeeded' });
        return readLog(runtime, seen.uid, seen.steps[0]?.container ?? '');
      };

      beforeEach(async () => {
        dataDir = temporaryDirectory();
        runtime = await open();
      });

      it('resolves the environment as the kubelet does', async () => {
        const env: PlannedEnv[] = [
          { name: 'PLAIN', value: 'a b' },
          { name: 'JOINED', value: '$(PLAIN)/$(TOKEN)/$$(PLAIN)/$(NOBODY)' },
          { name: 'TOKEN', secret: { name: 'creds', key: 'token', optional: false } },
          { name: 'LATER', value: '$(TOKEN)' },
          { name: 'LEVEL', configMap: { name: 'settings', key: 'level', optional: false } },
          { name: 'NONE', secret: { name: 'absent', key: 'x', optional: true } },
          { name: 'NODE', fieldPath: 'spec.nodeName' },
          { name: 'LABEL', fieldPath: "metadata.labels['app']" },
          { name: 'PLAIN', value: 'last wins' },
          { name: 'CPU', resource: { resource: 'limits.cpu', divisor: '1m' } },
          { name: 'MEMORY', resource: { resource: 'limits.memory' } },
          { name: 'FROM', value: '$(P_color)' },
        ];
        const plan = pod({
          uid: 'a-0',
          labels: { app: 'shop' },
          steps: [
            {
              name: 'one',
              command: ['/bin/sh', '-c', 'env | sort; echo "arg $0"'],
              args: ['$(LATER)-$(FROM_IMAGE)'],
              env,
              envFrom: [
                { prefix: 'P_', configMap: { name: 'settings', optional: false } },
                { prefix: '', secret: { name: 'absent', optional: true } },
              ],
              computeResources: { limits: { cpu: '1500m' } },
            },
          ],
        });
        const given = materials({ creds: { token: 's3cret' } }, { settings: { level: 'high', color: 'red', 'not=a name': 'left out' } });
        const written = await log(plan, given);
        const lines = written.split('\n').filter((line) => !/^(PATH|HOME|PWD|SHLVL|_|OLDPWD|TAPPET_CONTAINER)=/.test(line));
        expect(lines).toEqual([
          'CPU=1500',
          'FROM=red',
          'FROM_IMAGE=image',
          'HOSTNAME=a-0-pod',
          'JOINED=a b/$(TOKEN)/$(PLAIN)/$(NOBODY)',
          'LABEL=shop',
          'LATER=s3cret',
          'LEVEL=high',
          `MEMORY=${totalmem()}`,
          `NODE=${hostname()}`,
          'PLAIN=last wins',
          'P_color=red',
          'P_level=high',
          'TOKEN=s3cret',
          'arg s3cret-$(FROM_IMAGE)',
          '',
        ]);
      });

      it.each<[string, Parameters<typeof pod>[0]['steps'][number], string]>([
        [
          'a secret',
          { name: 'one', sh: 'true', env: [{ name: 'X', secret: { name: 'absent', key: 'k', optional: false } }] },
          'secret "absent" not found',
        ],
        [
          'a key',
          { name: 'one', sh: 'true', env: [{ name: 'X', secret: { name: 'creds', key: 'k', optional: false } }] },
          "couldn't find key k in Secret ci/creds",
        ],
        [
          'a configmap',
          { name: 'one', sh: 'true', envFrom: [{ prefix: '', configMap: { name: 'absent', optional: false } }] },
          'configmap "absent" not found',
        ],
        [
          'what only a cluster has',
          { name: 'one', sh: 'true', env: [{ name: 'X', other: 'fileKeyRef' }] },
          'env "X": only a cluster can serve fileKeyRef',
        ],
      ])('lets a container wait that lacks %s', async (_, step, message) => {
        await runtime.start(pod({ uid: 'a-0', steps: [step] }), materials({ creds: {} }));
        const seen = await runtime.observe('a-0');
        expect(seen).toMatchObject({
          phase: 'Pending',
          steps: [{ state: { type: 'waiting', reason: 'CreateContainerConfigError', message } }],
        });
      });

      it('passes args to a script, keeps quotes and newlines', async () => {
        const plan = pod({
          uid: 'a-0',
          steps: [{ name: 'one', sh: 'for arg in "$@"; do printf "[%s]" "$arg"; done', args: ['a b', "it's", '', 'x\ny', '$HOME', '*'] }],
        });
        expect(await log(plan)).toBe("[a b][it's][][x\ny][$HOME][*]");
      });

      it('runs any interpreter a script names', async () => {
        const plan = pod({ uid: 'a-0', steps: [{ name: 'one', script: '#!/usr/bin/env -S awk -f\nBEGIN { print 6 * 7 }\n' }] });
        expect(await log(plan)).toBe('42\n');
      });

      it('serves volumes: claims, config, secrets with modes, subPath, read-only', async () => {
        const volumes = [
          { name: 'data', type: 'persistentVolumeClaim', claimName: 'shared', readOnly: false },
          { name: 'conf', type: 'configMap', source: { name: 'settings', optional: false, items: [{ key: 'a', path: 'deep/a.txt' }] } },
          { name: 'keys', type: 'secret', source: { name: 'creds', optional: false, defaultMode: 0o400 } },
          { name: 'gone', type: 'configMap', source: { name: 'absent', optional: true } },
        ] as const;
        const mounts = [
          { volume: 'data', mountPath: '/workspace/src', subPath: 'team/one', readOnly: false },
          { volume: 'conf', mountPath: '/workspace/conf', readOnly: false },
          { volume: 'keys', mountPath: '/workspace/keys', readOnly: true },
          { volume: 'gone', mountPath: '/workspace/gone', readOnly: true },
        ];
        const sh =
          'echo built > /workspace/src/out; cat /workspace/conf/deep/a.txt /workspace/keys/token; stat -L -c %a /workspace/keys/token; ls /workspace/gone';
        const given = materials({ creds: { token: 'tok\n' } }, { settings: { a: 'A\n', b: 'B\n' } });
        expect(await log(pod({ uid: 'a-0', volumes, steps: [{ name: 'one', sh, mounts }] }), given)).toBe('A\ntok\n400\n');
        expect(readFileSync(join(dataDir, 'volumes/ci/shared/team/one/out'), 'utf8')).toBe('built\n');
        expect(await log(pod({ uid: 'b-0', volumes, steps: [{ name: 'one', sh: 'cat /workspace/src/out', mounts }] }), given)).toBe(
          'built\n',
        );
      });

      it('does not follow a symlink out of a claim', async () => {
        const claim = join(dataDir, 'volumes/ci/shared');
        mkdirSync(claim, { recursive: true });
        symlinkSync('/etc', join(claim, 'trap'));
        const volumes = [{ name: 'data', type: 'persistentVolumeClaim', claimName: 'shared', readOnly: false }] as const;
        await runtime.start(
          pod({
            uid: 'a-0',
            volumes,
            steps: [{ name: 'one', sh: 'true', mounts: [{ volume: 'data', mountPath: '/workspace/x', subPath: 'trap', readOnly: false }] }],
          }),
          materials(),
        );
        const seen = await until(
          runtime,
          'a-0',
          ({ steps }) => steps[0]?.state.type === 'waiting' && steps[0].state.reason === 'CreateContainerConfigError',
        );
        expect(seen.steps[0]?.state).toMatchObject({
          message: 'mount /workspace/x: subPath: path "trap" leaves its volume through the symlink "trap"',
        });
      });

      it('starts no step before its sidecars have had time for their first commands', async () => {
        const sidecars = ['a', 'b'].map((name) => ({
          name,
          sh: `i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo ${name} > /workspace/${name}; sleep 300`,
        }));
        sidecars.push({ name: 'short', sh: 'exit 0' });
        const plan = pod({ uid: 'a-0', steps: [{ name: 'one', sh: 'cat /workspace/a /workspace/b' }], sidecars });
        expect(await log(plan)).toBe('a\nb\n');
      });

      it('gives every step credentials of its own, in /tekton/creds and in its home, and sidecars none', async () => {
        const credentials = new Map([
          ['.gitconfig', '[credential]\n'],
          ['.ssh/config', 'IdentityFile /tekton/creds/.ssh/id_a\n'],
          ['.ssh/id_a', 'key\n'],
        ]);
        const look =
          'cat /tekton/creds/.gitconfig; cat "$(cut -d " " -f 2 "$HOME/.ssh/config")"; stat -c %a "$HOME/.ssh" "$HOME/.ssh/id_a" "$HOME/.gitconfig"';
        const plan = pod({
          uid: 'a-0',
          steps: [
            {
              name: 'one',
              sh: `${look}; echo mine > "$HOME/.gitconfig"; rm -r "$HOME/.ssh" /tekton/creds/.ssh; mv /tekton/creds/.gitconfig "$HOME"/x`,
            },
            { name: 'two', sh: look, env: [{ name: 'HOME', value: '/tekton/home' }] },
          ],
          sidecars: [{ name: 'side', sh: 'ls -A /tekton/creds; ls -A "$HOME" | grep git || echo none' }],
        });
        const seen = await runToEnd(runtime, plan, { ...materials(), credentials });
        expect(outcomes(seen)).toEqual(['one: 0, Completed', 'two: 0, Completed']);
        for (const container of ['step-one', 'step-two'])
          expect(await readLog(runtime, 'a-0', container)).toBe('[credential]\nkey\n700\n600\n600\n');
        expect(existsSync(join(dataDir, 'pods/a-0/credentials'))).toBe(false);
      });

      it('warns when a home cannot take credentials, and runs the step', async () => {
        const plan = pod({
          uid: 'a-0',
          steps: [
            { name: 'one', sh: 'ln -sf /etc/hostname /tekton/home/.gitconfig' },
            { name: 'two', sh: 'echo ran', env: [{ name: 'HOME', value: '/tekton/home' }] },
          ],
        });
        await runToEnd(runtime, plan, { ...materials(), credentials: new Map([['.gitconfig', 'x']]) });
        expect(await readLog(runtime, 'a-0', 'step-two')).toMatch(/^tappet: credentials could not be copied to \/tekton\/home: .*\nran\n$/);
      });

      it("reports artifacts and hands a step's to later ones, in scripts too", async () => {
        const own = '{"outputs":[{"name":"image","values":[{"uri":"pkg:x"}]}]}';
        const plan = pod({
          uid: 'a-0',
          steps: [
            {
              name: 'one',
              sh: `printf '%s' '${own}' > /tekton/steps/step-one/artifacts/provenance.json; printf '{}' > /tekton/artifacts/provenance.json`,
            },
            { name: 'two', sh: "echo '$(steps.one.outputs.image)'" },
            { name: 'three', sh: "echo '$(steps.one.outputs.none)'" },
          ],
        });
        const seen = await runToEnd(runtime, plan);
        expect(outcomes(seen)).toEqual(['one: 0, Completed', 'two: 0, Completed', 'three: 0, Completed']);
        expect(seen.steps.map(({ artifacts, taskArtifacts }) => [artifacts, taskArtifacts])).toEqual([
          [own, '{}'],
          [undefined, '{}'],
          [undefined, '{}'],
        ]);
        expect(await readLog(runtime, 'a-0', 'step-two')).toBe('[{"uri":"pkg:x"}]\n');
        expect(await readLog(runtime, 'a-0', 'step-three')).toBe(
          'tappet: $(steps.one.outputs.none): step "one" has written no artifact of that name\n$(steps.one.outputs.none)\n',
        );
      });

      it('copies output to files besides the log, appending, and waits until all of it is there', async () => {
        const shout = 'i=0; while [ $i -lt 200 ]; do echo out $i; i=$((i+1)); done; echo err >&2; echo last; exit 3';
        const plan = pod({
          uid: 'a-0',
          results: ['said'],
          volumes: [{ name: 'data', type: 'emptyDir' }],
          steps: [
            { name: 'one', sh: 'printf hello', stdoutPath: '/tekton/results/said' },
            {
              name: 'two',
              sh: shout,
              onError: 'continue',
              stdoutPath: '/data/new/out',
              stderrPath: '/data/new/err',
              mounts: [{ volume: 'data', mountPath: '/data', readOnly: false }],
            },
            {
              name: 'three',
              sh: 'echo more; echo more >&2',
              stdoutPath: '/data/new/both',
              stderrPath: '/data/new/both',
              mounts: [{ volume: 'data', mountPath: '/data', readOnly: false }],
            },
            { name: 'four', sh: 'echo quiet >&2; printf " world"', stdoutPath: '/tekton/results/said', workingDir: '/workspace' },
            {
              name: 'five',
              sh: 'tail -n 1 /data/new/out; wc -l < /data/new/out; cat /data/new/err /data/new/both /workspace/mine',
              stderrPath: 'mine',
              mounts: [{ volume: 'data', mountPath: '/data', readOnly: false }],
            },
          ],
        });
        const seen = await runToEnd(runtime, plan);
        expect(outcomes(seen)).toEqual([
          'one: 0, Completed',
          'two: 3, Continued',
          'three: 0, Completed',
          'four: 0, Completed',
          'five: 0, Completed',
        ]);
        expect(taskResults(seen)).toEqual({ said: 'hello world' });
        expect((await readLog(runtime, 'a-0', 'step-two')).split('\n')).toHaveLength(203);
        expect((await readLog(runtime, 'a-0', 'step-four')).split('\n').sort()).toEqual([' world', 'quiet']);
        expect((await readLog(runtime, 'a-0', 'step-five')).split('\n').map((line) => line.trim())).toEqual([
          'last',
          '201',
          'err',
          'more',
          'more',
          '',
        ]);
      });

      it('runs no step whose output cannot go where it should, whatever onError says', async () => {
        const plan = pod({
          uid: 'a-0',
          steps: [
            { name: 'one', sh: 'mkdir /workspace/folder' },
            { name: 'two', sh: 'echo never; touch /workspace/ran', stdoutPath: '/workspace/folder', onError: 'continue' },
          ],
        });
        const seen = await runToEnd(runtime, plan);
        expect(outcomes(seen)).toEqual(['one: 0, Completed', 'two: 1, Error']);
        expect(seen.steps[1]?.state).toMatchObject({ message: expect.stringContaining('stdoutConfig') });
        expect(await readLog(runtime, 'a-0', 'step-two')).not.toContain('never');
      });

      it('stops a step whose output is copied', async () => {
        const sh = 'trap "echo bye; exit 0" TERM; echo ready; while :; do sleep 0.01; done';
        const steps = [{ name: 'one', sh, stdoutPath: '/tekton/results/said' }];
        await runtime.start(pod({ uid: 'a-0', results: ['said'], steps }), materials());
        await expect.poll(() => readLog(runtime, 'a-0', 'step-one')).toContain('ready');
        await runtime.stop('a-0', { graceMs: 5000 });
        const seen = await until(runtime, 'a-0', hasEnded);
        expect(outcomes(seen)).toEqual(['one: 9, Cancelled']);
        expect(taskResults(seen)).toEqual({ said: 'ready\nbye\n' });
      });

      it('does not follow a symlink out of the sandbox with a stream', async () => {
        const outside = join(temporaryDirectory(), 'outside');
        const plan = pod({
          uid: 'a-0',
          steps: [
            { name: 'one', sh: `ln -s ${outside} /workspace/trap` },
            { name: 'two', sh: 'echo x', stdoutPath: '/workspace/trap' },
          ],
        });
        await runToEnd(runtime, plan);
        // Plain processes have the server's rights anyway.
        expect(existsSync(outside)).toBe(isolation === 'process');
      });

      it('never reads a result through a symlink', async () => {
        const plan = pod({
          uid: 'a-0',
          results: ['good', 'link', 'pipe', 'folder'],
          steps: [{ name: 'one', sh: 'cd /tekton/results; printf fine > good; ln -s /etc/hostname link; mkfifo pipe; mkdir folder' }],
        });
        expect(taskResults(await runToEnd(runtime, plan))).toEqual({ good: 'fine' });
      });

      it('creates the working directory', async () => {
        expect(
          await log(
            pod({ uid: 'a-0', steps: [{ name: 'one', sh: 'basename "$PWD"; basename "$(dirname "$PWD")"; : > here', workingDir: 'a/b' }] }),
          ),
        ).toBe('b\na\n');
      });

      it('lets a step see the outcome of those before it', async () => {
        const plan = pod({
          uid: 'a-0',
          steps: [
            { name: 'bad', sh: 'exit 4', onError: 'continue' },
            { name: 'look', sh: 'cat /tekton/steps/step-bad/exitCode; echo; cat /tekton/steps/0/exitCode' },
          ],
        });
        const seen = await runToEnd(runtime, plan);
        expect([outcomes(seen), await readLog(runtime, 'a-0', 'step-look')]).toEqual([['bad: 4, Continued', 'look: 0, Completed'], '4\n4']);
      });

      it('gives TERM before KILL, and the whole tree goes', async () => {
        const mark = `${process.pid}.${Date.now() % 100_000}`;
        const kind = pod({
          uid: 'kind-0',
          steps: [{ name: 'one', sh: 'trap "echo cleaned; exit 0" TERM; echo up; while :; do sleep 0.02; done' }],
        });
        const stubborn = pod({
          uid: 'stubborn-0',
          steps: [{ name: 'one', sh: `trap "" TERM; setsid sleep 3${mark} & echo up; while :; do sleep 0.02; done` }],
        });
        for (const plan of [kind, stubborn]) {
          await runtime.start(plan, materials());
          await firstChunk(runtime, plan.uid, 'step-one');
        }
        await expect.poll(() => sleepers(`3${mark}`)).toBe(1);
        await Promise.all([runtime.stop('kind-0', { graceMs: 20_000 }), runtime.stop('stubborn-0', { graceMs: 100 })]);
        // A shell also reports that its own child got the signal.
        expect(await readLog(runtime, 'kind-0', 'step-one')).toMatch(/^up\n(Terminated\n)?cleaned\n$/);
        expect(sleepers(`3${mark}`)).toBe(0);
      });

      it('lets no daemon outlive its step', async () => {
        const mark = `4${process.pid}.${Date.now() % 100_000}`;
        const plan = pod({
          uid: 'a-0',
          steps: [
            {
              name: 'one',
              sh: `setsid sh -c 'exec sleep ${mark}' > /dev/null 2>&1 &\nwhile ! pgrep -f 'sleep ${mark}$' > /dev/null; do sleep 0.01; done`,
            },
            { name: 'two', sh: 'true' },
          ],
        });
        expect((await runToEnd(runtime, plan)).phase).toBe('Succeeded');
        expect(sleepers(mark)).toBe(0);
      });

      it('keeps the log and nothing else once a pod has ended', async () => {
        await runToEnd(runtime, pod({ uid: 'a-0', steps: [{ name: 'one', sh: 'echo out' }] }), materials({ creds: { token: 'x' } }));
        await expect.poll(() => readdirSync(join(dataDir, 'pods/a-0')).toSorted()).toEqual(['begun', 'containers', 'ended.json']);
        expect(statSync(join(dataDir, 'pods/a-0')).mode & 0o777).toBe(0o700);
        expect(readdirSync(join(dataDir, 'active-pods'))).toEqual([]);
        await runtime.remove('a-0');
        expect(existsSync(join(dataDir, 'pods/a-0'))).toBe(false);
      });

      it('fails a pod it cannot prepare, and says why', async () => {
        writeFileSync(join(dataDir, 'volumes/ci'), 'a file where a folder should be');
        const plan = pod({
          uid: 'a-0',
          volumes: [{ name: 'data', type: 'persistentVolumeClaim', claimName: 'shared', readOnly: false }],
          steps: [
            { name: 'one', sh: 'true' },
            { name: 'two', sh: 'true' },
          ],
        });
        const seen = await runToEnd(runtime, plan);
        expect([seen.phase, seen.reason, outcomes(seen)]).toEqual(['Failed', 'RuntimeError', ['one: 1, Error', 'two: 1, Skipped']]);
        expect(seen.message).toContain('ENOTDIR');
      });

      it('finds ended pods again after a restart', async () => {
        const seen = await runToEnd(runtime, pod({ uid: 'a-0', steps: [{ name: 'one', sh: 'echo out' }] }));
        await runtime.close();
        const later = await open();
        expect([await later.list(), await later.observe('a-0'), await readLog(later, 'a-0', 'step-one', true)]).toEqual([
          ['a-0'],
          seen,
          'out\n',
        ]);
        await later.start(pod({ uid: 'a-0', steps: [{ name: 'one', sh: 'echo again' }] }), materials());
        expect(await readLog(later, 'a-0', 'step-one')).toBe('out\n');
      });

      it('keeps the order of waiting pods over a restart', async () => {
        const narrow = await open({ maxPods: 1, dataDir: join(dataDir, 'narrow') });
        for (const uid of ['z-0', 'b-0', 'a-0'])
          await narrow.start(pod({ uid, steps: [{ name: 'one', sh: 'until [ -e /workspace/go ]; do sleep 0.02; done' }] }), materials());
        await until(narrow, 'z-0', ({ phase }) => phase === 'Running');
        await narrow.close();
        const later = await open({ maxPods: 1, dataDir: join(dataDir, 'narrow') });
        for (const [index, uid] of ['z-0', 'b-0', 'a-0'].entries()) {
          await until(later, uid, ({ steps }) => steps[0]?.state.type === 'running');
          const phases = await Promise.all(['z-0', 'b-0', 'a-0'].map(async (each) => (await later.observe(each))?.phase));
          expect(phases).toEqual(
            ['z-0', 'b-0', 'a-0'].map((_, place) => (place < index ? 'Succeeded' : place === index ? 'Running' : 'Pending')),
          );
          writeFileSync(join(dataDir, 'narrow/pods', uid, 'workspace/go'), '');
          await until(later, uid, hasEnded);
        }
      });
    },
  );
}

async function firstChunk(runtime: Runtime, uid: string, container: string): Promise<void> {
  for await (const _ of runtime.logs(uid, container, { follow: true })) return;
}

/** Processes of this machine that are `sleep SECONDS`. */
function sleepers(seconds: string): number {
  return readdirSync('/proc').filter((pid) => {
    if (!/^[0-9]+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8') === `sleep\0${seconds}\0`;
    } catch {
      return false;
    }
  }).length;
}
