import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manifests } from '../../src/cli/manifests.ts';
import { CHART, valuesFiles } from '../support/chart.ts';
import { hasHelm, helm } from '../support/helm.ts';
import { caseValues, templateCases } from '../support/template-cases.ts';

const available = hasHelm();

describe.skipIf(!available)(`Helm${available ? '' : ' (skipped: there is none; TAPPET_TEST_HELM names one)'}`, () => {
  it.each(valuesFiles)('prints what `tappet manifests` prints, to the letter: %s', async (_name, file) => {
    const values = file === undefined ? [] : ['--values', file];
    const theirs = helm(['template', 'tappet', CHART, '--namespace', 'ci', '--include-crds', ...values]);
    const ours = await manifests({ values: file === undefined ? [] : [file], name: 'tappet', namespace: 'ci', includeCrds: true });
    expect(withoutEmptyLines(ours)).toBe(withoutEmptyLines(theirs));
  });

  it('reads --set alike', async () => {
    const set =
      'replicaCount=5,extraArgs={a,b},commonLabels.a\\.b/c=x,extraEnv[0].name=A,extraEnv[0].value=b\\,c,podSecurityContext.fsGroup=null';
    const theirs = helm(['template', 'other', CHART, '--namespace', 'ci', '--set', set]);
    expect(withoutEmptyLines(await manifests({ set: [set], name: 'other', namespace: 'ci' }))).toBe(withoutEmptyLines(theirs));
  });

  it.each(valuesFiles)('finds nothing to complain of: %s', (_name, file) => {
    expect(helm(['lint', '--strict', CHART, ...(file === undefined ? [] : ['--values', file])])).toContain(
      '1 chart(s) linted, 0 chart(s) failed',
    );
  });

  it('refuses the values that we refuse', () => {
    expect(() => helm(['template', 'tappet', CHART, '--set', 'ingres.enabled=true'])).toThrow("additional properties 'ingres' not allowed");
  });

  describe('templates', () => {
    let chart: string;
    beforeAll(async () => {
      chart = await mkdtemp(join(tmpdir(), 'tappet-helm-'));
      mkdirSync(join(chart, 'templates'));
      writeFileSync(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: cases\nversion: 0.1.0\n');
      writeFileSync(join(chart, 'values.yaml'), caseValues);
      for (const [index, [template]] of templateCases.entries()) writeFileSync(join(chart, `case-${index}`), template);
      const outputs = templateCases.map((_case, index) => `- {{ tpl (.Files.Get "case-${index}") . | toJson }}`);
      writeFileSync(join(chart, 'templates', 'cases.yaml'), `outputs:\n${outputs.join('\n')}\n`);
    });
    afterAll(() => rm(chart, { recursive: true, force: true }));

    it('come out as recorded', () => {
      const lines = helm(['template', 'cases', chart])
        .split('\n')
        .filter((line) => line.startsWith('- '));
      expect(lines.map((line) => JSON.parse(line.slice(2)))).toEqual(templateCases.map(([, output]) => output));
    });
  });
});

/** Helm leaves some between documents. */
function withoutEmptyLines(text: string): string {
  return text.replace(/\n\n+/g, '\n');
}
