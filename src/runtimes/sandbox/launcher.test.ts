import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Launcher } from './launcher.ts';

let directory: string;
let launcher: Launcher;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tappet-launcher-'));
  launcher = new Launcher();
});
afterEach(async () => {
  launcher.close();
  await rm(directory, { recursive: true, force: true });
});

/** A stand-in for the wrapper: does `body` in its folder, then says that it is done. */
async function folder(name: string, body: string): Promise<{ readonly dir: string; readonly script: string }> {
  const dir = join(directory, name);
  await mkdir(dir);
  const script = join(dir, 'script');
  await writeFile(script, `cd -- "$1"\nshift\n${body}\npwd >&5\n`);
  return { dir, script };
}

describe('launcher', () => {
  it('hands over arguments and variables as they are, and tells when the end is recorded', async () => {
    const { dir, script } = await folder("it's a 'folder'", 'printf "%s|" "$A" "$@" > seen; env > env');
    const launched = await launcher.launch(dir, {
      arguments: [script, dir, "o'clock", 'two\nlines', '$HOME `x`', ''],
      env: { A: "a'b\n$c", 'not-a-name': 'x' },
    });
    if (launched === false) throw new Error('this machine has no setsid');
    await launched.recorded;
    expect(await readFile(join(dir, 'seen'), 'utf8')).toBe("a'b\n$c|o'clock|two\nlines|$HOME `x`||");
    expect(await readFile(join(dir, 'env'), 'utf8')).not.toContain('VITEST');
  });

  it('starts each in a session of its own, side by side', async () => {
    const first = await folder('first', 'while [ ! -e ../second/seen ]; do :; done; cut -d " " -f 6 /proc/$$/stat > seen; echo $$ > pid');
    const second = await folder('second', 'cut -d " " -f 6 /proc/$$/stat > seen; echo $$ > pid');
    const launched = await Promise.all(
      [first, second].map(({ dir, script }) => launcher.launch(dir, { arguments: [script, dir], env: {} })),
    );
    await Promise.all(launched.map((one) => (one === false ? undefined : one.recorded)));
    for (const { dir } of [first, second]) expect(await readFile(join(dir, 'seen'), 'utf8')).toBe(await readFile(join(dir, 'pid'), 'utf8'));
  });

  it('is replaced when somebody kills it; what it had started goes on', async () => {
    const { dir, script } = await folder('a', 'cut -d " " -f 4 /proc/$$/stat > parent; while [ ! -e go ]; do :; done; echo done > done');
    expect(await launcher.launch(dir, { arguments: [script, dir], env: {} })).not.toBe(false);
    let parent = '';
    while (parent === '') parent = (await readFile(join(dir, 'parent'), 'utf8').catch(() => '')).trim();
    process.kill(Number(parent), 'SIGKILL');
    const other = await folder('b', 'true');
    for (let recorded = false; !recorded; ) {
      // Until the death is noticed a launch may still go to the dead one; callers look again, and so does this test.
      const launched = await launcher.launch(other.dir, { arguments: [other.script, other.dir], env: {} });
      recorded =
        launched !== false &&
        (await Promise.race([launched.recorded.then(() => true), new Promise<false>((resolve) => setTimeout(() => resolve(false), 50))]));
    }
    await writeFile(join(dir, 'go'), '');
    while ((await readFile(join(dir, 'done'), 'utf8').catch(() => '')) === '') await new Promise((resolve) => setImmediate(resolve));
  });
});
