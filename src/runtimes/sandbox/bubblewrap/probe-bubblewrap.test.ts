import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { probeBubblewrap } from './probe-bubblewrap.ts';

/** A stand-in for bwrap that fails as the real one does on machines we do not have here. */
function failing(stderr: string): string {
  const dir = mkdtempSync(join(tmpdir(), 'tappet-bwrap-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const file = join(dir, 'bwrap');
  writeFileSync(file, `#!/bin/sh\n[ "$1" = --version ] && echo 'bubblewrap 0.9.0' && exit 0\necho '${stderr}' >&2\nexit 1\n`);
  chmodSync(file, 0o755);
  return file;
}

describe('probeBubblewrap', () => {
  it('says that it is not there', async () => {
    expect(await probeBubblewrap('/nowhere/bwrap')).toEqual({
      ok: false,
      message: '/nowhere/bwrap is not installed: spawn /nowhere/bwrap ENOENT',
      remedy: expect.stringContaining('Install the package "bubblewrap"'),
    });
  });

  it.each([
    ['bwrap: setting up uid map: Permission denied', 'does not let us make namespaces'],
    [
      'bwrap: Creating new namespace failed: nesting depth or /proc/sys/user/max_*_namespaces exceeded (ENOSPC)',
      'user.max_user_namespaces',
    ],
    ['bwrap: something else', 'Run the bwrap command by hand'],
  ])('passes on %s with a remedy', async (stderr, remedy) => {
    const program = failing(stderr);
    expect(await probeBubblewrap(program)).toEqual({
      ok: false,
      message: `${program} is installed but cannot make a sandbox: ${stderr}`,
      remedy: expect.stringContaining(remedy),
    });
  });

  it('knows the cure for Ubuntu', async () => {
    const program = failing('bwrap: setting up uid map: Permission denied');
    expect(await probeBubblewrap(program, { appArmorRestricts: true })).toMatchObject({
      ok: false,
      remedy: expect.stringContaining('/etc/apparmor.d/bwrap'),
    });
  });
});
