import { describe, expect, it } from 'vitest';
import { CliError, exitCodes } from './cli-error.ts';
import { widthOf } from './fit.ts';
import { duration, outputFormat, render, span, table } from './output.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

describe('span', () => {
  it.each([
    [-5, '0s'],
    [999, '0s'],
    [119 * SECOND, '119s'],
    [2 * MINUTE, '2m'],
    [3 * MINUTE + 12 * SECOND, '3m12s'],
    [25 * MINUTE + 3 * SECOND, '25m'],
    [179 * MINUTE, '179m'],
    [4 * HOUR + 5 * MINUTE, '4h5m'],
    [30 * HOUR, '30h'],
    [76 * HOUR, '3d4h'],
    [400 * 24 * HOUR, '400d'],
  ])('%d ms is %s', (ms, text) => {
    expect(span(ms)).toBe(text);
  });
});

describe('duration', () => {
  it.each([
    [0, '0s'],
    [1_000, '1s'],
    [340, '0.3s'],
    [9_949, '9.9s'],
    [12_345, '12s'],
    [-40, '0s'],
  ])('%d ms is %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });
});

describe('table', () => {
  it('aligns by what columns take in a terminal', () => {
    expect(
      table(
        ['NAME', 'AGE'],
        [
          ['日本', '1s'],
          ['ab', '12s'],
        ],
        { width: 80 },
      ),
    ).toBe('NAME  AGE\n日本  1s\nab    12s\n');
  });

  it('lets wide columns give way, the first at the very last', () => {
    const rows = [['a-name-of-twenty-four-ch', 'x'.repeat(30), 'y'.repeat(20)]];
    expect(table(['NAME', 'NOTE', 'MORE'], rows, { width: 60 })).toBe(
      `${'NAME'.padEnd(26)}${'NOTE'.padEnd(18)}MORE\na-name-of-twenty-four-ch  ${'x'.repeat(15)}…  ${'y'.repeat(15)}…\n`,
    );
    const narrow = table(['NAME', 'NOTE', 'MORE'], rows, { width: 24 });
    expect(narrow).toBe('NAME          NOTE  MORE\na-name-of-t…  xxx…  yyy…\n');
    expect(narrow.split('\n').every((line) => widthOf(line) <= 24)).toBe(true);
  });

  it('cuts nothing where nobody watches', () => {
    expect(table(['A'], [['x'.repeat(500)]], { width: Number.POSITIVE_INFINITY })).toBe(`A\n${'x'.repeat(500)}\n`);
  });

  it('keeps foreign text from the terminal', () => {
    expect(table(['TITLE', 'B'], [['evil\u001b[2J\ntwo\r\nlines', 'b']], { width: 80 })).toBe(
      'TITLE               B\nevil\ufffd[2J two lines  b\n',
    );
  });
});

describe('outputFormat', () => {
  it('names what there is', () => {
    expect([outputFormat(undefined), outputFormat('json'), outputFormat('wide', ['wide'])]).toEqual(['table', 'json', 'wide']);
    expect(() => outputFormat('wide')).toThrow(new CliError(exitCodes.usage, '-o, --output: got "wide", expected one of json, yaml'));
  });
});

describe('render', () => {
  it('gives JSON and YAML', () => {
    expect([render({ a: ['x'] }, 'json'), render({ a: ['x'] }, 'yaml')]).toEqual(['{\n  "a": [\n    "x"\n  ]\n}\n', 'a:\n  - x\n']);
  });
});
