import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ParamValue } from './param-value.ts';
import { replaceList } from './replace-list.ts';
import { replaceParamValue } from './replace-param-value.ts';
import { replaceString } from './replace-string.ts';
import { replaceWhenInput } from './replace-when-input.ts';
import { registerParam, registerResult, registerString, replacementsBuilder } from './replacements-builder.ts';

function sample() {
  const builder = replacementsBuilder();
  registerParam(builder, 's', 'text');
  registerParam(builder, 'dotted.name', 'dotted');
  registerParam(builder, 'evil', '$(params.s) $& $1');
  registerParam(builder, 'list', ['a', 'b']);
  registerParam(builder, 'none', []);
  registerParam(builder, 'obj', { k: 'v', __proto: 'p' });
  registerParam(builder, 's', 'legacy', 'inputs.params');
  registerResult(builder, 't', 'r', 'result');
  registerResult(builder, 't', 'rl', ['x', 'y']);
  registerResult(builder, 't', 'ro', { k: 'rv' });
  registerResult(builder, 'f', 'r', 'final', 'finally');
  registerString(builder, 'context.taskRun.name', 'run');
  return builder;
}

describe('replaceString', () => {
  it.each([
    ['no variables', 'no variables'],
    ['', ''],
    ['$(params.s)', 'text'],
    ['a $(params.s) b $(params.s)c', 'a text b textc'],
    [`$(params["s"])$(params['s'])$(inputs.params.s)`, 'texttextlegacy'],
    [`$(params["dotted.name"])`, 'dotted'],
    ['$(params.evil)', '$(params.s) $& $1'],
    ['$$(params.s)', '$text'],
    ['$($(params.s))', '$(text)'],
    ['$(date) $(params.unknown)', '$(date) $(params.unknown)'],
    ['$(params.s', '$(params.s'],
    ['$( $(params.s)', '$( text'],
    ['$(params.list[0])$(params.list[1])$(params.list[2])', 'ab$(params.list[2])'],
    [`$(params["list"][1])`, 'b'],
    ['$(params.list[*]) $(params.list)', '$(params.list[*]) $(params.list)'],
    ['$(params.obj.k)', 'v'],
    ['$(params.obj)', '$(params.obj)'],
    ['$(tasks.t.results.r)', 'result'],
    [`$(tasks.t.results["r"])$(tasks.t.results['r'])`, 'resultresult'],
    ['$(tasks.t.results.rl[1])', 'y'],
    [`$(tasks.t.results.ro.k)$(tasks.t.results["ro"][k])`, 'rvrv'],
    ['$(finally.f.results.r)', 'final'],
    ['$(context.taskRun.name)', 'run'],
    ['$(params.s )', '$(params.s )'],
    ['$(constructor)$(__proto__)$(params.obj.__proto__)', '$(constructor)$(__proto__)$(params.obj.__proto__)'],
  ])('%s', (text, expected) => {
    expect(replaceString(text, sample())).toBe(expected);
  });

  it('never scans a value again', () => {
    const part = fc.constantFrom('$(params.a)', '$(params.b)', '$(', ')', 'x', '$');
    const texts = fc.array(part, { maxLength: 8 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(texts, texts, texts, (text, a, b) => {
        const builder = replacementsBuilder();
        registerParam(builder, 'a', a);
        registerParam(builder, 'b', b);
        const pieces = text.split(/(\$\(params\.[ab]\))/);
        const expected = pieces.map((piece) => (piece === '$(params.a)' ? a : piece === '$(params.b)' ? b : piece)).join('');
        expect(replaceString(text, builder)).toBe(expected);
      }),
    );
  });

  it('leaves every text without $( as it is', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!text.includes('$('));
        expect(replaceString(text, sample())).toBe(text);
      }),
    );
  });

  it.each([
    ['opened and never closed', '$('.repeat(1_000_000)],
    ['opened, closed at the end', `${'$('.repeat(1_000_000)})`],
    ['unknown', '$(params.nothing)'.repeat(100_000)],
    ['closed first', `${')'.repeat(500_000)}${'$(x'.repeat(500_000)}`],
  ])(
    'costs no more than the length of the text: %s',
    (_, text) => {
      expect(replaceString(text, sample())).toBe(text);
    },
    2_000,
  );
});

describe('replaceList', () => {
  it('expands whole arrays, deletes empty ones, replaces strings elsewhere', () => {
    const args = [
      '$(params.list)',
      '$(params.list[*])',
      `$(params["list"][*])`,
      '$(params.none[*])',
      '-$(params.list[*])',
      '$(params.s)',
      '',
    ];
    expect(replaceList(args, sample())).toEqual(['a', 'b', 'a', 'b', 'a', 'b', '-$(params.list[*])', 'text', '']);
  });
});

describe('replaceParamValue', () => {
  it.each<[ParamValue, ParamValue]>([
    ['$(params.s)', 'text'],
    ['$(params.list[*])', ['a', 'b']],
    ['$(params.list)', ['a', 'b']],
    ['$(params.none[*])', []],
    ['$(params.obj[*])', { k: 'v', __proto: 'p' }],
    ['$(params.obj)', { k: 'v', __proto: 'p' }],
    ['$(params.list[1])', 'b'],
    ['x$(params.list[*])', 'x$(params.list[*])'],
    ['x$(params.obj[*])$(params.s)', 'x$(params.obj[*])text'],
    ['$(tasks.t.results.rl[*])', ['x', 'y']],
    ['$(tasks.t.results.ro[*])', { k: 'rv' }],
    [`$(params["list"][*])`, `$(params["list"][*])`],
    [
      ['$(params.list[*])', '$(params.s)'],
      ['a', 'b', 'text'],
    ],
    [
      { k: '$(params.s)', l: '$(params.list[*])' },
      { k: 'text', l: '$(params.list[*])' },
    ],
    ['$(params.unknown[*])', '$(params.unknown[*])'],
  ])('%j', (value, expected) => {
    expect(replaceParamValue(value, sample())).toEqual(expected);
  });

  it('keeps a key named __proto__ as a plain key', () => {
    const value = JSON.parse('{"__proto__":"$(params.s)"}');
    const replaced = replaceParamValue(value, sample());
    expect(Object.entries(replaced)).toEqual([['__proto__', 'text']]);
  });
});

describe('replaceWhenInput', () => {
  it.each([
    ['$(params.list[*])', '["a","b"]'],
    ['$(tasks.t.results.rl[*])', '["x","y"]'],
    ['$(params.none[*])', '[]'],
    ['$(params.s)', 'text'],
    ['x$(params.list[*])', 'x$(params.list[*])'],
  ])('%s', (input, expected) => {
    expect(replaceWhenInput(input, sample())).toBe(expected);
  });
});

describe('replacementsBuilder', () => {
  it('starts from a copy and overrides', () => {
    const base = sample();
    const builder = replacementsBuilder(base);
    registerParam(builder, 's', 'other');
    registerParam(builder, 'obj', { l: 'w' });
    expect(replaceString('$(params.s) $(params.obj.k) $(params.obj.l)', builder)).toBe('other v w');
    expect(replaceString('$(params.s)', base)).toBe('text');
  });
});
