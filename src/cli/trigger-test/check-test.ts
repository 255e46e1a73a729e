import { stringify } from 'yaml';
import type { Rehearsed } from '../../main/rehearse-event.ts';
import { plainManifest } from '../../resources/trigger-test/plain-manifest.ts';
import type { TriggerExpectation, TriggerTest } from '../../resources/trigger-test/schema.ts';
import { type DiffLine, lineDiff } from '../line-diff.ts';
import type { Verdict } from '../verdict-lines.ts';
import { arranged, sameJson } from './subset.ts';
import { hasText } from './text-matcher.ts';

/** One thing that is not as the test expects it. */
export interface Problem {
  /** `pull-request: expected matched, got filtered`. */
  readonly what: string;
  /** What came of the trigger instead. */
  readonly verdict?: Verdict | undefined;
  /** Expected lines marked `-`, those that came `+`. */
  readonly diff?: readonly DiffLine[] | undefined;
  /** What would have to stand in the test for it to pass. */
  readonly update?: Update | undefined;
}

export interface Update {
  readonly trigger: string;
  readonly field: 'params' | 'manifests';
  readonly value: unknown;
}

/** Everything that is not as expected; empty when the test passes. */
export function checkTest({ spec: { expect } }: TriggerTest, rehearsed: Rehearsed): readonly Problem[] {
  if (rehearsed.outcome === 'invalid') return [{ what: rehearsed.message }];
  if (rehearsed.outcome === 'refused') {
    const { message } = rehearsed;
    if (expect.refused === undefined) return [{ what: `the sender was refused: ${message}` }];
    return expect.refused === true || hasText(message, expect.refused)
      ? []
      : [{ what: `refused, but not with ${JSON.stringify(expect.refused)}: ${message}` }];
  }
  if (expect.refused !== undefined) return [{ what: 'expected the sender to be refused, but the event was taken' }];
  const named = Object.entries(expect.triggers ?? {});
  const problems = named.flatMap(([name, expectation]) => checkTrigger(name, expectation, rehearsed.verdicts));
  if (expect.others === 'any') return problems;
  const others = rehearsed.verdicts.filter((verdict) => verdict.verdict !== 'filtered' && !named.some(([name]) => isCalled(verdict, name)));
  return [
    ...problems,
    ...others.map((verdict) => ({ what: `${nameOf(verdict)}: not named, so expected filtered; got ${verdict.verdict}`, verdict })),
  ];
}

function checkTrigger(name: string, expected: TriggerExpectation, verdicts: readonly Verdict[]): readonly Problem[] {
  const own = verdicts.filter((verdict) => isCalled(verdict, name));
  if (own.length === 0) {
    const names = verdicts.map(nameOf).join(', ');
    return [{ what: `${name}: the listener has no such trigger; it has ${names === '' ? 'none' : names}` }];
  }
  return own.flatMap((verdict) => checkVerdict(name, expected, verdict));
}

function checkVerdict(name: string, expected: TriggerExpectation, verdict: Verdict): readonly Problem[] {
  if (verdict.verdict !== expected.verdict) return [{ what: `${name}: expected ${expected.verdict}, got ${verdict.verdict}`, verdict }];
  const problems: Problem[] = [];
  const { reason, because, params, manifests, match = 'subset' } = expected;
  const said = verdict.verdict === 'filtered' ? verdict.reason : verdict.verdict === 'failed' ? verdict.error : '';
  if (reason !== undefined && !hasText(said, reason))
    problems.push({ what: `${name}: the reason has no ${JSON.stringify(reason)}`, verdict });
  if (because !== undefined) {
    const decided = verdict.chain.flatMap((step) => step.because?.source ?? []).join('\n');
    if (decided === '' || !hasText(decided, because))
      problems.push({ what: `${name}: not decided by ${JSON.stringify(because)}`, verdict });
  }
  if (params !== undefined) {
    const bound = verdict.verdict === 'filtered' ? [] : (verdict.params ?? []);
    const values = Object.fromEntries(bound.map((param) => [param.name, param.value]));
    problems.push(...compare(name, 'params', params, arranged(values, params, 'subset')));
  }
  if (manifests !== undefined) {
    const rendered = verdict.verdict === 'filtered' ? [] : (verdict.manifests ?? []);
    const plain = (list: readonly unknown[]): readonly unknown[] => list.map((manifest) => plainManifest(manifest, verdict.namespace));
    // What is put on every object is no matter of the test, but it may name it.
    const bare = match === 'exact' || rendered.length !== manifests.length;
    const wanted = bare ? plain(manifests) : manifests;
    const got = arranged(bare ? plain(rendered) : rendered, wanted, match);
    problems.push(...compare(name, 'manifests', wanted, got));
  }
  return problems;
}

function compare(trigger: string, field: Update['field'], expected: unknown, value: unknown): readonly Problem[] {
  if (sameJson(expected, value)) return [];
  const what = `${trigger}: other ${field === 'params' ? 'params' : 'objects'}`;
  return [{ what, diff: lineDiff(yamlLines(expected), yamlLines(value)), update: { trigger, field, value } }];
}

function yamlLines(value: unknown): readonly string[] {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd().split('\n');
}

function isCalled(verdict: Verdict, name: string): boolean {
  return nameOf(verdict) === name || `${verdict.namespace}/${verdict.trigger}` === name;
}

function nameOf(verdict: Verdict): string {
  if (verdict.verdict === 'filtered' && verdict.passedOver !== undefined) return `${verdict.passedOver} more`;
  return verdict.trigger === '' ? '(unnamed)' : verdict.trigger;
}
