import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/main/system-clock.ts';
import type { Runtime } from '../../src/ports/runtime.ts';
import { probeBubblewrap } from '../../src/runtimes/sandbox/bubblewrap/probe-bubblewrap.ts';
import { createSandboxRuntime, type SandboxRuntimeOptions } from '../../src/runtimes/sandbox/create-sandbox-runtime.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { hasEnded, materials, outcomes, pod, readLog, runToEnd, type TestStep, until } from './runtime-support.ts';

const probe = await probeBubblewrap();
const BUSYBOX = '/usr/bin/busybox';
const busybox = spawnSync(BUSYBOX, ['true']).status === 0;

describe.skipIf(!probe.ok)(`what a sandbox keeps from a step${probe.ok ? '' : ` (skipped: ${probe.message})`}`, () => {
  let dataDir: string;
  let runtime: Runtime;
  const open = async (options: Partial<SandboxRuntimeOptions> = {}): Promise<Runtime> => {
    const one = await createSandboxRuntime({
      dataDir,
      imageMap: [{ pattern: 'busybox', serves: 'host' }],
      isolation: 'bubblewrap',
      clock: systemClock,
      logger: silentLogger,
      ...options,
    });
    onTestFinished(async () => {
      for (const uid of await one.list()) await one.stop(uid, { graceMs: 0 });
      await one.close();
    });
    return one;
  };
  const print = async (sh: string, more: Partial<TestStep> = {}, on = runtime): Promise<string> => {
    const uid = `p${Math.random().toString(36).slice(2)}-0`;
    const seen = await runToEnd(on, pod({ uid, steps: [{ name: 'one', sh, ...more }] }));
    const log = await readLog(on, uid, 'step-one');
    expect([outcomes(seen), log]).toEqual([['one: 0, Completed'], log]);
    return log;
  };

  beforeEach(async () => {
    dataDir = temporaryDirectory();
    runtime = await open();
  });

  it('the server: its environment, its data directory, home directories, sockets', async () => {
    process.env['TAPPET_TEST_SECRET'] = 'do not tell';
    onTestFinished(() => {
      delete process.env['TAPPET_TEST_SECRET'];
    });
    const seen = await print(
      `env; cat /proc/*/environ 2> /dev/null | tr '\\0' '\\n'; ls -A ${dataDir} /home /root /run /mnt /srv /var/lib 2>&1 | grep -v 'No such file' || true`,
    );
    expect(seen).not.toContain('TAPPET_TEST_SECRET');
    expect(seen).not.toContain(dataDir);
    expect(seen.split('\n').filter((line) => !/^[A-Z_]+=/.test(line) && line !== '')).toEqual(['/root:', '/run:']);
  });

  it('a data directory below a folder that steps see', async () => {
    const visible = `/opt/tappet-test-${process.pid}`;
    mkdirSync(visible);
    onTestFinished(() => {
      spawnSync('rm', ['-rf', visible]);
    });
    const there = await open({ dataDir: visible });
    expect(await print(`ls -A ${visible}`, {}, there)).toBe('');
  });

  it('the other pods: files and processes', async () => {
    await runtime.start(
      pod({ uid: 'other-0', steps: [{ name: 'one', sh: 'touch /workspace/theirs-alone /tmp/theirs-alone; sleep 300' }] }),
      materials(),
    );
    await until(runtime, 'other-0', ({ phase }) => phase === 'Running');
    expect(await print(`ls -A /workspace /tmp; ls /proc | grep -c '^[0-9]'; find / -name theirs-alone 2> /dev/null | wc -l`)).toBe(
      '/tmp:\n\n/workspace:\n4\n0\n',
    );
  });

  it("the machine's settings, other users' secrets, and every capability", async () => {
    const before = readFileSync('/proc/sys/vm/swappiness', 'utf8');
    const seen = await print(`
      (true >> /proc/sys/vm/swappiness) 2> /dev/null && echo opened || true
      cat /etc/shadow 2> /dev/null | wc -c
      grep Cap /proc/self/status | cut -f2 | sort -u
      unshare -U true 2> /dev/null && echo nested || true
      (true > /usr/bin/planted) 2> /dev/null && echo planted || true`);
    expect(seen).toBe('0\n0000000000000000\n');
    expect(readFileSync('/proc/sys/vm/swappiness', 'utf8')).toBe(before);
  });

  it('the folders of other steps, which it may read but not change', async () => {
    const plan = pod({
      uid: 'a-0',
      steps: [
        { name: 'one', sh: 'printf x > /tekton/steps/step-one/results/r', results: ['r'] },
        {
          name: 'two',
          sh: 'cat /tekton/steps/step-one/results/r; for f in /tekton/steps/x /tekton/run/0/status/exitCode /tekton/run/0/status/results/r /tekton/scripts/x /tekton/run/1/status/x; do (: >> $f) 2> /dev/null && echo "wrote $f"; done; readlink -f /tekton/steps/1; : > /tekton/home/ok',
        },
      ],
    });
    expect((await runToEnd(runtime, plan)).phase).toBe('Succeeded');
    expect(await readLog(runtime, 'a-0', 'step-two')).toBe('x/tekton/run/1/status\n');
  });

  it('keeps secrets out of the process list', async () => {
    const plan = pod({
      uid: 'a-0',
      steps: [
        { name: 'one', sh: 'echo up; sleep 300', env: [{ name: 'TOKEN', secret: { name: 'creds', key: 'token', optional: false } }] },
      ],
    });
    await runtime.start(plan, materials({ creds: { token: 'hush-hush' } }));
    for await (const _ of runtime.logs('a-0', 'step-one', { follow: true })) break;
    const { stdout } = spawnSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
    expect(stdout).toContain('bwrap --args 3');
    expect(stdout).not.toContain('hush-hush');
  });

  it('the network, when told to', async () => {
    const server = createServer((socket) => socket.end('hi')).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    onTestFinished(() => {
      server.close();
    });
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const sh = `bash -c 'exec 3<> /dev/tcp/127.0.0.1/${port} && cat <&3' 2> /dev/null || echo unreachable`;
    expect([await print(sh), await print(sh, {}, await open({ network: 'none', dataDir: join(dataDir, 'b') }))]).toEqual([
      'hi',
      'unreachable\n',
    ]);
  });

  it.skipIf(!busybox)("leaves a home the image's files, takes what the step writes there, and adds credentials", async () => {
    const root = join(dataDir, 'image');
    for (const folder of ['bin', 'etc', 'home/u/.ssh', 'home/other']) mkdirSync(join(root, folder), { recursive: true });
    spawnSync('cp', [BUSYBOX, join(root, 'bin/busybox')]);
    for (const applet of ['sh', 'cat', 'ls', 'grep']) symlinkSync('busybox', join(root, 'bin', applet));
    writeFileSync(join(root, 'etc/passwd'), 'u:x:1000:1000::/home/u:/bin/sh\n');
    writeFileSync(join(root, 'home/u/.profile'), 'theirs\n');
    const imageMap = [{ pattern: 'busybox', serves: root, user: 'u' }];
    const there = await open({ imageMap, dataDir: join(dataDir, 'b') });
    const sh = 'cd; cat .profile; : > mine; ls -A . .ssh; (: > /home/other/x) 2> /dev/null || echo closed';
    expect(await print(sh, {}, there)).toBe('theirs\n.:\n.profile\n.ssh\nmine\n\n.ssh:\nclosed\n');
    const given = { ...materials(), credentials: new Map([['.ssh/id_a', 'key']]) };
    await runToEnd(there, pod({ uid: 'c-0', steps: [{ name: 'one', sh: `${sh}; cat .ssh/id_a` }] }), given);
    expect(await readLog(there, 'c-0', 'step-one')).toBe('theirs\n.:\n.profile\n.ssh\nmine\n\n.ssh:\nid_a\nclosed\nkey');
  });

  it('runs a step as the user it asks for', async () => {
    expect(
      await print('id -u; id -g; : > /workspace/mine; stat -c %u /workspace/mine', {
        securityContext: { runAsUser: 1234, runAsGroup: 99 },
      }),
    ).toBe('1234\n99\n1234\n');
    await runtime.start(pod({ uid: 'a-0', steps: [{ name: 'one', sh: 'true', securityContext: { runAsNonRoot: true } }] }), materials());
    const seen = await until(runtime, 'a-0', ({ steps }) => steps[0]?.state.type === 'waiting' && steps[0].state.message !== undefined);
    expect(seen.steps[0]?.state).toEqual({
      type: 'waiting',
      reason: 'CreateContainerConfigError',
      message: 'container has runAsNonRoot and image will run as root (pod: "a-0-pod_ci(a-0)", container: step-one)',
    });
  });

  describe.skipIf(!busybox)(`an unpacked image root${busybox ? '' : ` (skipped: ${BUSYBOX} is not installed)`}`, () => {
    const unpacked = (): string => {
      const root = temporaryDirectory();
      for (const folder of ['bin', 'etc', 'usr/share', 'var']) mkdirSync(join(root, folder), { recursive: true });
      spawnSync('cp', [BUSYBOX, join(root, 'bin/busybox')]);
      for (const applet of ['sh', 'cat', 'ls', 'id', 'echo', 'pwd', 'touch']) symlinkSync('busybox', join(root, 'bin', applet));
      writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\napp:x:500:501::/home/app:/bin/sh\n');
      writeFileSync(join(root, 'etc/marker'), 'from the image\n');
      writeFileSync(join(root, 'bin/greet'), '#!/bin/sh\necho "greet $*"\n');
      symlinkSync('/usr', join(root, 'var/share'));
      chmodSync(join(root, 'bin/greet'), 0o755);
      return root;
    };

    it('is what the step sees, read-only, with mounts anywhere', async () => {
      const root = unpacked();
      const on = await open({ imageMap: [{ pattern: 'shop/*', serves: root, env: { LAYER: 'x' } }] });
      const plan = pod({
        uid: 'a-0',
        volumes: [{ name: 'conf', type: 'configMap', source: { name: 'settings', optional: false } }],
        steps: [
          {
            name: 'one',
            image: 'shop/app:1',
            sh: 'cat /etc/marker /etc/app/a /usr/share/deep/er/a; ls /usr/share /etc; echo $LAYER; (touch /bin/x) 2> /dev/null || echo refused; ls /home 2> /dev/null || true',
            mounts: [
              { volume: 'conf', mountPath: '/etc/app', readOnly: true },
              { volume: 'conf', mountPath: '/var/share/share/deep/er', readOnly: true },
            ],
          },
        ],
      });
      expect((await runToEnd(on, plan, materials({}, { settings: { a: 'A\n' } }))).phase).toBe('Succeeded');
      expect(await readLog(on, 'a-0', 'step-one')).toBe(
        'from the image\nA\nA\ndeep\napp\nmarker\npasswd\nresolv.conf\nx\nrefused\n'
          .replace('deep\napp', '/etc:\napp')
          .replace('A\n/etc:', 'A\n/etc:')
          .replace('resolv.conf\nx', 'resolv.conf\n\n/usr/share:\ndeep\nx'),
      );
    });

    it('brings its entrypoint, user and working directory', async () => {
      const on = await open({
        imageMap: [{ pattern: 'greeter', serves: unpacked(), entrypoint: ['greet'], cmd: ['world'], user: 'app', workingDir: '/srv/app' }],
      });
      const seen = await runToEnd(
        on,
        pod({
          uid: 'a-0',
          steps: [
            { name: 'plain', image: 'greeter' },
            { name: 'args', image: 'greeter:2', args: ['you'] },
            {
              name: 'shell',
              image: 'greeter@sha256:0123456789012345678901234567890123456789012345678901234567890123',
              command: ['sh', '-c', 'id -u; id -g; pwd; echo $HOME; touch $HOME/x'],
            },
          ],
        }),
      );
      expect(seen.phase).toBe('Succeeded');
      expect([
        await readLog(on, 'a-0', 'step-plain'),
        await readLog(on, 'a-0', 'step-args'),
        await readLog(on, 'a-0', 'step-shell'),
      ]).toEqual(['greet world\n', 'greet you\n', '500\n501\n/srv/app\n/home/app\n']);
    });

    it('that is not there leaves the container waiting', async () => {
      const on = await open({ imageMap: [{ pattern: 'gone', serves: '/nowhere/root' }] });
      await on.start(pod({ uid: 'a-0', steps: [{ name: 'one', image: 'gone', sh: 'true' }] }), materials());
      const seen = await until(on, 'a-0', ({ steps }) => steps[0]?.state.type === 'waiting' && steps[0].state.message !== undefined);
      expect(seen.steps[0]?.state).toMatchObject({
        reason: 'ImagePullBackOff',
        message: expect.stringContaining('--image-map gone=/nowhere/root'),
      });
    });
  });
});

