import type { PlannedCheck, PlannedHook, PlannedProbe, PlannedSidecar } from '../../../tasks/pod-plan.ts';
import { defined } from './pod-manifest.ts';

type Wire = Readonly<Record<string, unknown>>;

/** Asked for as long as it takes: the TaskRun's own timeout ends it. */
const PATIENT = 1_000_000;

/**
 * A sidecar's probes and hooks. Steps begin when Kubernetes calls a sidecar started, which only a startup probe can delay: a readiness probe becomes one
 * as well where steps are to wait for it and the task has none of its own.
 */
export function healthFields(sidecar: PlannedSidecar, stepsWait: boolean): Wire {
  const { readinessProbe, startupProbe, livenessProbe, postStart, preStop } = sidecar;
  const startup =
    startupProbe ?? (stepsWait && readinessProbe ? { ...readinessProbe, successThreshold: 1, failureThreshold: PATIENT } : undefined);
  const lifecycle = defined({ postStart: postStart && hook(postStart), preStop: preStop && hook(preStop) });
  return defined({
    readinessProbe: readinessProbe && probe(readinessProbe),
    startupProbe: startup && probe(startup),
    livenessProbe: livenessProbe && probe(livenessProbe),
    lifecycle: Object.keys(lifecycle).length > 0 ? lifecycle : undefined,
  });
}

function probe({ check: asked, initialDelayMs, periodMs, timeoutMs, successThreshold, failureThreshold, graceMs }: PlannedProbe): Wire {
  return defined({
    ...check(asked),
    initialDelaySeconds: seconds(initialDelayMs),
    periodSeconds: seconds(periodMs),
    timeoutSeconds: seconds(timeoutMs),
    successThreshold,
    failureThreshold,
    terminationGracePeriodSeconds: graceMs === undefined ? undefined : seconds(graceMs),
  });
}

function hook(asked: PlannedHook): Wire {
  return asked.type === 'sleep' ? { sleep: { seconds: seconds(asked.ms) } } : check(asked);
}

function check(asked: PlannedCheck): Wire {
  switch (asked.type) {
    case 'exec':
      return { exec: { command: asked.command } };
    case 'http': {
      const { scheme, host, port, path, headers } = asked;
      return {
        httpGet: defined({ scheme: scheme.toUpperCase(), host, port, path, httpHeaders: headers.length > 0 ? headers : undefined }),
      };
    }
    case 'tcp':
      return { tcpSocket: defined({ host: asked.host, port: asked.port }) };
    case 'grpc':
      return { grpc: { port: asked.port, service: asked.service } };
  }
}

/** Kubernetes counts in whole seconds. */
function seconds(ms: number): number {
  return Math.ceil(ms / 1000);
}
