import { describe, expect, it } from 'vitest';
import { admissionRules } from './admission/kinds.ts';
import { isDnsLabel, isLabelValue, isQualifiedName, isUrlLike } from './names.ts';
import { groupKindOf } from './object.ts';
import { apiVersionOf, resourceTypes, typeOfGroupKind, typeOfPath, typeOfWord } from './registry.ts';

const kinds = resourceTypes.map((type) => groupKindOf({ apiVersion: apiVersionOf(type), kind: type.kind }));

describe('registry', () => {
  it('and admission know the same kinds', () => {
    expect([...admissionRules.keys()].sort()).toEqual([...kinds].sort());
  });

  it('has no word for two kinds', () => {
    const words = resourceTypes.flatMap((type) => [type.kind.toLowerCase(), type.plural, ...type.shortNames]);
    expect(words.length).toBe(new Set(words).size);
  });

  it.each([
    ['pr', 'PipelineRun'],
    ['PIPELINERUNS', 'PipelineRun'],
    ['PipelineRun', 'PipelineRun'],
    ['pipelineruns.tekton.dev', 'PipelineRun'],
    ['el', 'EventListener'],
    ['pods', 'Pod'],
    ['pods.tekton.dev', undefined],
    ['daemonsets', undefined],
    ['deployments.apps', 'Deployment'],
    ['', undefined],
  ])('finds what %s means', (word, kind) => {
    expect(typeOfWord(word)?.kind).toBe(kind);
  });

  it('finds by path and by group and kind', () => {
    expect(typeOfPath('tekton.dev', 'tasks')).toBe(typeOfGroupKind('tekton.dev/Task'));
    expect(typeOfPath('', 'secrets')).toBe(typeOfGroupKind('Secret'));
    expect(typeOfPath('tekton.dev', 'secrets')).toBeUndefined();
  });
});

describe('names', () => {
  it.each([
    ['isDnsLabel', isDnsLabel, ['a', 'a-1', '1a', 'a'.repeat(63)], ['', 'A', '-a', 'a-', 'a.b', 'a_b', 'a'.repeat(64)]],
    ['isQualifiedName', isQualifiedName, ['a', 'A.b_c-1', 'example.com/a'], ['', '-a', 'a/', '/a', 'a/b/c', 'A_/b', 'a b', 'a'.repeat(64)]],
    ['isLabelValue', isLabelValue, ['', 'a', 'A.b_1'], ['a b', '-a', 'a!', 'a'.repeat(64)]],
    ['isUrlLike', isUrlLike, ['git://x', 'https://x/y', 'a:/'], ['a', 'a/b', 'a:b']],
  ])('%s', (_name, test, good, bad) => {
    expect(good.filter((text) => !test(text))).toEqual([]);
    expect(bad.filter((text) => test(text))).toEqual([]);
  });
});
