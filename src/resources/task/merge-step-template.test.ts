import { describe, expect, it } from 'vitest';
import { mergeStepTemplate } from './merge-step-template.ts';
import type { Step, StepTemplate } from './schema.ts';

describe('mergeStepTemplate', () => {
  it.each<[string, StepTemplate, Step, Step]>([
    [
      'what is set wins, what is empty does not',
      { image: 'a', workingDir: '/a' },
      { image: '', workingDir: '/b' },
      { image: 'a', workingDir: '/b' },
    ],
    ['lists are replaced whole, by an empty one too', { command: ['a'], args: ['b'] }, { args: [] }, { command: ['a'], args: [] }],
    [
      'env by name, the step first',
      {
        env: [
          { name: 'A', value: '1' },
          { name: 'B', value: '2' },
        ],
      },
      {
        env: [
          { name: 'B', value: '3' },
          { name: 'C', value: '4' },
        ],
      },
      {
        env: [
          { name: 'B', value: '3' },
          { name: 'C', value: '4' },
          { name: 'A', value: '1' },
        ],
      },
    ],
    [
      'mounts by path',
      {
        volumeMounts: [
          { name: 'a', mountPath: '/x' },
          { name: 'b', mountPath: '/y' },
        ],
      },
      { volumeMounts: [{ name: 'c', mountPath: '/x' }] },
      {
        volumeMounts: [
          { name: 'c', mountPath: '/x' },
          { name: 'b', mountPath: '/y' },
        ],
      },
    ],
    [
      'resources and security context key by key',
      {
        computeResources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '1' } },
        securityContext: { runAsUser: 1, privileged: true },
      },
      { computeResources: { limits: { cpu: '2' } }, securityContext: { runAsUser: 2 } },
      {
        computeResources: { limits: { cpu: '2', memory: '1Gi' }, requests: { cpu: '1' } },
        securityContext: { runAsUser: 2, privileged: true },
      },
    ],
    [
      'what only steps have stays',
      { image: 'a' },
      { name: 's', script: 'x', onError: 'continue' },
      { name: 's', script: 'x', onError: 'continue', image: 'a' },
    ],
    ['references wait', { image: 'a' }, { ref: { name: 'r' } }, { ref: { name: 'r' } }],
  ])('%s', (_name, template, step, merged) => {
    expect(mergeStepTemplate(template, [step])).toEqual([merged]);
  });

  it('leaves steps alone without a template', () => {
    const steps: Step[] = [{ image: '' }];
    expect(mergeStepTemplate(undefined, steps)).toBe(steps);
  });
});
