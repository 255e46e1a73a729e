import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ApiClient } from '../../src/cli/api-client.ts';
import type { ServerRecord } from '../../src/cli/connection.ts';
import { ofRecord } from '../../src/cli/reach.ts';

export interface TestServer {
  readonly client: ApiClient;
  readonly record: ServerRecord;
  readonly process: ChildProcess;
  /** What it wrote to standard error so far. */
  log(): string;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

const READY_WITHIN_MS = 15_000;

/** Starts the built program as users do, on free ports, and resolves when it serves. */
export async function startServer(dataDir: string, flags: readonly string[]): Promise<TestServer> {
  const program = join(import.meta.dirname, '../../dist/tappet.js');
  const child = spawn(
    process.execPath,
    [program, 'serve', '--data-dir', dataDir, '--ingress', '127.0.0.1:0', '--api', '127.0.0.1:0', ...flags],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const record = await readRecord(child, join(dataDir, 'server.json'), () => log);
  return {
    client: new ApiClient(ofRecord(record)),
    record,
    process: child,
    log: () => log,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      await ended;
    },
  };
}

async function readRecord(child: ChildProcess, file: string, log: () => string): Promise<ServerRecord> {
  const until = Date.now() + READY_WITHIN_MS;
  while (Date.now() < until && child.exitCode === null) {
    try {
      const record: ServerRecord = JSON.parse(await readFile(file, 'utf8'));
      if (record.pid === child.pid) return record;
    } catch {
      // Not there yet, or half of it.
    }
    await pause(10);
  }
  child.kill('SIGKILL');
  throw new Error(`the server did not become ready; it said:\n${log()}`);
}
