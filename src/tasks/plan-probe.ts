import type { LifecycleHandler, Probe } from '../resources/core/pod-fields.ts';
import type { PlannedProbe, ProbeCheck } from './pod-plan.ts';

type Ports = readonly { readonly name?: string | undefined; readonly containerPort: number }[];

/** Kubernetes' defaults (core/v1 defaults.go, `SetDefaults_Probe`). */
export function planProbe(probe: Probe, ports: Ports): PlannedProbe {
  const seconds = (value: number | undefined, fallback: number): number => (value === undefined || value <= 0 ? fallback : value) * 1_000;
  const count = (value: number | undefined, fallback: number): number => (value === undefined || value <= 0 ? fallback : value);
  return {
    check: planCheck(probe, ports),
    initialDelayMs: Math.max(0, probe.initialDelaySeconds ?? 0) * 1_000,
    periodMs: seconds(probe.periodSeconds, 10),
    timeoutMs: seconds(probe.timeoutSeconds, 1),
    successThreshold: count(probe.successThreshold, 1),
    failureThreshold: count(probe.failureThreshold, 3),
  };
}

export function planHook(hook: LifecycleHandler, ports: Ports): ProbeCheck {
  return hook.sleep ? { type: 'sleep', forMs: hook.sleep.seconds * 1_000 } : planCheck(hook, ports);
}

/** What a probe or a lifecycle hook does. `ports`: the container's own, by whose names it may call them. */
function planCheck({ exec, httpGet, tcpSocket, grpc }: Pick<Probe, 'exec' | 'httpGet' | 'tcpSocket' | 'grpc'>, ports: Ports): ProbeCheck {
  if (exec) return { type: 'exec', command: exec.command ?? [] };
  if (httpGet) {
    const { host = '127.0.0.1', path = '/', scheme = 'HTTP', httpHeaders = [] } = httpGet;
    return withPort(httpGet.port, ports, (port) => ({
      type: 'http',
      url: `${scheme.toLowerCase() === 'https' ? 'https' : 'http'}://${host}:${port}${path.startsWith('/') ? path : `/${path}`}`,
      headers: httpHeaders.map(({ name, value }): readonly [string, string] => [name, value ?? '']),
    }));
  }
  if (tcpSocket) {
    const { host = '127.0.0.1' } = tcpSocket;
    return withPort(tcpSocket.port, ports, (port) => ({ type: 'tcp', host, port }));
  }
  return { type: 'unsupported', what: grpc ? 'grpc' : 'a probe without exec, httpGet or tcpSocket' };
}

function withPort(port: number | string, ports: Ports, check: (port: number) => ProbeCheck): ProbeCheck {
  const number = typeof port === 'number' ? port : (ports.find(({ name }) => name === port)?.containerPort ?? Number(port));
  return Number.isInteger(number) && number > 0 && number < 65_536
    ? check(number)
    : { type: 'unsupported', what: `port ${JSON.stringify(port)}, which the container does not declare` };
}
