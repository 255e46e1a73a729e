import { describe, expect, it } from 'vitest';
import type { Probe } from '../resources/core/pod-fields.ts';
import { planHook, planProbe } from './plan-probe.ts';

const ports = [{ name: 'web', containerPort: 8080 }];

describe('a planned probe', () => {
  it('has Kubernetes’ defaults', () => {
    expect(planProbe({ exec: { command: ['true'] } }, [])).toEqual({
      check: { type: 'exec', command: ['true'] },
      initialDelayMs: 0,
      periodMs: 10_000,
      timeoutMs: 1_000,
      successThreshold: 1,
      failureThreshold: 3,
    });
  });

  it('takes what it is given', () => {
    const probe = { exec: {}, initialDelaySeconds: 5, periodSeconds: 2, timeoutSeconds: 3, successThreshold: 4, failureThreshold: 6 };
    expect(planProbe(probe, [])).toEqual({
      check: { type: 'exec', command: [] },
      initialDelayMs: 5_000,
      periodMs: 2_000,
      timeoutMs: 3_000,
      successThreshold: 4,
      failureThreshold: 6,
    });
  });

  it.each<[Probe, unknown]>([
    [{ httpGet: { port: 80 } }, { type: 'http', url: 'http://127.0.0.1:80/', headers: [] }],
    [
      { httpGet: { port: 'web', path: 'live', scheme: 'HTTPS', host: 'h', httpHeaders: [{ name: 'A', value: 'b' }] } },
      { type: 'http', url: 'https://h:8080/live', headers: [['A', 'b']] },
    ],
    [{ tcpSocket: { port: '5432' } }, { type: 'tcp', host: '127.0.0.1', port: 5432 }],
    [{ tcpSocket: { port: 'db' } }, { type: 'unsupported', what: 'port "db", which the container does not declare' }],
    [{ tcpSocket: { port: 70_000 } }, { type: 'unsupported', what: 'port 70000, which the container does not declare' }],
    [{ grpc: { port: 1 } }, { type: 'unsupported', what: 'grpc' }],
    [{}, { type: 'unsupported', what: 'a probe without exec, httpGet or tcpSocket' }],
  ])('%j', (probe, check) => {
    expect(planProbe(probe, ports).check).toEqual(check);
  });

  it('may sleep where it is a hook', () => {
    expect(planHook({ sleep: { seconds: 2 } }, [])).toEqual({ type: 'sleep', forMs: 2_000 });
  });
});
