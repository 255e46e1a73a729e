import { writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { POD_UID_ANNOTATION } from '../controllers/pod-record.ts';
import { startRetention } from '../events/retention.ts';
import { createHttp } from '../http/create-http.ts';
import type { Logger } from '../ports/logger.ts';
import { admit, validateUpdate } from '../resources/admit.ts';
import { loopbackHosts } from '../server/api/api-options.ts';
import { createApi } from '../server/api.ts';
import { Ingress } from '../server/ingress.ts';
import { type Listening, listen } from '../server/listen.ts';
import { EventTally } from '../server/metrics/event-tally.ts';
import { RunTally } from '../server/metrics/run-tally.ts';
import { BodyBudget } from '../server/read-body.ts';
import { apiToken } from './api-token.ts';
import { auditFile } from './audit-file.ts';
import { createResolvers } from './create-resolvers.ts';
import { embeddedGround } from './embedded-ground.ts';
import { EngineGauge } from './engine-gauge.ts';
import { kubeconfig } from './kubeconfig.ts';
import { lintOnApply } from './lint-on-apply.ts';
import { metricsPage } from './metrics-page.ts';
import { outboundPolicy } from './outbound-policy.ts';
import { podLogs } from './pod-logs.ts';
import { engineConfig, isLoopback, type Settings } from './settings.ts';
import { StartError } from './start-error.ts';
import { startEvents } from './start-events.ts';
import { startTracing } from './start-tracing.ts';
import { systemClock } from './system-clock.ts';
import { systemIds } from './system-ids.ts';
import { tellAll } from './tell-all.ts';
import { tellSink } from './tell-sink.ts';
import { apiCertificate } from './tls/api-certificate.ts';
import { configuredCertificate } from './tls/configured-certificate.ts';
import type { KeyAndCertificate } from './tls/self-signed.ts';
import { VERSION } from './version.ts';

export interface RunningServer {
  readonly apiUrl: string;
  readonly ingressUrl: string;
  readonly apiToken: string;
  readonly dataDir: string;
  /** For `kubectl`, `tkn` and `k9s`. Absent: resources are the cluster's, and reached as the cluster is. */
  readonly kubeconfigFile: string | undefined;
  /** The API server that has the resources. Absent: this one has them. */
  readonly cluster: string | undefined;
  /** For people: `in sandboxes (bubblewrap)`. */
  readonly stepsRunIn: string;
  /** Takes no more, finishes what is in hand, lets go of the data directory. Steps that run go on. Idempotent. */
  close(): Promise<void>;
}

/** In the data directory. */
const AUDIT_LOG = 'audit.log';
/** How long requests under way may take when the server stops. */
const DRAIN_MS = 5_000;
/** Bytes of bodies that may be in memory at once while they are being received. */
const BODY_BUDGET_BYTES = 256 * 1024 * 1024;

/**
 * The embedded server: one process, everything below the data directory. Brings up, in this order, what the next needs: data, pods, runs,
 * events, API, ingress; and takes it down in the opposite order, also when a part cannot be brought up.
 */
export async function startServer(settings: Settings, { logger }: { readonly logger: Logger }): Promise<RunningServer> {
  const undo: (() => Promise<unknown> | unknown)[] = [];
  const close = async (): Promise<void> => {
    for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step();
  };
  try {
    return await bringUp(settings, logger, undo, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function bringUp(
  settings: Settings,
  logger: Logger,
  undo: (() => Promise<unknown> | unknown)[],
  close: () => Promise<void>,
): Promise<RunningServer> {
  const { dataDir } = settings;
  const config = engineConfig(settings);
  const clock = systemClock;
  const ids = systemIds;

  const outbound = outboundPolicy(settings);
  const http = createHttp({ outbound, clock });
  undo.push(() => http.close());

  const ground = settings.cluster
    ? await (await import('./cluster-ground.ts')).clusterGround(settings, { clock, ids, logger, http })
    : await embeddedGround(settings, { clock, ids, logger });
  undo.push(() => ground.close());
  const { store, journal, runtime } = ground;

  const resolvers = await createResolvers({ settings: settings.resolvers, store, http, outbound, dataDir });
  const told = settings.runs === 'tappet' ? tellSink({ store, http, clock, ids, logger, config }) : undefined;
  undo.push(() => told?.close());
  const tracing = startTracing({ settings: settings.tracing, store, http, clock, logger });
  undo.push(() => tracing?.close());
  const [runTally, engineGauge] = [new RunTally({ clock, observability: settings.observability }), new EngineGauge()];
  const audience = tellAll([told, runTally, engineGauge, tracing?.runs]);
  const execute = settings.runs === 'tappet' ? { clock, logger, config, resolvers, audience } : undefined;
  const work = await ground.startWork({ execute });
  undo.push(() => work.close());

  const meter = new EventTally();
  const loopback = isLoopback(settings.ingress.host);
  let ingressUrl = '';
  const events = await startEvents({
    store,
    journal,
    clock,
    ids,
    logger,
    meter,
    config,
    http,
    loopback,
    services: settings.services,
    tracing: tracing?.events,
    firesSchedulesOf: ground.firesSchedulesOf,
    mayListSecrets: ground.mayListSecrets,
    url: () => settings.publicUrl ?? ingressUrl,
  });
  undo.push(() => events.close());
  const { maxAge: maxAgeMs, maxCount } = settings.events.retention;
  const retention = startRetention({ journal, clock, logger, meter, maxAgeMs, maxCount });
  undo.push(() => retention.close());

  const token = settings.apiToken ?? (await apiToken(dataDir));
  const tokens = await ground.startAccess(token);
  undo.push(() => tokens.close());
  const audit = auditFile(join(dataDir, AUDIT_LOG), { ids, logger });
  undo.push(() => audit.close());
  const api = createApi({
    store,
    journal,
    resourceTypes: ground.resourceTypes,
    admit: (raw, unknownFields) => admit(raw, config, runtime.capabilities, unknownFields),
    schedules: events.schedules,
    advise: lintOnApply({ store, configuration: events.configuration, admit: (raw) => admit(raw, config) }),
    validateUpdate: (next, current) => validateUpdate(current, next),
    podLogs: (namespace, name, container, options) => podLogs({ store, runtime, config }, { namespace, name, container }, options),
    execInPod: async (namespace, name, container, options, output) => {
      const record = await store.get({ kind: 'Pod', namespace, name });
      const uid = record?.metadata.annotations?.[POD_UID_ANNOTATION];
      return uid === undefined ? undefined : runtime.exec?.(uid, container, options, output);
    },
    clock,
    logger,
    version: VERSION,
    metrics: metricsPage({ meters: [meter, runTally, engineGauge], journal, clock }),
    interceptors: events.interceptors,
    eventActions: events.actions,
    access: { allowedHosts: isLoopback(settings.api.host) ? loopbackHosts : [], authenticate: tokens.authenticate, audit },
  });
  const tls = await certificateFor(settings, clock.now());
  const apiListening = await listen({
    handler: api.app,
    upgradeHandler: api.upgrade,
    ...settings.api,
    name: 'api',
    portOption: '--api',
    requestTimeoutMs: 0,
    tls,
  });
  undo.push(() => {
    api.close();
    return apiListening.close(DRAIN_MS);
  });

  const kubeconfigFile = ground.cluster === undefined ? join(dataDir, 'kubeconfig') : undefined;
  if (kubeconfigFile !== undefined) {
    const reached = reachedAt(apiListening).replace(/^http:/, 'https:');
    await writeFile(kubeconfigFile, kubeconfig({ server: reached, authority: tls.authority, token }), { mode: 0o600 });
  }

  const ingress = new Ingress({
    intake: events.intake,
    clock,
    logger,
    meter,
    budget: new BodyBudget(BODY_BUDGET_BYTES),
    limits: settings.maxBodyBytes === undefined ? {} : { maxBodyBytes: settings.maxBodyBytes },
    defaultListener: settings.defaultListener,
    eventUrl: (eventId) => `${apiListening.url}/apis/tappet.dev/v1alpha1/events/${eventId}`,
  });
  const ingressListening = await listen({
    handler: ingress.handle,
    continueHandler: ingress.handle,
    ...settings.ingress,
    name: 'ingress',
    portOption: '--ingress',
  });
  ingressUrl = ingressListening.url;
  undo.push(() => stopIngress(ingress, ingressListening));
  // First: runs need not wait until the last request of a webhook is answered.
  undo.push(() => work.handOver?.());

  logger.info('serving', { ingress: ingressListening.url, api: apiListening.url, dataDir, isolation: settings.isolation });
  return {
    apiUrl: apiListening.url,
    ingressUrl: ingressListening.url,
    apiToken: token,
    dataDir,
    kubeconfigFile,
    cluster: ground.cluster,
    stepsRunIn: ground.stepsRunIn,
    close,
  };
}

async function certificateFor(
  { dataDir, api, apiTls }: Settings,
  now: number,
): Promise<KeyAndCertificate & { readonly authority: string | undefined }> {
  if (apiTls === undefined) {
    const own = await apiCertificate(dataDir, hostsOf(api.host), now);
    return { ...own, authority: own.certificate };
  }
  return await configuredCertificate(apiTls, now).catch((error: unknown) => {
    throw new StartError('InvalidCertificate', error instanceof Error ? error.message : String(error), { cause: error });
  });
}

/** The names and addresses by which the API may be called. */
function hostsOf(bound: string): readonly string[] {
  return [...new Set([...loopbackHosts, hostname(), ...(isWildcard(bound) ? [] : [bound])])];
}

/** From this machine. */
function reachedAt({ host, port, url }: Listening): string {
  return isWildcard(host) ? `http://127.0.0.1:${port}` : url;
}

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

async function stopIngress(ingress: Ingress, listening: Listening): Promise<void> {
  ingress.drain();
  await listening.close(DRAIN_MS);
}
