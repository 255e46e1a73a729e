import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { busybox, EntrypointWorld, type Shell, whereIs } from '../../../../test/support/entrypoint-world.ts';

const shells: readonly (readonly [string, Shell])[] = [
  ['busybox sh', [busybox ?? 'busybox', 'sh']],
  ['dash', [whereIs('dash') ?? 'dash']],
];

const sh = (text: string): readonly string[] => ['/bin/sh', '-c', text];

describe.skipIf(busybox === undefined).each(shells)('the entrypoint under %s', (_name, shell) => {
  it('runs a command and tells when it started and that it went well', async () => {
    const world = new EntrypointWorld(shell);
    const before = Date.now();
    const step = await world.run(0, ['echo', 'a  b', "it's"]);
    expect([step.exitCode, step.output, step.errors, step.termination]).toEqual([
      0,
      "a  b it's\n",
      '',
      { startedAt: expect.any(Number), results: {}, taskResults: {} },
    ]);
    expect(step.termination?.startedAt).toBeGreaterThanOrEqual(before - 1);
    expect(step.termination?.startedAt).toBeLessThanOrEqual(Date.now());
    expect([world.read('run/0/out'), world.read('run/0/out.err'), world.read('run/0/status/exitCode')]).toEqual(['', undefined, '0']);
  });

  it('runs in an environment with nothing of its own in it', async () => {
    const world = new EntrypointWorld(shell);
    const step = await world.run(0, [busybox ?? '', 'env'], { env: { timeout: '5', A: 'one\ntwo' } });
    expect(
      step.output
        .split('\n')
        .filter((line) => !/^SHLVL=/.test(line))
        .toSorted(),
    ).toEqual(`A=one\ntwo\nHOME=${world.path('home')}\nPATH=${process.env['PATH']}\ntimeout=5\n`.split('\n').toSorted());
  });

  it('hands variables on whose names no shell takes, and puts results into them', async () => {
    const world = new EntrypointWorld(shell);
    world.write('steps/step-s0/results/r', "it's");
    world.write('run/0/out', '');
    const env = { 'my.var': "it's\n$HOME\\ü", 'a-b': '$(steps.s0.results.r)', '1st': '', plain: 'x' };
    const options = { env, flags: ['-substitute', '2'], words: ['env', 'a-b'] };
    const step = await world.run(1, [busybox ?? '', 'env'], options);
    const shown = step.output.split('\n').filter((line) => !/^(SHLVL|HOME|PATH)=/.test(line));
    expect(shown.toSorted()).toEqual(["my.var=it's", '$HOME\\ü', "a-b=it's", '1st=', 'plain=x', ''].toSorted());
    expect((await world.run(2, sh('exit 127'), { env, flags: ['-on_error', 'continue'] })).termination).toMatchObject({ exitCode: 127 });
    const script = world.program('script', '#!/no/such/interpreter -x\n');
    expect(await world.run(3, [script], { env })).toMatchObject({
      exitCode: 1,
      termination: { message: `${script} could not be started` },
    });
  });

  it('waits for the step before, in whatever order they begin, and goes at once when it has ended', async () => {
    const world = new EntrypointWorld(shell);
    const third = world.start(2, sh('echo third'));
    const second = world.start(1, sh('echo second; cat "$0"').concat(world.path('proof')));
    const first = world.start(0, sh('sleep 0.2; echo proof > "$0"').concat(world.path('proof')));
    const [one, two, three] = await Promise.all([first.ended, second.ended, third.ended]);
    expect([one.exitCode, two.output, three.output]).toEqual([0, 'second\nproof\n', 'third\n']);
    expect(three.termination?.startedAt).toBeGreaterThanOrEqual(two.termination?.startedAt ?? Infinity);
  });

  it('skips what follows a failure, down to the last', async () => {
    const world = new EntrypointWorld(shell);
    const steps = [world.start(0, sh('exit 7')), world.start(1, sh('echo ran')), world.start(2, sh('echo ran'))];
    const [one, two, three] = await Promise.all(steps.map(({ ended }) => ended));
    expect([one?.exitCode, one?.termination?.reason, world.read('run/0/status/exitCode')]).toEqual([7, undefined, undefined]);
    for (const skipped of [two, three])
      expect([skipped?.exitCode, skipped?.output, skipped?.termination]).toEqual([
        1,
        '',
        { startedAt: expect.any(Number), reason: 'Skipped', results: {}, taskResults: {} },
      ]);
  });

  it('skips what follows a step that was killed together with its entrypoint', async () => {
    const world = new EntrypointWorld(shell);
    const first = world.start(0, sh('echo up; exec sleep 30 > /dev/null 2>&1'));
    const second = world.start(1, sh('echo ran'));
    await first.says('up');
    await world.isOpen('run/0/ended', 'cat');
    first.process.kill('SIGKILL');
    expect(await second.ended).toMatchObject({ exitCode: 1, output: '', termination: { reason: 'Skipped' } });
  });

  it('skips a step that begins when the one before was killed already', async () => {
    const world = new EntrypointWorld(shell);
    const first = world.start(0, sh('echo up; exec sleep 30 > /dev/null 2>&1'));
    await first.says('up');
    const gone = once(first.process, 'exit');
    first.process.kill('SIGKILL');
    await gone;
    expect(await world.run(1, sh('echo ran'))).toMatchObject({ exitCode: 1, output: '', termination: { reason: 'Skipped' } });
  });

  it('forgives an exit code under onError: continue, and tells it', async () => {
    const world = new EntrypointWorld(shell);
    const first = world.start(0, sh('exit 7'), { flags: ['-on_error', 'continue'] });
    const second = world.start(1, ['cat', world.path('steps/step-s0/exitCode'), world.path('steps/0/exitCode')]);
    expect(await first.ended).toMatchObject({ exitCode: 0, termination: { exitCode: 7 } });
    expect((await second.ended).output).toBe('77');
  });

  it('kills a step whose time is up, with all it has started, and forgives nothing', async () => {
    const world = new EntrypointWorld(shell);
    const flags = ['-timeout', '0.2', '-on_error', 'continue', '-results', 'r'];
    const step = await world.run(0, sh(`printf left > ${world.path('results/r')}; trap '' TERM; sleep 60 & sleep 60`), { flags });
    expect(step).toMatchObject({ exitCode: 1, termination: { reason: 'TimeoutExceeded', taskResults: { r: 'left' } } });
    expect([world.read('run/0/out'), world.read('run/0/out.err')]).toEqual([undefined, '']);
  });

  it('hands signals on to the whole process group, and does not take a signal for an end', async () => {
    const world = new EntrypointWorld(shell);
    const step = world.start(0, sh("trap 'echo usr1' USR1; trap 'echo hup; exit 3' HUP; echo up; while :; do sleep 0.02; done"));
    await step.says('up');
    step.process.kill('SIGUSR1');
    await step.says('usr1');
    step.process.kill('SIGHUP');
    expect(await step.ended).toMatchObject({ exitCode: 3, output: 'up\nusr1\nhup\n' });
  });

  it.skipIf(shell.length === 1)('leaves INT and QUIT as they were, for what the step starts', async () => {
    const world = new EntrypointWorld(shell);
    const step = await world.run(0, ['grep', 'SigIgn', '/proc/self/status']);
    expect(step.output).toMatch(/0000000000000000$/m);
  });

  it('ends a step that runs when told to stop, and those that wait', async () => {
    const world = new EntrypointWorld(shell);
    const running = world.start(0, sh("trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.02; done"), {
      flags: ['-on_error', 'continue'],
    });
    const waiting = world.start(1, sh('echo ran'));
    await running.says('up');
    running.process.kill('SIGTERM');
    waiting.process.kill('SIGTERM');
    const [one, two] = await Promise.all([running.ended, waiting.ended]);
    expect([one.exitCode, one.output, one.termination?.reason, world.read('run/0/status/exitCode')]).toEqual([
      9,
      'up\nbye\n',
      'Cancelled',
      'killed',
    ]);
    // Whichever it hears of first.
    expect([two.output, two.termination?.reason]).toEqual(['', expect.stringMatching(/^(Cancelled|Skipped)$/)]);
  });

  it('stops a step that waits for one that goes on', async () => {
    const world = new EntrypointWorld(shell);
    const running = world.start(0, sh('echo up; sleep 30'));
    const waiting = world.start(1, sh('echo ran'));
    await running.says('up');
    waiting.process.kill('SIGTERM');
    expect(await waiting.ended).toMatchObject({ exitCode: 9, output: '', termination: { reason: 'Cancelled' } });
    running.process.kill('SIGTERM');
    await running.ended;
  });

  it.each([
    ['a name that no folder of PATH has', ['no-such-program'], 'no-such-program: no such program, or it may not be run'],
    ['a path', ['/no/such/program'], '/no/such/program: no such program, or it may not be run'],
    ['a folder', ['/tmp'], '/tmp: no such program, or it may not be run'],
  ])('tells %s from a command that failed, whatever onError says', async (_what, command, message) => {
    const world = new EntrypointWorld(shell);
    const step = await world.run(0, command, { flags: ['-on_error', 'continue'] });
    expect(step).toMatchObject({ exitCode: 1, errors: `${message}\n`, termination: { message } });
    expect(step.termination?.exitCode).toBeUndefined();
  });

  it('tells a program whose interpreter is missing from one that failed', async () => {
    const world = new EntrypointWorld(shell);
    const script = world.program('script', '#!/no/such/interpreter\n');
    expect(await world.run(0, [script])).toMatchObject({ exitCode: 1, termination: { message: `${script} could not be started` } });
  });

  it('finds a program as exec does, and never an applet of its own', async () => {
    const world = new EntrypointWorld(shell);
    world.program('path/tar', '#!/bin/sh\necho the tar of the image "$@"\n');
    const step = await world.run(0, ['tar', 'x'], { env: { PATH: `/nowhere:${world.path('path')}` } });
    expect(step.output).toBe('the tar of the image x\n');
  });

  it('reads result files byte by byte, after success and after failure', async () => {
    const world = new EntrypointWorld(shell);
    const odd = 'quote " back \\ tab \t bell \u0007 ü € 😀 \r\n\n';
    world.write('source', odd);
    const flags = ['-results', 'r,absent', '-step_results', 'mine,r'];
    const script = `cat ${world.path('source')} > ${world.path('results/r')}; printf own > ${world.path('steps/step-s0/results/mine')}; exit 3`;
    const step = await world.run(0, sh(script), { flags });
    expect(step).toMatchObject({ exitCode: 3, termination: { taskResults: { r: odd }, results: { mine: 'own' } } });
    expect(step.termination?.taskResults).not.toHaveProperty('absent');
    const entries = JSON.parse(step.message) as { key: string; type: number }[];
    expect(entries.map(({ key, type }) => [key, type])).toEqual([
      ['StartedAt', 3],
      ['r', 1],
      ['mine', 4],
    ]);
  });

  it('reports what artifacts were written', async () => {
    const world = new EntrypointWorld(shell);
    const script = `printf '{"outputs":[]}' > ${world.path('steps/step-s0/artifacts/provenance.json')}; printf '{}' > ${world.path('artifacts/provenance.json')}`;
    expect((await world.run(0, sh(script))).termination).toMatchObject({ artifacts: '{"outputs":[]}', taskArtifacts: '{}' });
  });

  it('compresses what is too long for Kubernetes, and fails the step that writes more than that holds', async () => {
    const world = new EntrypointWorld(shell);
    const flags = ['-results', 'r', '-message_limit', '1024'];
    const long = await world.run(0, sh(`yes 0123456789 | head -c 20000 > ${world.path('results/r')}`), { flags });
    expect([long.exitCode, long.message.slice(0, 5), long.message.length <= 1024]).toEqual([0, 'tknz:', true]);
    expect(long.termination?.taskResults['r']).toHaveLength(20_000);
    const noise = await world.run(1, sh(`head -c 3000 /dev/urandom | base64 > ${world.path('results/r')}`), { flags });
    const message = 'Termination message is above max allowed size 1024, caused by large task result.';
    expect(noise).toMatchObject({ exitCode: 1, errors: `${message}\n`, termination: { message, taskResults: {} } });
    expect([world.read('run/1/out'), world.read('run/1/out.err')]).toEqual([undefined, '']);
  });

  it('does not even read a result of megabytes', async () => {
    const world = new EntrypointWorld(shell);
    const flags = ['-results', 'r'];
    const step = await world.run(0, sh(`yes | head -c 3000000 > ${world.path('results/r')}`), { flags });
    expect([step.exitCode, step.termination?.message]).toEqual([
      1,
      'Termination message is above max allowed size 4096, caused by large task result.',
    ]);
  });

  it('skips a step by its guards, and goes on behind it', async () => {
    const world = new EntrypointWorld(shell);
    world.write('results/r', 'of a step before');
    const step = await world.run(0, sh('echo ran'), { flags: ['-skip', '-results', 'r'] });
    expect([step.exitCode, step.output, step.termination, world.read('run/0/out'), world.read('run/0/status/exitCode')]).toEqual([
      0,
      '',
      { startedAt: expect.any(Number), reason: 'Skipped', results: {}, taskResults: {} },
      '',
      '0',
    ]);
  });

  it('fails a step whose guard cannot be evaluated', async () => {
    const world = new EntrypointWorld(shell);
    const step = await world.run(0, sh('echo ran'), { flags: ['-broken', 'no such overload'] });
    expect(step).toMatchObject({ exitCode: 1, output: '', errors: 'no such overload\n', termination: { message: 'no such overload' } });
  });

  it('makes and enters the working directory', async () => {
    const world = new EntrypointWorld(shell);
    const dir = world.path('workspace/a b/c');
    expect((await world.run(0, sh('pwd'), { flags: ['-dir', dir] })).output).toBe(`${dir}\n`);
    world.write('file', '');
    const step = await world.run(1, sh('pwd'), { flags: ['-dir', world.path('file/x')] });
    expect(step).toMatchObject({ exitCode: 1, output: '', termination: { message: expect.stringContaining('could not be made') } });
  });

  it('copies output to files, results among them, and waits until all is there', async () => {
    const world = new EntrypointWorld(shell);
    const flags = ['-stdout_path', world.path('results/r'), '-stderr_path', world.path('new/err'), '-results', 'r'];
    const step = await world.run(0, sh('echo out; echo err >&2; (sleep 0.1; echo late) & exit 4'), { flags });
    expect([step.exitCode, step.output, step.errors, step.termination?.taskResults, world.read('new/err')]).toEqual([
      4,
      'out\nlate\n',
      'err\n',
      { r: 'out\nlate\n' },
      'err\n',
    ]);
  });

  it('copies both streams into one file', async () => {
    const world = new EntrypointWorld(shell);
    const both = ['-stdout_path', world.path('both'), '-stderr_path', world.path('both')];
    await world.run(0, sh('echo out; echo err >&2'), { flags: both });
    expect(world.read('both')).toBe('out\nerr\n');
  });

  it('waits at a breakpoint before a step until somebody says how to go on', async () => {
    const world = new EntrypointWorld(shell);
    const step = world.start(0, sh('echo ran'), { flags: ['-pause_before'] });
    mkdirSync(world.path('run/0'), { recursive: true });
    writeFileSync(world.path('run/0/out.beforestepexit'), '0\n');
    expect(await step.ended).toMatchObject({ exitCode: 0, output: 'ran\n' });
    const refused = world.start(1, sh('echo ran'), { flags: ['-pause_before'] });
    writeFileSync(world.path('run/1/out.beforestepexit.err'), '1\n');
    expect(await refused.ended).toMatchObject({ exitCode: 1, output: '' });
  });

  it('waits where a step has failed, and ends it as it is told', async () => {
    const world = new EntrypointWorld(shell);
    const flags = ['-pause_on_failure'];
    for (const [index, answer, exitCode, left] of [
      [0, '0', 0, 'out'],
      [1, '4', 4, 'out.err'],
      // Who waits for breakpoints does not look at how the step before it ended.
      [2, 'what', 0, 'out'],
    ] as const) {
      const step = world.start(index, sh('echo failed; exit 3'), { flags });
      await step.says('failed');
      writeFileSync(world.path(`run/${index}/out.breakpointexit`), `${answer}\n`);
      expect((await step.ended).exitCode).toBe(exitCode);
      expect(world.read(`run/${index}/${left}`)).toBe('');
    }
  });

  it('puts credentials where git and docker look for them, for the owner alone', async () => {
    const world = new EntrypointWorld(shell);
    mkdirSync(world.path('home'));
    world.write('creds-secrets/.gitconfig', '[credential]\n');
    world.write('creds-secrets/.ssh/config', 'Host x\n');
    const step = await world.run(0, sh(`cat "$HOME/.gitconfig" ${world.path('creds/.ssh/config')}`), { flags: ['-credentials'] });
    expect(step.output).toBe('[credential]\nHost x\n');
    expect([statSync(world.path('home/.ssh')).mode & 0o777, statSync(world.path('home/.ssh/config')).mode & 0o777]).toEqual([0o700, 0o600]);
  });

  it('runs the step all the same when its home takes no credentials', async () => {
    const world = new EntrypointWorld(shell);
    world.write('creds-secrets/.gitconfig', '[credential]\n');
    world.write('home', 'no folder');
    const step = await world.run(0, sh('echo ran'), { flags: ['-credentials'] });
    expect([step.exitCode, step.output, step.errors]).toEqual([0, 'ran\n', expect.stringContaining('credentials could not be copied to')]);
  });

  it('begins once, whatever becomes of its container', async () => {
    const world = new EntrypointWorld(shell);
    await world.run(0, sh('echo once >> "$0"').concat(world.path('count')));
    const again = await world.run(0, sh('echo once >> "$0"').concat(world.path('count')));
    expect([again.exitCode, readFileSync(world.path('count'), 'utf8')]).toEqual([1, 'once\n']);
  });

  it('refuses a flag it does not know', async () => {
    const world = new EntrypointWorld(shell);
    const step = await world.run(0, sh('echo ran'), { flags: ['-new'] });
    expect([step.exitCode, step.output, existsSync(world.path('run/0/out'))]).toEqual([1, '', false]);
  });
});