describe('plain processes', () => {
  it('refuse an image that has a root of its own', async () => {
    const runtime = await createSandboxRuntime({
      dataDir: temporaryDirectory(),
      imageMap: [{ pattern: '*', serves: '/some/root' }],
      isolation: 'process',
      clock: systemClock,
      logger: silentLogger,
    });
    await runtime.start(pod({ uid: 'a-0', steps: [{ name: 'one', sh: 'true' }] }), materials());
    const seen = await until(runtime, 'a-0', ({ steps }) => steps[0]?.state.type === 'waiting' && steps[0].state.message !== undefined);
    expect(seen.steps[0]?.state).toMatchObject({
      reason: 'CreateContainerError',
      message: expect.stringContaining('plain processes cannot enter'),
    });
    await runtime.stop('a-0', { graceMs: 0 });
    expect(hasEnded((await runtime.observe('a-0')) ?? seen)).toBe(true);
    await runtime.close();
  });

  it('never see the environment of the server', async () => {
    process.env['TAPPET_TEST_SECRET'] = 'do not tell';
    onTestFinished(() => {
      delete process.env['TAPPET_TEST_SECRET'];
    });
    const runtime = await createSandboxRuntime({
      dataDir: temporaryDirectory(),
      imageMap: [{ pattern: '*', serves: 'host' }],
      isolation: 'process',
      clock: systemClock,
      logger: silentLogger,
    });
    await runToEnd(runtime, pod({ uid: 'a-0', steps: [{ name: 'one', sh: 'env' }] }));
    expect(await readLog(runtime, 'a-0', 'step-one')).not.toContain('TAPPET_TEST_SECRET');
    await runtime.close();
  });
});
