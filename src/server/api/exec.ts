import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ExecSession } from '../../ports/runtime.ts';
import type { AccessControl } from '../access/access-control.ts';
import { ApiError, badRequest, notFound, statusObject } from './api-error.ts';
import type { ApiOptions } from './api-options.ts';

/** The first byte of every message (Kubernetes' remotecommand over WebSocket). */
const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const STATUS = 3;
/** Version 5: what follows is the number of a channel that the client closes. */
const CLOSE = 255;

/** What clients speak, the newest first. The older one cannot tell that there is no more input. */
const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const MOST_WAITING_BYTES = 1024 * 1024;
const MOST_INPUT_BYTES = 8 * 1024 * 1024;

interface ExecTarget {
  readonly namespace: string;
  readonly pod: string;
  readonly action: 'exec' | 'attach';
  readonly container: string;
  readonly command: readonly string[];
  readonly tty: boolean;
}

/**
 * `exec` and `attach` of pods, for requests that Node hands over as upgrades: a command beside a container, or a container's output from now on.
 * What is wrong is answered as any other request is, before the protocol changes.
 */
export class PodStreams {
  readonly #options: ApiOptions;
  readonly #accessControl: AccessControl;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MOST_INPUT_BYTES,
    handleProtocols: (offered) => PROTOCOLS.find((protocol) => offered.has(protocol)) ?? false,
  });

  constructor(options: ApiOptions, accessControl: AccessControl) {
    this.#options = options;
    this.#accessControl = accessControl;
  }

  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy());
    try {
      await this.#accessControl.admitUpgrade(request);
      const target = await this.#targetOf(request);
      this.#sockets.handleUpgrade(request, socket, head, (client) => {
        void (target.action === 'exec' ? this.#exec(client, target) : this.#attach(client, target)).catch((error: unknown) => {
          this.#options.logger.error('a command beside a container failed', { pod: target.pod, error });
          client.close(1011);
        });
      });
    } catch (error) {
      refuse(socket, error instanceof ApiError ? error : new ApiError(500, 'InternalError', 'internal error; the server log says more'));
      if (!(error instanceof ApiError)) this.#options.logger.error('an upgrade failed', { error });
    }
  }

  close(): void {
    for (const client of this.#sockets.clients) client.terminate();
    this.#sockets.close();
  }

  async #targetOf(request: IncomingMessage): Promise<ExecTarget> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const [, namespace, pod, action] = /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/]+)\/(exec|attach)$/.exec(url.pathname) ?? [];
    const podsAreServed = this.#options.resourceTypes.some(({ group, kind }) => group === '' && kind === 'Pod');
    if (!podsAreServed || namespace === undefined || pod === undefined || (action !== 'exec' && action !== 'attach')) {
      throw new ApiError(404, 'NotFound', `no WebSocket is served at ${url.pathname}`);
    }
    const record = await this.#options.store.get({ kind: 'Pod', namespace, name: pod });
    if (record === undefined) throw notFound('pods', '', pod);
    const command = url.searchParams.getAll('command');
    if (action === 'exec' && command.length === 0) throw badRequest('you must specify at least one command for the container');
    const containers = (
      (record['spec'] as { readonly containers?: readonly { readonly name: string }[] } | undefined)?.containers ?? []
    ).map(({ name }) => name);
    const container = url.searchParams.get('container') ?? containers[0] ?? '';
    if (!containers.includes(container))
      throw badRequest(`container ${container} is not valid for pod ${pod}; it has: ${containers.join(', ')}`);
    // Last: kubectl tries an older protocol after any refusal, and shows what that one is answered.
    if (
      !String(request.headers['sec-websocket-protocol'] ?? '')
        .split(',')
        .some((protocol) => PROTOCOLS.includes(protocol.trim()))
    ) {
      throw badRequest(`Sec-WebSocket-Protocol: expected one of ${PROTOCOLS.join(', ')}`);
    }
    return { namespace, pod, action, container, command, tty: url.searchParams.get('tty') === 'true' };
  }

  async #exec(client: WebSocket, { namespace, pod, container, command, tty }: ExecTarget): Promise<void> {
    const { execInPod } = this.#options;
    const early: Uint8Array[] = [];
    let session: ExecSession | undefined;
    const take = (message: Uint8Array): void => {
      const [channel] = message;
      if (session === undefined) early.push(message);
      else if (channel === STDIN) session.write(message.subarray(1));
      else if (channel === CLOSE && message[1] === STDIN) session.endInput();
    };
    client.on('message', (data: Buffer) => take(data));
    client.once('close', () => session?.kill());
    client.on('error', () => session?.kill());
    session = await execInPod?.(namespace, pod, container, { command, tty }, (stream, data) =>
      send(client, stream === 'stdout' ? STDOUT : STDERR, data),
    );
    if (session === undefined) {
      const message = `container ${container} of pod ${pod} does not run`;
      await finish(client, { status: 'Failure', reason: 'InternalError', code: 500, message });
      return;
    }
    if (client.readyState !== client.OPEN) session.kill();
    for (const message of early.splice(0)) take(message);
    const exitCode = await session.exitCode.catch((error: unknown) => error as Error);
    if (exitCode instanceof Error)
      await finish(client, { status: 'Failure', reason: 'InternalError', code: 500, message: exitCode.message });
    else await finish(client, exitCode === 0 ? { status: 'Success' } : nonZero(exitCode));
  }

  async #attach(client: WebSocket, { namespace, pod, container }: ExecTarget): Promise<void> {
    const ended = new AbortController();
    client.once('close', () => ended.abort());
    client.on('error', () => ended.abort());
    let past = 0;
    for await (const chunk of this.#options.podLogs(namespace, pod, container, { follow: false, signal: ended.signal }))
      past += chunk.length;
    for await (const chunk of this.#options.podLogs(namespace, pod, container, { follow: true, signal: ended.signal })) {
      const skipped = Math.min(past, chunk.length);
      past -= skipped;
      if (skipped < chunk.length) await send(client, STDOUT, chunk.subarray(skipped));
    }
    await finish(client, { status: 'Success' });
  }
}

/** Resolves when the client has taken it, or so much of what is before it that more may come. */
function send(client: WebSocket, channel: number, data: Uint8Array): Promise<void> {
  if (client.readyState !== client.OPEN) return Promise.reject(new Error('the client has gone'));
  const message = Buffer.concat([Buffer.from([channel]), data]);
  return new Promise((resolve, reject) => {
    client.send(message, (error) => (error ? reject(error) : resolve()));
    if (client.bufferedAmount < MOST_WAITING_BYTES) resolve();
  });
}

/** Tells how it ended, and hangs up. */
async function finish(client: WebSocket, outcome: Readonly<Record<string, unknown>>): Promise<void> {
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, ...outcome };
  await send(client, STATUS, Buffer.from(JSON.stringify(status))).catch(() => undefined);
  client.close(1000);
}

function nonZero(exitCode: number): Readonly<Record<string, unknown>> {
  return {
    status: 'Failure',
    reason: 'NonZeroExitCode',
    message: `command terminated with non-zero exit code: exit status ${exitCode}`,
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  };
}

function refuse(socket: Duplex, error: ApiError): void {
  const body = JSON.stringify(statusObject(error));
  socket.end(
    `HTTP/1.1 ${error.status} ${error.reason}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}
