import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeObject } from '../../../src/resources/object.ts';
import { groupKindOf } from '../../../src/resources/object.ts';
import { startServer, type TestServer } from '../../support/test-server.ts';

/** Runs `work` beside a fresh server of ours on a data directory of its own. */
export async function withServer<T>(
  flags: readonly string[],
  objects: readonly KubeObject[],
  work: (server: TestServer) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'tappet-bench-'));
  try {
    const server = await startServer(join(directory, 'data'), ['--log-level', 'error', ...flags]);
    try {
      const queue = [...objects];
      const worker = async (): Promise<void> => {
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) await server.client.create(next, groupKindOf(next));
      };
      await Promise.all(Array.from({ length: 32 }, worker));
      return await work(server);
    } finally {
      await server.stop();
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Runs `work` beside the bare server that only reads, verifies and parses. */
export async function withBareServer<T>(secret: string, work: (url: string, pid: number) => Promise<T>): Promise<T> {
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'bare-server.ts'), secret], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  try {
    const port = await new Promise<number>((resolve, reject) => {
      child.stdout?.once('data', (chunk: Buffer) => resolve(Number(chunk.toString().trim())));
      child.once('error', reject);
    });
    return await work(`http://127.0.0.1:${port}/`, child.pid ?? 0);
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}
