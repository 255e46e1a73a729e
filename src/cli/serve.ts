import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { pinoLogger, type LogLevel } from '../main/pino-logger.ts';
import { parseSettings, type Settings } from '../main/settings.ts';
import { type RunningServer, startServer } from '../main/start-server.ts';
import { apply, appliedLines } from './apply.ts';
import { ApiClient } from './api-client.ts';
import { CliError, exitCodes } from './cli-error.ts';
import { dataDirectory, SERVER_RECORD, type ServerRecord } from './connection.ts';
import { terminalOf } from './terminal.ts';

export interface ServeOptions {
  readonly dataDir?: string | undefined;
  readonly config?: string | undefined;
  readonly ingress?: string | undefined;
  readonly api?: string | undefined;
  readonly apiToken?: string | undefined;
  readonly imageMap: readonly string[];
  readonly isolation?: string | undefined;
  readonly network?: string | undefined;
  readonly maxPods?: string | undefined;
  readonly runs?: string | undefined;
  readonly load: readonly string[];
  readonly logLevel: LogLevel;
}

/** Serves until SIGINT or SIGTERM. Steps that run go on without us and are adopted at the next start. */
export async function serve(options: ServeOptions): Promise<void> {
  const server = await startWithSettings(await readSettings(options), options.logLevel);
  try {
    if (options.load.length > 0) await load(server, options.load);
    process.stdout.write(`${greeting(server)}\n`);
    await new Promise<void>((resolve) => {
      process.once('SIGINT', () => resolve());
      process.once('SIGTERM', () => resolve());
    });
  } finally {
    await stopServer(server);
  }
}

/** Starts, and leaves word of itself in the data directory for the other commands. */
export async function startWithSettings(settings: Settings, logLevel: LogLevel): Promise<RunningServer> {
  const server = await startServer(settings, { logger: pinoLogger(logLevel) }).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string') throw new CliError(exitCodes.unavailable, error.message, { cause: error });
    throw error;
  });
  const record: ServerRecord = { pid: process.pid, api: server.apiUrl, ingress: server.ingressUrl, token: server.apiToken };
  await writeFile(join(settings.dataDir, SERVER_RECORD), `${JSON.stringify(record)}\n`, { mode: 0o600 });
  return server;
}

export async function stopServer(server: RunningServer): Promise<void> {
  await rm(join(server.dataDir, SERVER_RECORD), { force: true });
  await server.close();
}

/** Flags over the configuration file over defaults. */
async function readSettings(options: ServeOptions): Promise<Settings> {
  const file = options.config === undefined ? {} : await readYaml(options.config);
  if (typeof file !== 'object' || file === null || Array.isArray(file)) throw new CliError(exitCodes.usage, `${options.config}: expected a mapping`);
  const given = {
    dataDir: dataDirectory(options.dataDir),
    ingress: options.ingress,
    api: options.api,
    apiToken: options.apiToken ?? process.env['TAPPET_API_TOKEN'],
    isolation: options.isolation,
    network: options.network,
    runs: options.runs,
    maxPods: options.maxPods === undefined ? undefined : Number(options.maxPods),
    images: options.imageMap.length === 0 ? undefined : await imageEntries(options.imageMap),
  };
  const merged = { ...file, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) };
  const parsed = parseSettings(merged);
  if (!parsed.ok) throw new CliError(exitCodes.usage, parsed.errors.join('\n'));
  return { ...parsed.settings, dataDir: resolve(parsed.settings.dataDir) };
}

/** `PATTERN=TARGET`, or a YAML file of entries. */
async function imageEntries(values: readonly string[]): Promise<readonly unknown[]> {
  const entries: unknown[] = [];
  for (const value of values) {
    const isFile = !value.includes('=') || (await stat(value).then((info) => info.isFile(), () => false));
    if (!isFile) {
      const split = value.lastIndexOf('=');
      entries.push({ pattern: value.slice(0, split), serves: value.slice(split + 1) });
      continue;
    }
    const file = await readYaml(value);
    const images = typeof file === 'object' && file !== null && 'images' in file ? file.images : undefined;
    if (!Array.isArray(images)) throw new CliError(exitCodes.usage, `${value}: expected {images: [{pattern, serves}]}`);
    entries.push(...images);
  }
  return entries;
}

async function readYaml(file: string): Promise<unknown> {
  try {
    return parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new CliError(exitCodes.usage, `${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

async function load(server: RunningServer, paths: readonly string[]): Promise<void> {
  const context = {
    client: new ApiClient({ pid: process.pid, api: server.apiUrl, ingress: server.ingressUrl, token: server.apiToken }),
    namespace: 'default',
    terminal: terminalOf(process.stdout),
    print: (text: string) => void process.stdout.write(text),
    note: (text: string) => void process.stderr.write(`${text}\n`),
    signal: new AbortController().signal,
    clock: { now: () => Date.now(), pause: () => Promise.resolve() },
  };
  process.stdout.write(appliedLines(await apply(context, { files: paths })));
}

function greeting(server: RunningServer): string {
  return [
    `webhooks   ${server.ingressUrl}/<namespace>/<listener>`,
    `API        ${server.apiUrl}`,
    `data       ${server.dataDir}`,
    `steps run  ${server.stepsRunIn}`,
    'Ctrl-C stops the server; steps that run go on and are picked up at the next start.',
  ].join('\n');
}
