import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { type LogLevel, pinoLogger } from '../main/pino-logger.ts';
import { parseSettings, type Settings } from '../main/settings.ts';
import { type RunningServer, startServer } from '../main/start-server.ts';
import { appliedLines, apply } from './apply.ts';
import { CliError, exitCodes } from './cli-error.ts';
import { dataDirectory, SERVER_RECORD, type ServerRecord } from './connection.ts';
import { contextOf } from './context.ts';
import { wrap } from './fit.ts';
import { ofRecord } from './reach.ts';
import { cannotRead } from './read-manifests.ts';
import { terminalOf } from './terminal.ts';

export interface ServeOptions {
  readonly dataDir?: string | undefined;
  readonly config?: string | undefined;
  readonly ingress?: string | undefined;
  readonly api?: string | undefined;
  readonly apiToken?: string | undefined;
  readonly allowOutbound?: readonly string[] | undefined;
  readonly imageMap?: readonly string[] | undefined;
  readonly isolation?: string | undefined;
  readonly network?: string | undefined;
  readonly maxPods?: string | undefined;
  readonly engine?: string | undefined;
  readonly cluster?: boolean | undefined;
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly load?: readonly string[] | undefined;
  readonly logLevel: LogLevel;
}

const ON_STOP = 'Ctrl-C stops the server; steps that run go on and are picked up at the next start.';
const ON_STOP_OF_REPLICA = 'Ctrl-C stops this replica; pods that run go on, and other replicas, or the next start, look after them.';

/** Serves until SIGINT or SIGTERM. Steps that run go on without us and are adopted at the next start. */
export async function serve(options: ServeOptions): Promise<void> {
  const settings = await readSettings(options);
  if (settings.cluster && options.load !== undefined)
    throw new CliError(
      exitCodes.usage,
      '--load: with --cluster resources are the cluster’s: kubectl apply -f FILE, or tappet apply --kubeconfig FILE',
    );
  const server = await startWithSettings(settings, options.logLevel);
  try {
    if (options.load !== undefined) await load(server, options.load);
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
    if (error instanceof Error && 'code' in error && typeof error.code === 'string')
      throw new CliError(error.code === 'InvalidImageMap' ? exitCodes.usage : exitCodes.unavailable, error.message, { cause: error });
    throw error;
  });
  await writeFile(join(settings.dataDir, SERVER_RECORD), `${JSON.stringify(recordOf(server))}\n`, { mode: 0o600 });
  return server;
}

export function recordOf(server: RunningServer): ServerRecord {
  return { pid: process.pid, api: server.apiUrl, ingress: server.ingressUrl, token: server.apiToken };
}

export async function stopServer(server: RunningServer): Promise<void> {
  await rm(join(server.dataDir, SERVER_RECORD), { force: true });
  await server.close();
}

/** Flags over the configuration file over defaults. */
async function readSettings(options: ServeOptions): Promise<Settings> {
  const file = options.config === undefined ? {} : await readYaml(options.config);
  if (typeof file !== 'object' || file === null || Array.isArray(file))
    throw new CliError(exitCodes.usage, `${options.config}: expected a mapping of settings`);
  const given = {
    dataDir: dataDirectory(options.dataDir),
    ingress: options.ingress,
    api: options.api,
    apiToken: options.apiToken ?? process.env['TAPPET_API_TOKEN'],
    isolation: options.isolation,
    network: options.network,
    runs: options.engine,
    cluster: options.cluster,
    kubernetes: options.kubeconfig === undefined && options.context === undefined ? undefined : withReach(file, options),
    maxPods: options.maxPods !== undefined && /^\d+$/.test(options.maxPods) ? Number(options.maxPods) : options.maxPods,
    outbound: options.allowOutbound === undefined ? undefined : withAllowed('outbound' in file ? file.outbound : {}, options.allowOutbound),
    images: options.imageMap === undefined ? undefined : await imageEntries(options.imageMap),
  };
  const merged = { ...file, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) };
  const parsed = parseSettings(merged);
  if (!parsed.ok)
    throw new CliError(
      exitCodes.usage,
      parsed.errors.map((error) => (options.config === undefined ? error : `${options.config} and flags: ${error}`)).join('\n'),
    );
  return { ...parsed.settings, dataDir: resolve(parsed.settings.dataDir) };
}

