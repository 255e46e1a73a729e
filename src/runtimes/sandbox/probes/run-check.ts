import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { connect } from 'node:net';
import type { ProbeCheck } from '../../../tasks/pod-plan.ts';

export interface CheckResult {
  readonly holds: boolean;
  /** What was found, for people. */
  readonly message: string;
}

/** Runs a command beside the container; rejects when it cannot be run. */
export type RunCommand = (command: readonly string[], timeoutMs: number) => Promise<{ readonly exitCode: number; readonly output: string }>;

const LONGEST_MESSAGE = 200;

/** One question to a container, answered within `timeoutMs`. Never rejects: what cannot be asked does not hold. */
export async function runCheck(check: ProbeCheck, timeoutMs: number, runCommand: RunCommand): Promise<CheckResult> {
  try {
    switch (check.type) {
      case 'exec': {
        const { exitCode, output } = await runCommand(check.command, timeoutMs);
        const said = output.trim().slice(0, LONGEST_MESSAGE);
        return { holds: exitCode === 0, message: `command ended with ${exitCode}${said === '' ? '' : `: ${said}`}` };
      }
      case 'http':
        return await askHttp(check.url, check.headers, timeoutMs);
      case 'tcp':
        return await askTcp(check.host, check.port, timeoutMs);
      case 'sleep':
        await new Promise<void>((resolve) => setTimeout(resolve, Math.min(check.forMs, timeoutMs)).unref());
        return { holds: true, message: 'slept' };
      case 'unsupported':
        return { holds: false, message: `this runtime cannot ask by ${check.what}` };
    }
  } catch (error) {
    return { holds: false, message: error instanceof Error ? error.message : String(error) };
  }
}

function askHttp(url: string, headers: readonly (readonly [string, string])[], timeoutMs: number): Promise<CheckResult> {
  return new Promise((resolve, reject) => {
    const options = { agent: false, headers: { 'User-Agent': 'tappet-probe', Connection: 'close', ...Object.fromEntries(headers) } };
    const request = url.startsWith('https:') ? requestTls(url, { ...options, rejectUnauthorized: false }) : requestPlain(url, options);
    const timer = setTimeout(() => request.destroy(new Error(`no answer within ${timeoutMs / 1_000} s`)), timeoutMs);
    request.once('error', reject);
    request.once('close', () => clearTimeout(timer));
    request.once('response', (response) => {
      const { statusCode = 0 } = response;
      response.destroy();
      resolve({ holds: statusCode >= 200 && statusCode < 400, message: `HTTP status ${statusCode}` });
    });
    request.end();
  });
}

function askTcp(host: string, port: number, timeoutMs: number): Promise<CheckResult> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const timer = setTimeout(() => socket.destroy(new Error(`no connection within ${timeoutMs / 1_000} s`)), timeoutMs);
    socket.once('error', reject);
    socket.once('close', () => clearTimeout(timer));
    socket.once('connect', () => {
      socket.destroy();
      resolve({ holds: true, message: 'connected' });
    });
  });
}
