import type { Handler, Probe } from '../resources/core/pod-fields.ts';
import type { Sidecar } from '../resources/task/schema.ts';
import type { PlannedCheck, PlannedHook, PlannedProbe, PlannedSidecar } from './pod-plan.ts';

type Health = Pick<PlannedSidecar, 'readinessProbe' | 'startupProbe' | 'livenessProbe' | 'postStart' | 'preStop'>;

const probeNames = ['readinessProbe', 'startupProbe', 'livenessProbe'] as const;
const hookNames = ['postStart', 'preStop'] as const;

/** How a sidecar's health is told, with Kubernetes' defaults filled in. `healthProblem` has found nothing wrong with it. */
export function planHealth(sidecar: Sidecar): Health {
  const { readinessProbe, startupProbe, livenessProbe, lifecycle } = sidecar;
  const postStart = lifecycle?.postStart && planHook(lifecycle.postStart, sidecar);
  const preStop = lifecycle?.preStop && planHook(lifecycle.preStop, sidecar);
  return {
    ...(readinessProbe && { readinessProbe: planProbe(readinessProbe, sidecar) }),
    ...(startupProbe && { startupProbe: planProbe(startupProbe, sidecar) }),
    ...(livenessProbe && { livenessProbe: planProbe(livenessProbe, sidecar) }),
    ...(postStart && { postStart }),
    ...(preStop && { preStop }),
  };
}

/** Why Kubernetes would refuse the pod, in its words. */
export function healthProblem(sidecar: Sidecar, place: string): string | undefined {
  for (const name of probeNames) {
    const probe = sidecar[name];
    const problem = probe && (handlerProblem(probe, ['exec', 'httpGet', 'tcpSocket', 'grpc']) ?? thresholdProblem(probe, name));
    if (problem !== undefined) return `${place}.${name}${problem}`;
  }
  for (const name of hookNames) {
    const hook = sidecar.lifecycle?.[name];
    const problem = hook && handlerProblem(hook, ['exec', 'httpGet', 'tcpSocket', 'sleep']);
    if (problem !== undefined) return `${place}.lifecycle.${name}${problem}`;
  }
  return undefined;
}

function handlerProblem(handler: Probe | Handler, types: readonly string[]): string | undefined {
  const given = Object.entries(handler).filter(([name, value]) => types.includes(name) && value !== undefined);
  if (given.length === 0) return ': Required value: must specify a handler type';
  if (given.length > 1) return `.${given[1]?.[0]}: Forbidden: may not specify more than 1 handler type`;
  if (handler.exec !== undefined && !handler.exec.command?.length) return '.exec.command: Required value';
  return undefined;
}

function thresholdProblem(probe: Probe, name: (typeof probeNames)[number]): string | undefined {
  const numbers = ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'] as const;
  const negative = numbers.find((field) => (probe[field] ?? 0) < 0);
  if (negative !== undefined) return `.${negative}: Invalid value: ${probe[negative]}: must be greater than or equal to 0`;
  if (name !== 'readinessProbe' && (probe.successThreshold || 1) !== 1)
    return `.successThreshold: Invalid value: ${probe.successThreshold}: must be 1`;
  return undefined;
}

/** 0 is Kubernetes' word for the default, too. */
function planProbe(probe: Probe, sidecar: Sidecar): PlannedProbe {
  const seconds = (value: number | undefined, otherwise: number): number => (value || otherwise) * 1000;
  return {
    check: planCheck(probe, sidecar) ?? { type: 'grpc', port: probe.grpc?.port ?? 0, service: probe.grpc?.service ?? '' },
    initialDelayMs: seconds(probe.initialDelaySeconds, 0),
    periodMs: seconds(probe.periodSeconds, 10),
    timeoutMs: seconds(probe.timeoutSeconds, 1),
    successThreshold: probe.successThreshold || 1,
    failureThreshold: probe.failureThreshold || 3,
    ...(probe.terminationGracePeriodSeconds !== undefined && { graceMs: probe.terminationGracePeriodSeconds * 1000 }),
  };
}

/** `undefined`: a tcpSocket, which Kubernetes accepts in a hook and ignores. */
function planHook(hook: Handler, sidecar: Sidecar): PlannedHook | undefined {
  if (hook.sleep !== undefined) return { type: 'sleep', ms: hook.sleep.seconds * 1000 };
  const check = hook.tcpSocket === undefined ? planCheck(hook, sidecar) : undefined;
  return check?.type === 'exec' || check?.type === 'http' ? check : undefined;
}

function planCheck({ exec, httpGet, tcpSocket }: Handler, sidecar: Sidecar): Exclude<PlannedCheck, { type: 'grpc' }> | undefined {
  const named = (port: number | string): number | string => sidecar.ports?.find(({ name }) => name === port)?.containerPort ?? port;
  if (exec !== undefined) return { type: 'exec', command: exec.command ?? [] };
  if (httpGet !== undefined) {
    const path = httpGet.path || '/';
    return {
      type: 'http',
      scheme: httpGet.scheme?.toUpperCase() === 'HTTPS' ? 'https' : 'http',
      ...(httpGet.host && { host: httpGet.host }),
      port: named(httpGet.port),
      path: path.startsWith('/') ? path : `/${path}`,
      headers: httpGet.httpHeaders ?? [],
    };
  }
  return tcpSocket && { type: 'tcp', ...(tcpSocket.host && { host: tcpSocket.host }), port: named(tcpSocket.port) };
}
