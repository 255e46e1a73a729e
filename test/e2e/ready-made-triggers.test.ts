import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const tappet = (...args: string[]) => run(process.execPath, [join(root, 'dist/tappet.js'), ...args], { cwd: root });

describe('the ready-made triggers', () => {
  it('pass their own tests, each trigger at least once', async () => {
    const { stdout } = await tappet('trigger', 'test', 'triggers/', '--require-coverage');
    expect(stdout).toMatch(/\n\d\d passed, 0 failed\n/);
  });

  it('give lint nothing to say, and the examples neither', async () => {
    for (const folder of ['triggers', 'examples']) {
      expect((await tappet('lint', '-f', folder, '--strict')).stdout).toMatch(/^\d+ resources checked: nothing found\n$/);
    }
  });
});
