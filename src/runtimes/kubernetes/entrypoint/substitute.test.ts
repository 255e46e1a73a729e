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

/** What steps have written of artifacts. */
const artifacts: Readonly<Record<string, string>> = {
  s0: JSON.stringify({
    inputs: [
      {
        name: 'source',
        values: [{ uri: 'git:<a&b>\u2028ü\u0001"\\', digest: { sha512: 'c', sha256: 'b', sha1: 'a' }, more: [1, { x: null }] }],
      },
    ],
    other: { deep: [[], {}, -1.5e3, true] },
    outputs: [
      { name: 'image', values: [{ digest: { sha256: 'x' } }, { uri: 'pkg:y' }, {}], buildOutput: true },
      { name: 'image', values: [] },
      { name: 'empty', values: [] },
      { name: 'bare' },
    ],
  }).replaceAll(',', ' ,\n '),
  odd: '{"outputs":[{"name":"image","values":[{"uri":1}]}]}',
  cut: '{"outputs":[{"name":"image","values":[]}]',
};

const cases: readonly (Partial<PlannedStep> & { readonly title: string })[] = [
  {
    title: 'artifacts',
    args: ['in: $(steps.s0.inputs.source)', '$(steps.s0.outputs.image)$(steps.s0.outputs.bare)', '$(steps.s0.results.text)'],
    env: [
      { name: 'A', value: '$(steps.s0.results.text) $(steps.s0.outputs.image)' },
      { name: 'B', value: '$(steps.s0.outputs.empty)' },
    ],
  },
  {
    title: 'an artifact that is not there, in the words',
    args: ['$(steps.s0.outputs.image)', '$(steps.s0.outputs.source)'],
    env: [{ name: 'A', value: '$(steps.s0.outputs.image)' }],
  },
  {
    title: 'an artifact that is not there, in the environment',
    args: ['$(steps.s0.outputs.image)'],
    env: [
      { name: 'A', value: '$(steps.s0.outputs.image)' },
      { name: 'B', value: '$(steps.other.outputs.image)' },
      { name: 'C', value: '$(steps.s0.outputs.image)' },
    ],
  },
  {
    title: 'artifacts of a file that is none',
    args: ['$(steps.odd.outputs.image)', '$(steps.cut.outputs.image)', '$(steps.s0.outputs.image)'],
  },
  { title: 'artifacts behind a missing result', args: ['$(steps.s0.results.no)', '$(steps.s0.outputs.image)'] },
  {
    title: 'artifacts of a step that is skipped',
    when: [{ input: '$(steps.s0.results.text)', operator: 'in', values: ['x'] }],
    args: ['$(steps.s0.outputs.image)'],
  },
  {
    title: 'artifacts in a script',
    script: `#!/bin/sh\nprintf '%s' '$(steps.s0.outputs.image) "$1" \\' | od -An -tx1 | tr -d ' \\n'; echo\n`,
  },
  {
    title: 'a script that has arguments',
    script: `#!/bin/sh\necho '$(steps.s0.outputs.image)' "$1"\n`,
    args: ['$(steps.s0.outputs.bare)'],
  },
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

async function expected(step: PlannedStep, world: EntrypointWorld): Promise<{ readonly exitCode: number | null; readonly output: string }> {
  const next = nextStep(
    { steps: [plannedStep({ name: 's0' }), step] },
    [{ exitCode: 0, reason: 'Completed', terminationReason: 'Completed', stopsPod: false, readsResults: true }],
    {
      result: (name, result) => (name === 's0' ? results[result] : undefined),
      artifacts: (name) => artifacts[name],
    },
  );
  if (next.type !== 'run') return { exitCode: next.type === 'settle' ? next.verdict.exitCode : 0, output: '' };
  if (next.step.script !== undefined) {
    const { exitCode, output } = await world.run(7, [world.program('as-expected', next.step.script), ...next.step.args]);
    return { exitCode, output };
  }
  const variable = (name: string): string =>
    next.step.env.map((entry) => ('value' in entry && entry.name === name ? entry.value : '')).join('');
  const texts = [...next.step.args, ...['A', 'B', 'C'].map(variable)];
  return { exitCode: 0, output: texts.map((text) => `${Buffer.from(text).toString('hex')}\n`).join('') };
}

describe.skipIf(busybox === undefined).each(shells)('results of earlier steps under %s', (_name, shell) => {
  it.each(cases)('$title', async ({ title: _title, ...more }) => {
    const step = plannedStep({ name: 's1', ...(more.script === undefined && { command: ['/bin/sh', '-c', show, 'sh'] }), ...more });
    const world = new EntrypointWorld(shell);
    for (const [name, contents] of Object.entries(artifacts)) world.write(`steps/step-${name}/artifacts/provenance.json`, contents);
    world.write('run/6/out', '');
    for (const [name, contents] of Object.entries(results)) world.write(`steps/step-s0/results/${name}`, contents);
    world.write('run/0/out', '');
    const command = step.script === undefined ? (step.command ?? []) : [world.program('script', step.script)];
    const { flags, words } = stepSubstitutions({ ...step, command });
    const env = Object.fromEntries(step.env.map((entry) => [entry.name, 'value' in entry ? entry.value : '']));
    const ended = await world.run(1, [...command, ...step.args], { flags, words, env });
    expect({ exitCode: ended.exitCode, output: ended.output }).toEqual(await expected(step, world));
  });
});
