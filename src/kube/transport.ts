import {
  type IncomingMessage,
  type OutgoingHttpHeaders,
  Agent as PlainAgent,
  request as plainRequest,
  type RequestOptions,
} from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { createSecureContext } from 'node:tls';
import type { Clock } from '../ports/clock.ts';
import { BrokenConnection } from './broken-connection.ts';
import type { Credentials, KubeConnection } from './connection.ts';
import { KubeError } from './kube-client.ts';

export interface Outgoing {
  readonly method: string;
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body?: string | undefined;
  readonly credentials: Credentials;
  /** Takes a connection beside those for requests: it may last. */
  readonly lasting: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface Transport {
  /** Resolves with the head of the answer. Rejects with `BrokenConnection`, or with the signal's reason. */
  send(outgoing: Outgoing): Promise<IncomingMessage>;
  close(): void;
}

/** More requests than this wait for one another. */
const CONNECTIONS = 8;
/** API servers close what was idle for 90 s; a request that meets their closing is lost, so we close first. */
const IDLE_MS = 30_000;
/** How soon the kernel asks whether a silent peer is still there; Node has it ask ten times, each second. */
const KEEP_ALIVE_MS = 15_000;
/** The head of an answer takes no longer: API servers themselves give up after a minute. */
const HEAD_MS = 70_000;

interface Agents {
  readonly for: Credentials;
  readonly requests: PlainAgent;
  readonly lasting: PlainAgent;
}

/** HTTP/1.1 over a few connections that stay open. No retries, no waiting. */
export function createTransport(connection: KubeConnection, clock: Clock): Transport {
  const base = new URL(connection.server);
  const tls = base.protocol === 'https:';
  const root = base.pathname.replace(/\/$/, '');
  let agents: Agents | undefined;
  let closed = false;

  const agentsFor = (credentials: Credentials): Agents => {
    if (agents !== undefined && sameCertificate(agents.for, credentials)) return agents;
    // A rotated certificate: what is under way on the old connections goes on.
    agents = { for: credentials, requests: newAgent(credentials, CONNECTIONS), lasting: newAgent(credentials, Number.POSITIVE_INFINITY) };
    return agents;
  };
  const newAgent = (credentials: Credentials, maxSockets: number): PlainAgent => {
    const options = { keepAlive: true, keepAliveMsecs: KEEP_ALIVE_MS, timeout: IDLE_MS, maxSockets, maxFreeSockets: CONNECTIONS };
    if (!tls) return new PlainAgent(options);
    const { authority: ca, serverName, insecure } = connection;
    return new TlsAgent({
      ...options,
      secureContext: createSecureContext({ ca, cert: credentials.certificate, key: credentials.key }),
      ...(serverName !== undefined && { servername: serverName }),
      ...(insecure === true && { rejectUnauthorized: false }),
    });
  };

  return {
    send({ method, path, headers, body, credentials, lasting, signal }) {
      return new Promise((resolve, reject) => {
        if (closed) {
          reject(new BrokenConnection('the client is closed', { sent: false }));
          return;
        }
        const { requests, lasting: streams } = agentsFor(credentials);
        const options: RequestOptions = {
          method,
          host: base.hostname.replace(/^\[|\]$/g, ''),
          port: base.port === '' ? (tls ? 443 : 80) : base.port,
          path: root + path,
          agent: lasting ? streams : requests,
          headers: { ...headers, ...(credentials.headers as OutgoingHttpHeaders) },
          ...(signal !== undefined && { signal }),
        };
        let sent = false;
        const outgoing = (tls ? tlsRequest : plainRequest)(options);
        const stopTimer = clock.at(clock.now() + HEAD_MS, () => outgoing.destroy(new Error(`no answer for ${HEAD_MS / 1_000} s`)));
        outgoing.once('socket', (socket: Socket) => {
          const ready = (): void => {
            socket.setKeepAlive(true, KEEP_ALIVE_MS);
            sent = true;
          };
          if (!socket.connecting) ready();
          else socket.once(tls ? 'secureConnect' : 'connect', ready);
        });
        outgoing.once('response', (answer: IncomingMessage) => {
          stopTimer();
          resolve(answer);
        });
        // After the head has come, an error shows on the answer too, and is told there.
        outgoing.on('error', (error: Error) => {
          stopTimer();
          reject(signal?.aborted === true ? signal.reason : explained(error, connection.server, sent));
        });
        outgoing.end(body);
      });
    },
    close() {
      closed = true;
      agents?.requests.destroy();
      agents?.lasting.destroy();
    },
  };
}

/** A certificate that is not trusted will not be by asking again. */
function explained(error: NodeJS.ErrnoException, server: string, sent: boolean): Error {
  const { code = '', message } = error;
  if (!/CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME|^ERR_TLS|^ERR_SSL/.test(code))
    return new BrokenConnection(message === '' ? code : message, { sent, cause: error });
  const remedy = 'check certificate-authority and tls-server-name of the kubeconfig, and that server is the right address';
  return new KubeError(0, 'Untrusted', `the API server at ${new URL(server).origin} cannot be trusted: ${message}; ${remedy}`, {
    cause: error,
  });
}

function sameCertificate(one: Credentials, other: Credentials): boolean {
  return one.certificate === other.certificate && one.key === other.key;
}
