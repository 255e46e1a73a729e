import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';

/** The house rules are tests like any other: a broken border or an unused export fails the run, with the tool's own words. */
const RULES = [
  { name: 'formatted and linted, pure rooms pure', script: 'lint' },
  { name: 'types hold', script: 'types' },
  { name: 'rooms import only what they may', script: 'rooms' },
  { name: 'nothing unused', script: 'unused' },
  { name: 'what is generated is as it would be generated', script: 'generated' },
] as const;

function npmRun(script: string): Promise<{ readonly code: number | null; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('npm', ['run', '--silent', script], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}

describe('house rules', () => {
  it.each(RULES)(
    '$name',
    async ({ script }) => {
      const { code, output } = await npmRun(script);
      expect(code, output).toBe(0);
    },
    600_000,
  );
});
