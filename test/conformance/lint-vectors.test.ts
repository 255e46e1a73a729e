import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { expressionCache } from '../../src/triggers/expression-cache.ts';
import { lintBindingValue } from '../../src/triggers/lint/bindings/lint-binding-value.ts';
import { lintCel } from '../../src/triggers/lint/cel/lint-cel.ts';
import { lintFilter } from '../../src/triggers/lint/cel/lint-filter.ts';
import type { Finding } from '../../src/triggers/lint/finding.ts';

/** Upstream's own answers keep lint honest: what works there must not be called an error. Not part of this repository. */
const file = resolve(process.env['TAPPET_CONFORMANCE'] ?? '../shared/conformance', 'triggers-vectors.json');

interface Vectors {
  readonly bindings: { readonly cases: readonly { readonly value: string; readonly result?: string; readonly templateDefault?: string }[] };
  readonly cel: {
    readonly cases: readonly {
      readonly filter?: string;
      readonly overlays?: readonly { readonly key: string; readonly expression: string }[];
      readonly response: { readonly continue: boolean };
    }[];
  };
}

const vectors: Vectors = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { bindings: { cases: [] }, cel: { cases: [] } };
const expressions = expressionCache();

function errorsIn(findings: readonly Finding[]): readonly string[] {
  return findings.filter(({ severity }) => severity === 'error').map(({ code, message }) => `${code}: ${message}`);
}

function errorsInCel(source: string, isFilter: boolean): readonly string[] {
  if (source === '') return [];
  const site = { source, path: '' };
  const { findings, program } = lintCel(site, expressions);
  return errorsIn(program === undefined || !isFilter ? findings : [...findings, ...lintFilter(site, program)]);
}

describe.skipIf(!existsSync(file))('what works upstream is no error', () => {
  const passing = vectors.cel.cases.filter(({ response }) => response.continue);
  it.each(passing.map(({ filter = '', overlays = [] }) => [filter, overlays] as const))('filter %s, overlays %j', (filter, overlays) => {
    expect(errorsInCel(filter, true)).toEqual([]);
    expect(overlays.flatMap(({ expression }) => errorsInCel(expression, false))).toEqual([]);
  });

  // A default takes the place of what fails.
  const bound = vectors.bindings.cases.filter((vector) => vector.result !== undefined && vector.templateDefault === undefined);
  it.each(bound.map(({ value }) => [value] as const))('binding %s', (value) => {
    expect(errorsIn(lintBindingValue(value, '').findings)).toEqual([]);
  });

  it('there are some', () => {
    expect([passing.length > 50, bound.length > 50]).toEqual([true, true]);
  });
});
