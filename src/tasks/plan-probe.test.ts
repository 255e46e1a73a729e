import { describe, expect, it } from 'vitest';
import type { Sidecar } from '../resources/task/schema.ts';
import { healthProblem, planHealth } from './plan-probe.ts';

const defaults = { initialDelayMs: 0, periodMs: 10_000, timeoutMs: 1_000, successThreshold: 1, failureThreshold: 3 };

describe('probes and hooks of a sidecar', () => {
  it('get what Kubernetes says where nothing is said, 0 included', () => {
    const exec = { command: ['true'] };
    expect(planHealth({ readinessProbe: { exec, periodSeconds: 0, failureThreshold: 0 } })).toEqual({
      readinessProbe: { check: { type: 'exec', command: ['true'] }, ...defaults },
    });
    const written = { initialDelaySeconds: 1, periodSeconds: 2, timeoutSeconds: 3, successThreshold: 4, failureThreshold: 5 };
    expect(planHealth({ readinessProbe: { exec, ...written, terminationGracePeriodSeconds: 6 } }).readinessProbe).toEqual({
      check: { type: 'exec', command: ['true'] },
      ...{ initialDelayMs: 1_000, periodMs: 2_000, timeoutMs: 3_000, successThreshold: 4, failureThreshold: 5, graceMs: 6_000 },
    });
  });

  it('may name a port of the container', () => {
    const ports = [{ name: 'web', containerPort: 8080 }];
    expect(
      planHealth({ ports, startupProbe: { httpGet: { port: 'web', path: 'up' } }, livenessProbe: { tcpSocket: { port: 'db' } } }),
    ).toEqual({
      startupProbe: { check: { type: 'http', scheme: 'http', port: 8080, path: '/up', headers: [] }, ...defaults },
      livenessProbe: { check: { type: 'tcp', port: 'db' }, ...defaults },
    });
  });

  it('a hook runs a command, asks a server or waits; a socket is accepted and ignored, as in Kubernetes', () => {
    expect(planHealth({ lifecycle: { postStart: { sleep: { seconds: 2 } }, preStop: { exec: { command: ['bye'] } } } })).toEqual({
      postStart: { type: 'sleep', ms: 2_000 },
      preStop: { type: 'exec', command: ['bye'] },
    });
    expect(planHealth({ lifecycle: { preStop: { tcpSocket: { port: 1 } } } })).toEqual({});
  });

  const exec = { command: ['true'] };
  it.each<[string, Sidecar, string | undefined]>([
    ['a probe that asks nothing', { readinessProbe: {} }, 'readinessProbe: Required value: must specify a handler type'],
    [
      'one that asks two things',
      { startupProbe: { exec, tcpSocket: { port: 1 } } },
      'startupProbe.tcpSocket: Forbidden: may not specify more than 1 handler type',
    ],
    ['a command of no words', { livenessProbe: { exec: {} } }, 'livenessProbe.exec.command: Required value'],
    [
      'a negative number',
      { readinessProbe: { exec, periodSeconds: -1 } },
      'readinessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0',
    ],
    [
      'several successes of a liveness probe',
      { livenessProbe: { exec, successThreshold: 2 } },
      'livenessProbe.successThreshold: Invalid value: 2: must be 1',
    ],
    ['a hook that does nothing', { lifecycle: { preStop: {} } }, 'lifecycle.preStop: Required value: must specify a handler type'],
    ['several successes of a readiness probe', { readinessProbe: { exec, successThreshold: 2 } }, undefined],
  ])('%s', (_, sidecar, problem) => {
    expect(healthProblem(sidecar, 'sidecars[0]')).toBe(problem && `sidecars[0].${problem}`);
  });
});
