import { describe, expect, it } from 'vitest';
import { noReplacements } from '../../expressions/variables/replacements.ts';
import { registerParam, registerString, replacementsBuilder } from '../../expressions/variables/replacements-builder.ts';
import { replaceInTaskSpec } from './replace.ts';
import type { TaskSpec } from './schema.ts';

const replacements = replacementsBuilder();
registerParam(replacements, 's', 'VALUE');
registerParam(replacements, 'list', ['one', 'two']);
registerParam(replacements, 'none', []);
registerParam(replacements, 'map', { key: 'at key' });
registerString(replacements, 'context.taskRun.name', 'run');

const s = '$(params.s)';
const secretKeyRef = { name: s, key: s, optional: true };

const everything: TaskSpec = {
  description: s,
  params: [{ name: 's', type: 'string', default: s }],
  results: [{ name: 'r', type: 'string', description: s }],
  workspaces: [{ name: 'w', mountPath: `/mnt/${s}`, description: s }, { name: 'plain' }],
  steps: [
    {
      name: s,
      displayName: s,
      image: `${s}:$(context.taskRun.name)`,
      command: ['run', '$(params.list[*])', 'x$(params.list[1])', '$(params.none[*])'],
      args: ['$(params.list)', '$(params.map.key)', '$(date)'],
      workingDir: s,
      script: `echo $(date) ${s} $(params.list[*])`,
      onError: s,
      timeout: '1m0s',
      env: [
        { name: s, value: s },
        { name: 'SECRET', valueFrom: { secretKeyRef } },
        { name: 'MAP', valueFrom: { configMapKeyRef: { name: s, key: s } } },
        { name: 'FIELD', valueFrom: { fieldRef: { fieldPath: s } } },
      ],
      envFrom: [{ prefix: s, secretRef: { name: s } }, { configMapRef: { name: s } }],
      volumeMounts: [{ name: s, mountPath: s, subPath: s, subPathExpr: s }],
      stdoutConfig: { path: s },
      stderrConfig: { path: s },
      when: [{ input: '$(params.list[*])', operator: 'in', values: ['$(params.list[*])', s] }, { cel: `'${s}' == 'a'` }],
      params: [
        { name: 'a', value: '$(params.list[*])' },
        { name: 'o', value: { k: s } },
      ],
      computeResources: { limits: { cpu: s } },
      securityContext: { seLinuxOptions: { level: s } },
    },
  ],
  stepTemplate: { image: s, command: ['$(params.list[*])'], env: [{ name: 'A', value: s }] },
  sidecars: [
    { name: s, image: s, script: s, lifecycle: { preStop: { exec: { command: [s] } } }, readinessProbe: { exec: { command: [s] } } },
  ],
  volumes: [
    { name: s, configMap: { name: s, items: [{ key: s, path: s, mode: 1 }], optional: true } },
    { name: 'secret', secret: { secretName: s, items: [{ key: s, path: s }] } },
    { name: 'claim', persistentVolumeClaim: { claimName: s, readOnly: true } },
    {
      name: 'projected',
      projected: {
        sources: [
          { configMap: { name: s, items: [{ key: s, path: 'p' }] } },
          { secret: { name: s } },
          { serviceAccountToken: { audience: s, path: s } },
          { downwardAPI: { items: [s] } },
        ],
      },
    },
    { name: 'csi', csi: { driver: s, nodePublishSecretRef: { name: s }, volumeAttributes: { [s]: s } } },
    { name: 'host', hostPath: { path: s } },
  ],
};

const v = 'VALUE';

describe('replaceInTaskSpec', () => {
  it('replaces exactly the fields upstream does', () => {
    expect(replaceInTaskSpec(everything, replacements)).toEqual({
      description: s,
      params: [{ name: 's', type: 'string', default: s }],
      results: [{ name: 'r', type: 'string', description: s }],
      workspaces: [{ name: 'w', mountPath: '/mnt/VALUE', description: s }, { name: 'plain' }],
      steps: [
        {
          name: v,
          displayName: s,
          image: 'VALUE:run',
          command: ['run', 'one', 'two', 'xtwo'],
          args: ['one', 'two', 'at key', '$(date)'],
          workingDir: v,
          script: 'echo $(date) VALUE $(params.list[*])',
          onError: v,
          timeout: '1m0s',
          env: [
            { name: s, value: v },
            { name: 'SECRET', valueFrom: { secretKeyRef: { name: v, key: v, optional: true } } },
            { name: 'MAP', valueFrom: { configMapKeyRef: { name: v, key: v } } },
            { name: 'FIELD', valueFrom: { fieldRef: { fieldPath: s } } },
          ],
          envFrom: [{ prefix: v, secretRef: { name: v } }, { configMapRef: { name: v } }],
          volumeMounts: [{ name: v, mountPath: v, subPath: v, subPathExpr: s }],
          stdoutConfig: { path: v },
          stderrConfig: { path: v },
          when: [{ input: '["one","two"]', operator: 'in', values: ['one', 'two', v] }, { cel: "'VALUE' == 'a'" }],
          params: [
            { name: 'a', value: ['one', 'two'] },
            { name: 'o', value: { k: v } },
          ],
          computeResources: { limits: { cpu: s } },
          securityContext: { seLinuxOptions: { level: s } },
        },
      ],
      stepTemplate: { image: v, command: ['one', 'two'], env: [{ name: 'A', value: v }] },
      sidecars: [
        { name: v, image: v, script: v, lifecycle: { preStop: { exec: { command: [s] } } }, readinessProbe: { exec: { command: [s] } } },
      ],
      volumes: [
        { name: v, configMap: { name: v, items: [{ key: v, path: v, mode: 1 }], optional: true } },
        { name: 'secret', secret: { secretName: v, items: [{ key: v, path: v }] } },
        { name: 'claim', persistentVolumeClaim: { claimName: v, readOnly: true } },
        {
          name: 'projected',
          projected: {
            sources: [
              { configMap: { name: v, items: [{ key: s, path: 'p' }] } },
              { secret: { name: v } },
              { serviceAccountToken: { audience: v, path: s } },
              { downwardAPI: { items: [s] } },
            ],
          },
        },
        { name: 'csi', csi: { driver: s, nodePublishSecretRef: { name: v }, volumeAttributes: { [s]: v } } },
        { name: 'host', hostPath: { path: s } },
      ],
    });
  });

  it('changes nothing where nothing is to be replaced, and adds no field', () => {
    expect(replaceInTaskSpec(everything, noReplacements)).toStrictEqual(everything);
    expect(replaceInTaskSpec({}, replacements)).toStrictEqual({});
  });
});
