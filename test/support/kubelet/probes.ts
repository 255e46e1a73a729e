import { get } from 'node:http';
import { connect } from 'node:net';
import type { V1LifecycleHandler, V1Probe } from '@kubernetes/client-node';
import { execBeside } from './exec.ts';
import { type Pace, wait } from './pace.ts';
import type { Container } from './pod.ts';
import type { Sandbox } from './sandbox.ts';

export interface HealthListener {
  started(): void;
  ready(is: boolean): void;
  /** It is to be ended, and started again where its restart policy says so. */
  unhealthy(): void;
}

/** Asks one run of a container how it is, until the signal; then it resolves, and nothing asks any more. The other probes begin behind the startup probe. Follows kubernetes pkg/kubelet/prober. */
export async function followHealth(
  container: Container,
  sandbox: Sandbox,
  pace: Pace,
  signal: AbortSignal,
  told: HealthListener,
): Promise<void> {
  const { startupProbe, readinessProbe, livenessProbe } = container;
  if (startupProbe !== undefined && !(await firstOutcome(startupProbe, sandbox, pace, signal))) {
    if (!signal.aborted) told.unhealthy();
    return;
  }
  if (signal.aborted) return;
  told.started();
  if (readinessProbe === undefined) told.ready(true);
  await Promise.all([
    readinessProbe && repeat(readinessProbe, sandbox, pace, signal, told.ready),
    livenessProbe &&
      repeat(livenessProbe, sandbox, pace, signal, (isAlive) => {
        if (!isAlive) told.unhealthy();
      }),
  ]);
}

async function firstOutcome(probe: V1Probe, sandbox: Sandbox, pace: Pace, signal: AbortSignal): Promise<boolean> {
  const settled = new AbortController();
  let outcome = false;
  await repeat(probe, sandbox, pace, AbortSignal.any([signal, settled.signal]), (isWell) => {
    outcome = isWell;
    settled.abort();
  });
  return outcome;
}

/** `told` hears each time that enough of the same outcomes have come one after the other. */
async function repeat(probe: V1Probe, sandbox: Sandbox, pace: Pace, signal: AbortSignal, told: (isWell: boolean) => void): Promise<void> {
  const { initialDelaySeconds = 0, periodSeconds = 10, successThreshold = 1, failureThreshold = 3 } = probe;
  await wait(pace, initialDelaySeconds, signal);
  let last: boolean | undefined;
  for (let times = 0; !signal.aborted; await wait(pace, periodSeconds, signal)) {
    const isWell = await ask(probe, sandbox, pace, signal);
    if (signal.aborted) return;
    times = isWell === last ? times + 1 : 1;
    last = isWell;
    if (times === (isWell ? successThreshold : failureThreshold)) told(isWell);
  }
}

function ask(probe: V1Probe, sandbox: Sandbox, pace: Pace, signal: AbortSignal): Promise<boolean> {
  return handle(probe, sandbox, (probe.timeoutSeconds ?? 1) * pace.secondMs, signal);
}

/** A probe's check, or a hook. The pod's network is this machine's. */
export async function handle(
  { exec, httpGet, tcpSocket }: V1LifecycleHandler,
  sandbox: Sandbox,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  if (exec !== undefined) return execBeside(sandbox, exec.command ?? [], timeoutMs, signal);
  if (httpGet !== undefined) return answers(Number(httpGet.port), httpGet.path ?? '/', timeoutMs);
  if (tcpSocket !== undefined) return connects(Number(tcpSocket.port), timeoutMs);
  return false;
}

function answers(port: number, path: string, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path, timeout: timeoutMs, agent: false }, (answer) => {
      answer.resume();
      resolve((answer.statusCode ?? 0) >= 200 && (answer.statusCode ?? 0) < 400);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });
}

function connects(port: number, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: timeoutMs });
    const end = (isWell: boolean): void => {
      socket.destroy();
      resolve(isWell);
    };
    socket.on('connect', () => end(true));
    socket.on('timeout', () => end(false));
    socket.on('error', () => end(false));
  });
}
