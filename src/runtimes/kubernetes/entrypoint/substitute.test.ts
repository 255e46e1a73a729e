import { describe, expect, it } from 'vitest';
import { step as plannedStep } from '../../../../test/contract/runtime-support.ts';
import { busybox, EntrypointWorld, type Shell, whereIs } from '../../../../test/support/entrypoint-world.ts';
import type { PlannedStep } from '../../../tasks/pod-plan.ts';
import { nextStep } from '../../../tasks/step-protocol.ts';
import { stepSubstitutions } from '../pod/step-substitutions.ts';

const shells: readonly (readonly [string, Shell])[] = [
  ['busybox sh', [busybox ?? 'busybox', 'sh']],
  ['dash', [whereIs('dash') ?? 'dash']],
];

/** What step `s0` has written. */
const results: Readonly<Record<string, string>> = {
  text: 'one two\n',
  quotes: `it's "so" \\ $HOME \`id\``,
  empty: '',
  list: '["a","b c","it\'s \\"d\\"","\\u00fc\\ud83d\\ude00\\n"]',
  none: '[]',
  map: '{"key":"value","other":"", "null": null}',
  odd: '[1,2]',
  broken: '["a"',
  quoted: '"a \\"string\\""',
  number: '1.0',
  lines: 'a\nb\n',
};

const cases: readonly (Partial<PlannedStep> & { readonly title: string })[] = [
  { title: 'nothing', args: ['a', '$(no.reference)'] },
  { title: 'a text, its newline with it', args: ['<$(steps.s0.results.text)>', '$(steps.s0.results.text)$(steps.s0.results.empty)'] },
  {
    title: 'a text that a shell would take apart',
    args: ['$(steps.s0.results.quotes)'],
    env: [{ name: 'A', value: '$(steps.s0.results.quotes)' }],
  },
  { title: 'a list', args: ['x', '$(steps.s0.results.list[*])', 'y', '$(steps.s0.results.none[*])', 'z'] },
  {
    title: 'elements and keys',
    args: ['$(steps.s0.results.list[1])-$(steps.s0.results.map.key)', '$(steps.s0.results.list[3])', '[$(steps.s0.results.map.no)]'],
  },
  {
    title: 'values of another type',
    args: ['<$(steps.s0.results.list)$(steps.s0.results.map)$(steps.s0.results.text.key)$(steps.s0.results.map[*])>'],
  },
  { title: 'what is no list of strings', args: ['$(steps.s0.results.odd)', '$(steps.s0.results.broken)', '$(steps.s0.results.odd[*])'] },
  { title: 'a JSON string, and a number', args: ['$(steps.s0.results.quoted)', '$(steps.s0.results.number)'] },
  { title: 'a star within other text', args: ['a', 'b$(steps.s0.results.list[*])'] },
  { title: 'an index out of range', args: ['$(steps.s0.results.list[4])'] },
  { title: 'an index of no list', args: ['$(steps.s0.results.text[0])'] },
  {
    title: 'a missing result, and all behind it',
    args: ['$(steps.s0.results.text)', '$(steps.s0.results.no)'],
    env: [{ name: 'A', value: '$(steps.s0.results.text)' }],
  },
  {
    title: 'a missing result in the environment',
    env: [
      { name: 'A', value: '$(steps.s0.results.text)' },
      { name: 'B', value: '$(steps.s0.results.no)' },
      { name: 'C', value: '$(steps.s0.results.text)' },
    ],
    args: ['$(steps.s0.results.text)'],
  },
  { title: 'too long a path', args: ['$(steps.s0.results.map.a.b)'] },
  { title: 'a guard that holds', when: [{ input: '$(steps.s0.results.number)', operator: 'in', values: ['2', '1.0'] }] },
  { title: 'a guard that would hold for numbers', when: [{ input: '$(steps.s0.results.number)', operator: 'in', values: ['1'] }] },
  { title: 'a guard with a list', when: [{ input: 'b c', operator: 'in', values: ['$(steps.s0.results.list[*])'] }] },
  { title: 'a guard with an empty list', when: [{ input: 'b c', operator: 'in', values: ['$(steps.s0.results.none[*])'] }] },
  { title: 'a guard that does not hold', when: [{ input: '$(steps.s0.results.empty)', operator: 'notin', values: [''] }] },
  {
    title: 'a guard with a missing result',
    when: [{ input: '$(steps.s0.results.no)', operator: 'notin', values: ['x'] }],
    args: ['$(steps.s0.results.text)'],
  },
  { title: 'a guard without results', when: [{ input: 'a', operator: 'in', values: ['b'] }] },
  { title: 'CEL', when: [{ cel: '1 == 2' }] },
  { title: 'CEL that is wrong', when: [{ cel: '1 +' }] },
  {
    title: 'CEL beside a result',
    when: [{ input: '$(steps.s0.results.number)', operator: 'in', values: ['1.0'] }, { cel: '1 == 1' }],
  },
];

/** Tells words and variables apart, whatever is in them. */
const show = 'for word in "$@" "${A-}" "${B-}" "${C-}"; do printf "%s" "$word" | od -An -tx1 | tr -d " \\n"; echo; done';

function expected(step: PlannedStep): { readonly exitCode: number; readonly output: string } {
  const next = nextStep(
    { steps: [plannedStep({ name: 's0' }), step] },
    [{ exitCode: 0, reason: 'Completed', terminationReason: 'Completed', stopsPod: false, readsResults: true }],
    {
      result: (name, result) => (name === 's0' ? results[result] : undefined),
      artifacts: () => undefined,
    },
  );
  if (next.type !== 'run') return { exitCode: next.type === 'settle' ? next.verdict.exitCode : 0, output: '' };
  const variable = (name: string): string =>
    next.step.env.map((entry) => ('value' in entry && entry.name === name ? entry.value : '')).join('');
  const texts = [...next.step.args, ...['A', 'B', 'C'].map(variable)];
  return { exitCode: 0, output: texts.map((text) => `${Buffer.from(text).toString('hex')}\n`).join('') };
}

describe.skipIf(busybox === undefined).each(shells)('results of earlier steps under %s', (_name, shell) => {
  it.each(cases)('$title', async ({ title: _title, ...more }) => {
    const step = plannedStep({ name: 's1', command: ['/bin/sh', '-c', show, 'sh'], ...more });
    const world = new EntrypointWorld(shell);
    for (const [name, contents] of Object.entries(results)) world.write(`steps/step-s0/results/${name}`, contents);
    world.write('run/0/out', '');
    const { flags, words } = stepSubstitutions(step);
    const env = Object.fromEntries(step.env.map((entry) => [entry.name, 'value' in entry ? entry.value : '']));
    const ended = await world.run(1, [...(step.command ?? []), ...step.args], { flags, words, env });
    expect({ exitCode: ended.exitCode, output: ended.output }).toEqual(expected(step));
  });
});
