import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { connect } from 'node:net';
import type { PlannedCheck } from '../../../tasks/pod-plan.ts';

export type CheckOutcome = { readonly ok: true } | { readonly ok: false; readonly message: string };

/** Runs a command in the container; it is killed when the signal says so. */
export type Exec = (command: readonly string[], signal: AbortSignal) => Promise<CheckOutcome>;

type HttpCheck = Extract<PlannedCheck, { type: 'http' }>;

/** The pod's address: its containers have this machine's network. */
const POD_HOST = '127.0.0.1';

/** `signal`: the time for an answer is over. Never rejects. */
export async function runCheck(check: PlannedCheck, exec: Exec, signal: AbortSignal): Promise<CheckOutcome> {
  try {
    switch (check.type) {
      case 'exec':
        return await exec(check.command, signal);
      case 'http':
        return judge(await statusOf(check, signal));
      case 'tcp':
        await connectTo(check.host ?? POD_HOST, portOf(check.port), signal);
        return { ok: true };
      case 'grpc':
        return { ok: false, message: 'grpc is not supported' };
    }
  } catch (error) {
    if (signal.aborted) return { ok: false, message: 'no answer in time' };
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}

/** As the kubelet: anything from 200 to 399; redirects are not followed, which it does within one host only. */
function judge(status: number): CheckOutcome {
  return status >= 200 && status < 400 ? { ok: true } : { ok: false, message: `HTTP status ${status}` };
}

/** The body is of no interest, nor is whether a certificate is to be trusted. */
function statusOf({ scheme, host, port, path, headers }: HttpCheck, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = {
      host: host ?? POD_HOST,
      port: portOf(port),
      path,
      headers: {
        'User-Agent': 'tappet-probe',
        Accept: '*/*',
        Connection: 'close',
        ...Object.fromEntries(headers.map(({ name, value }) => [name, value])),
      },
      agent: false,
      signal,
    } as const;
    const asked = scheme === 'https' ? requestHttps({ ...options, rejectUnauthorized: false }) : requestHttp(options);
    asked.once('response', (response) => {
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    asked.once('error', reject);
    asked.end();
  });
}

function connectTo(host: string, port: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, signal });
    socket.once('connect', () => {
      resolve();
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

function portOf(port: number | string): number {
  if (typeof port === 'number' && port > 0 && port < 65_536) return port;
  const number = Number(port);
  if (Number.isInteger(number) && number > 0 && number < 65_536) return number;
  throw new Error(`the container has no port ${JSON.stringify(port)}`);
}
