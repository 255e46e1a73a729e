import { type AgentOptions, type ClientRequestArgs, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';

/** Open connections, kept for the next request to the same server. */
export interface ConnectionPool {
  agentFor(protocol: string): HttpAgent;
  /** Ends idle connections, and the busy ones as they become idle. Idempotent. */
  close(): void;
}

/** What a request says of itself to the pool. */
export interface Pinned {
  /** The addresses that were checked for it. */
  readonly pin: string;
}

const options: AgentOptions = {
  keepAlive: true,
  // Many servers close after five idle seconds; a request that meets their closing is lost, so we close first.
  timeout: 4_000,
  maxSockets: 64,
  maxFreeSockets: 8,
};

/**
 * Connections are told apart by the addresses that were checked, not by name alone: one that leads where this request may go is never lent to
 * a request that may not go there, whatever its server is called. Node itself tells them apart by the certificates they trust.
 */
export function createConnectionPool(): ConnectionPool {
  let open = true;
  const http = pinned(new HttpAgent(options), () => open);
  const https = pinned(new HttpsAgent(options), () => open);
  return {
    agentFor: (protocol) => (protocol === 'https:' ? https : http),
    close() {
      open = false;
      const idle = [http, https].flatMap(({ freeSockets }) => Object.values(freeSockets).flatMap((sockets) => sockets ?? []));
      for (const socket of idle) socket.destroy();
    },
  };
}

function pinned<A extends HttpAgent>(agent: A, isOpen: () => boolean): A {
  const name = agent.getName.bind(agent);
  const keep = agent.keepSocketAlive.bind(agent);
  agent.getName = (request?: ClientRequestArgs & Partial<Pinned>) => `${name(request)}|${request?.pin}`;
  agent.keepSocketAlive = (socket) => isOpen() && keep(socket);
  return agent;
}