/** The list of the file and that of the flags are one; what is wrong in the file stays as it is, to be told. */
function withAllowed(outbound: unknown, flags: readonly string[]): unknown {
  if (typeof outbound !== 'object' || outbound === null) return outbound;
  const allow = 'allow' in outbound ? outbound.allow : [];
  return Array.isArray(allow) ? { ...outbound, allow: [...allow, ...flags] } : outbound;
}

/** How the cluster is reached, as the flags say it, with what else the file says of it. */
function withReach(file: object, { kubeconfig, context }: ServeOptions): object {
  const known = 'kubernetes' in file && typeof file.kubernetes === 'object' ? file.kubernetes : {};
  return {
    ...known,
    ...(kubeconfig === undefined ? {} : { kubeconfig: resolve(kubeconfig) }),
    ...(context === undefined ? {} : { context }),
  };
}

/** `PATTERN=TARGET`, or a YAML file of entries. */
async function imageEntries(values: readonly string[]): Promise<readonly unknown[]> {
  const entries: unknown[] = [];
  for (const value of values) {
    const isFile = !value.includes('=') || (await isKind(value, 'isFile'));
    if (!isFile) {
      entries.push(await imageEntry(value));
      continue;
    }
    const file = await readYaml(value);
    const images = typeof file === 'object' && file !== null && 'images' in file ? file.images : undefined;
    if (!Array.isArray(images)) throw new CliError(exitCodes.usage, `${value}: expected {images: [{pattern, serves}]}`);
    entries.push(...images);
  }
  return entries;
}

async function imageEntry(value: string): Promise<{ readonly pattern: string; readonly serves: string }> {
  const split = value.lastIndexOf('=');
  const [pattern, target] = [value.slice(0, split), value.slice(split + 1)];
  const refuse = (why: string): CliError => new CliError(exitCodes.usage, `--image-map ${value}: ${why}`);
  if (pattern === '') throw refuse('no image pattern before "="; expected e.g. \'*=host\' or alpine=/srv/roots/alpine');
  if (target === '') throw refuse('nothing after "="; expected "host", or the folder an image was unpacked into');
  if (target === 'host') return { pattern, serves: target };
  const root = resolve(target);
  if (await isKind(root, 'isDirectory')) return { pattern, serves: root };
  throw refuse(`no folder ${root}; expected "host", or the folder an image was unpacked into`);
}

function isKind(path: string, kind: 'isFile' | 'isDirectory'): Promise<boolean> {
  return stat(path).then(
    (info) => info[kind](),
    () => false,
  );
}

async function readYaml(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch(cannotRead(file));
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const [problem] = document.errors;
  if (problem === undefined) return document.toJS({ maxAliasCount: 100 });
  throw new CliError(exitCodes.usage, `${file}:${lineCounter.linePos(problem.pos[0]).line}: not valid YAML: ${problem.message}`);
}

async function load(server: RunningServer, paths: readonly string[]): Promise<void> {
  const context = contextOf(ofRecord(recordOf(server)), 'default', new AbortController().signal);
  process.stdout.write(appliedLines(await apply(context, { files: paths })));
}

type ServedAt = Pick<RunningServer, 'ingressUrl' | 'apiUrl' | 'kubeconfigFile' | 'cluster' | 'dataDir' | 'stepsRunIn'>;

function greeting(server: RunningServer): string {
  const onStop = server.cluster === undefined ? ON_STOP : ON_STOP_OF_REPLICA;
  const steps = terminalOf(process.stdout).interactive ? wrap(onStop, 80).join('\n') : onStop;
  return `${serverLines(server)}\n${steps}`;
}

/** Where a server is reached, for people. */
export function serverLines(server: ServedAt): string {
  const { cluster } = server;
  return [
    `webhooks   ${server.ingressUrl}/<namespace>/<listener>`,
    ...(cluster === undefined
      ? [`API        ${server.apiUrl}`, `kubectl    export KUBECONFIG=${server.kubeconfigFile}`]
      : [
          `resources  those of ${cluster}`,
          `API        ${server.apiUrl}`,
          '           (events, schedules, interceptors, health, metrics; no resources)',
        ]),
    `data       ${server.dataDir}${cluster === undefined ? '' : ' (events)'}`,
    `steps run  ${server.stepsRunIn}`,
  ].join('\n');
}
