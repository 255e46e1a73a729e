import { describe, expect, it } from 'vitest';
import { type LintLine, renderLint } from './render-lint.ts';
import { terminalOf } from './terminal.ts';

const piped = terminalOf({ isTTY: false } as NodeJS.WriteStream, {});
const at = (columns: number) => terminalOf({ isTTY: true, columns, rows: 24 } as NodeJS.WriteStream, { NO_COLOR: '1' });

const source = "body.action in ['opened', 'synchronize'] && body.pull_request.head.shaa != '' && !body.pull_request.draft";
const line: LintLine = {
  file: 'listener.yaml',
  line: 24,
  severity: 'warning',
  code: 'github-field',
  kind: 'EventListener',
  name: 'github',
  path: 'spec.triggers[0].interceptors[1].params[filter].value',
  message: "GitHub's pull_request event has no body.pull_request.head.shaa",
  suggestion: 'sha',
  excerpt: { source, offset: source.indexOf('shaa'), length: 4 },
};
const bare: LintLine = { file: 'x.yaml', severity: 'error', code: 'not-readable', path: '', message: 'not text in UTF-8' };

describe('renderLint', () => {
  it('is a line a finding when piped, the expression and a mark below it', () => {
    expect(renderLint([line, bare], { format: 'text', terminal: piped, checked: 3 })).toBe(
      [
        "listener.yaml:24: warning: EventListener github: spec.triggers[0].interceptors[1].params[filter].value: GitHub's pull_request event has no body.pull_request.head.shaa; did you mean sha?",
        `  | ${source}`,
        `  | ${' '.repeat(source.indexOf('shaa'))}^^^^`,
        'x.yaml: error: not text in UTF-8',
        '3 resources checked: 1 error, 1 warning',
        '',
      ].join('\n'),
    );
  });

  it.each([40, 60, 80, 120])('fits %i columns, the mark under what it is about', (columns) => {
    const lines = renderLint([line], { format: 'text', terminal: at(columns), checked: 1 })
      .trimEnd()
      .split('\n');
    for (const shown of lines) expect(shown.length).toBeLessThanOrEqual(columns);
    const mark = lines.findIndex((shown) => shown.endsWith('^^^^'));
    const column = lines[mark]?.indexOf('^') ?? 0;
    expect(lines[mark - 1]?.slice(column, column + 4)).toBe('shaa');
  });

  it('marks a part that is longer than the line as far as it is seen', () => {
    const excerpt = { source, offset: 0, length: source.length };
    const lines = renderLint([{ ...line, excerpt }], { format: 'text', terminal: at(60), checked: 1 })
      .trimEnd()
      .split('\n');
    expect(lines.filter((shown) => shown.startsWith('  | ')).map((shown) => shown.length)).toEqual([60, 60]);
  });

  it('shows of an expression of several lines the one in question', () => {
    const several = "body.a == 'x' &&\n  bdy.b == 'y' &&\n  body.c == 'z'";
    const excerpt = { source: several, offset: several.indexOf('bdy'), length: 3 };
    expect(
      renderLint([{ ...line, excerpt }], { format: 'text', terminal: piped, checked: 1 })
        .split('\n')
        .slice(1, 3),
    ).toEqual(["  |   bdy.b == 'y' &&", '  |   ^^^']);
  });

  it('marks the end of an expression that stops short', () => {
    const short = "body.a == 'x' && ";
    const excerpt = { source: short, offset: short.length, length: 1 };
    expect(
      renderLint([{ ...line, excerpt }], { format: 'text', terminal: piped, checked: 1 })
        .split('\n')
        .slice(1, 3),
    ).toEqual(["  | body.a == 'x' &&", '  |                  ^']);
  });

  it('lets no control characters of a file through', () => {
    const evil = { ...line, message: 'a\u001b[2Jb', path: 'spec.x\u0007', excerpt: { source: 'a\u001b[31m', offset: 0, length: 1 } };
    expect(renderLint([evil], { format: 'text', terminal: piped, checked: 1 })).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });

  it('json', () => {
    expect(JSON.parse(renderLint([line, bare], { format: 'json', terminal: piped, checked: 2 }))).toEqual([line, bare]);
    expect(renderLint([], { format: 'json', terminal: piped, checked: 2 })).toBe('[]\n');
  });

  it('annotations of a GitHub workflow, with what would end them escaped', () => {
    const odd = { ...line, file: 'a,b:c.yaml', message: '100%\nsure', suggestion: undefined };
    expect(renderLint([odd, bare], { format: 'github', terminal: piped, checked: 2 })).toBe(
      [
        '::warning file=a%2Cb%3Ac.yaml,line=24::EventListener github: spec.triggers[0].interceptors[1].params[filter].value: 100%25%0Asure',
        '::error file=x.yaml::not text in UTF-8',
        '',
      ].join('\n'),
    );
  });

  it('nothing found', () => {
    expect(renderLint([], { format: 'text', terminal: piped, checked: 1 })).toBe('1 resource checked: nothing found\n');
  });
});
