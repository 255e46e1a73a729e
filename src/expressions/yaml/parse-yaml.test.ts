import { expect, it } from 'vitest';
import { parseYaml } from './parse-yaml.ts';

it.each([
  ['a: yes\nb: 014\nc: ~\nd: 2026-01-01', { a: true, b: 12, c: null, d: '2026-01-01' }],
  ['a: &x {b: 1}\nc: {<<: *x, d: 2}', { a: { b: 1 }, c: { b: 1, d: 2 } }],
  ['{"a": [1, "b"]}', { a: [1, 'b'] }],
  ['a: 1\n---\nb: 2', { a: 1 }],
  ['', undefined],
])('%j is read as Kubernetes reads it', (text, value) => {
  expect(parseYaml(text)).toEqual({ ok: true, value });
});

it.each([
  ['what is no YAML', 'a: [', /^[^\n]+$/],
  ['tags of other types', 'a: !!js/function "x"', /./],
  ['nesting without end', '['.repeat(100_000), /./],
  ['aliases without end', `a: &a x\nb: [${'*a,'.repeat(2_000)}]`, /./],
  [
    'what unfolds to a billion',
    [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...[...'bcdefghi'].map((key, i) => `${key}: &${key} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(',')}]`),
    ].join('\n'),
    /^the document has more than 200000 values$/,
  ],
  [
    'merges without end',
    `a: &a {${Array.from({ length: 2_000 }, (_, n) => `k${n}: 1`).join(', ')}}\n${Array.from({ length: 50 }, (_, n) => `b${n}: {<<: *a}`).join('\n')}`,
    /./,
  ],
])(
  '%s is refused, soon',
  (_, text, message) => {
    expect(parseYaml(text)).toEqual({ ok: false, message: expect.stringMatching(message) });
  },
  2_000,
);

it('gives objects no other prototype', () => {
  const parsed = parseYaml('__proto__: {polluted: true}\nconstructor: x');
  expect(parsed.ok && Object.getPrototypeOf(parsed.value)).toBe(Object.prototype);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});
