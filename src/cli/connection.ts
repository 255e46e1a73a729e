import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { CliError, exitCodes } from './cli-error.ts';

/** Where a server left word of itself. */
export interface ServerRecord {
  readonly pid: number;
  /** The private listener: API and console. */
  readonly api: string;
  /** The public listener: webhooks. */
  readonly ingress: string;
  readonly token?: string | undefined;
}

export interface ConnectionOptions {
  readonly server?: string | undefined;
  readonly token?: string | undefined;
  readonly dataDir?: string | undefined;
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  /** Where our server is in that cluster: `NAMESPACE/SERVICE`. */
  readonly apiService?: string | undefined;
}

/** File in the data directory that a running server writes and a stopping one removes. */
export const SERVER_RECORD = 'server.json';

export function dataDirectory(given: string | undefined): string {
  const chosen = given ?? process.env['TAPPET_DATA_DIR'];
  if (chosen !== undefined && chosen !== '') return resolve(chosen);
  return join(process.env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'tappet');
}

/** The server to talk to: the flag, the environment, or the one that serves the data directory on this machine. */
export async function findServer(options: ConnectionOptions): Promise<ServerRecord> {
  const server = options.server ?? process.env['TAPPET_SERVER'];
  const token = options.token ?? process.env['TAPPET_TOKEN'];
  if (server !== undefined && server !== '') return { pid: 0, api: checkedUrl(server), ingress: '', token };
  const directory = dataDirectory(options.dataDir);
  const record = await readRecord(join(directory, SERVER_RECORD));
  if (record === undefined) {
    throw new CliError(
      exitCodes.unavailable,
      `no server runs on ${directory}: start one with "tappet serve", or name another with --data-dir, --server, or --context for a cluster`,
    );
  }
  return token === undefined ? record : { ...record, token };
}

async function readRecord(file: string): Promise<ServerRecord | undefined> {
  try {
    const record: unknown = JSON.parse(await readFile(file, 'utf8'));
    return isRecord(record) && alive(record.pid) ? record : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is ServerRecord {
  return (
    typeof value === 'object' &&
    value !== null &&
    'pid' in value &&
    'api' in value &&
    typeof value.pid === 'number' &&
    typeof value.api === 'string'
  );
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, under another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function checkedUrl(server: string): string {
  if (/^https?:\/\/[^/]/.test(server) && URL.canParse(server)) return server.replace(/\/+$/, '');
  throw new CliError(exitCodes.usage, `--server (or TAPPET_SERVER): got "${server}", expected a URL like http://127.0.0.1:8081`);
}
