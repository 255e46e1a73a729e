import { describe, expect, it } from 'vitest';
import { compileCel } from './compile-cel.ts';
import { type Explanation, explain } from './explain.ts';
import { tektonTriggersEnvironment } from './tekton/environment.ts';
import type { CelTrace } from './trace.ts';
import type { CelObject } from './values.ts';

const variables: CelObject = {
  body: { action: 'closed', draft: true, labels: [{ name: 'a' }, { name: 'b' }], pull_request: { base: { ref: 'main' } } },
  header: { 'X-Github-Event': ['push'], Authorization: ['Bearer hunter2'], 'X-Gitlab-Token': ['hunter2'] },
  extensions: {},
  requestURL: '/',
};

function traced(source: string): CelTrace {
  const compiled = compileCel(source, tektonTriggersEnvironment);
  if (!compiled.ok) throw new Error(compiled.error.message);
  const { trace } = compiled.program.evaluate(variables, {
    trace: true,
    host: { secret: () => new TextEncoder().encode('hunter2'), equalSecret: () => false },
  });
  if (!trace) throw new Error('expected a trace');
  return trace;
}

describe('explain', () => {
  it.each<[string, Explanation]>([
    ["body.draft && body.action == 'opened'", { source: "body.action == 'opened'", values: { 'body.action': '"closed"' } }],
    ["body.action in ['opened', 'reopened']", { source: "body.action in ['opened', 'reopened']", values: { 'body.action': '"closed"' } }],
    [
      "header.match('x-github-event', 'pull_request') && body.draft",
      { source: "header.match('x-github-event', 'pull_request')", values: { "header['X-Github-Event']": '["push"]' } },
    ],
    [
      "body.action == 'a' || body.pull_request.base.ref == 'b'",
      {
        source: "body.action == 'a' || body.pull_request.base.ref == 'b'",
        values: { 'body.action': '"closed"', 'body.pull_request.base.ref': '"main"' },
      },
    ],
    ['!body.draft', { source: '!body.draft', values: { 'body.draft': 'true' } }],
    ["body.draft ? body.action == 'x' : true", { source: "body.action == 'x'", values: { 'body.action': '"closed"' } }],
    ['has(body.missing) && body.missing.x', { source: 'has(body.missing)', values: { body: '{4 keys}' } }],
    [
      "body.labels.exists(l, l.name == 'c')",
      {
        source: "body.labels.exists(l, l.name == 'c')",
        values: { 'body.labels': '[{"name":"a"},{"name":"b"}]', "l.name == 'c'": 'false' },
      },
    ],
    ["body.draft && body.missing.x == 'y'", { source: 'body.missing', values: { body: '{4 keys}' } }],
    [
      "header.canonical('X-Gitlab-Token') == 'other'",
      { source: "header.canonical('X-Gitlab-Token') == 'other'", values: { "header.canonical('X-Gitlab-Token')": '(hidden)' } },
    ],
  ])('%s', (source, expected) => {
    expect(explain(traced(source))).toEqual(expected);
  });
});

describe('trace', () => {
  it('has every evaluated value and nothing for what was skipped', () => {
    expect(traced("body.action == 'opened' && body.draft")).toEqual({
      source: "body.action == 'opened' && body.draft",
      start: 0,
      end: 37,
      operation: '&&',
      value: 'false',
      children: [
        {
          source: "body.action == 'opened'",
          start: 0,
          end: 23,
          operation: '==',
          value: 'false',
          children: [
            {
              source: 'body.action',
              start: 0,
              end: 11,
              operation: 'select',
              value: '"closed"',
              children: [{ source: 'body', start: 0, end: 4, operation: 'variable', value: '{4 keys}', children: [] }],
            },
            { source: "'opened'", start: 15, end: 23, operation: 'literal', value: '"opened"', children: [] },
          ],
        },
        {
          source: 'body.draft',
          start: 27,
          end: 37,
          operation: 'select',
          children: [{ source: 'body', start: 27, end: 31, operation: 'variable', children: [] }],
        },
      ],
    });
  });

  it('of what is true leaves out what says nothing by itself', () => {
    const told = (trace: CelTrace): unknown => [`${trace.source} = ${trace.value}`, ...trace.children.map(told)];
    expect(
      told(traced("body.action in ['closed', 'x'] && body.pull_request.base.ref == 'main' && header.match('x-github-event', 'push')")),
    ).toEqual([
      "body.action in ['closed', 'x'] && body.pull_request.base.ref == 'main' && header.match('x-github-event', 'push') = true",
      ["body.action in ['closed', 'x'] = true", ['body.action = "closed"']],
      ["body.pull_request.base.ref == 'main' = true", ['body.pull_request.base.ref = "main"']],
      ["header.match('x-github-event', 'push') = true", ['header[\'X-Github-Event\'] = ["push"]']],
    ]);
    expect(told(traced("body.draft || body.action == 'x'"))).toEqual([
      "body.draft || body.action == 'x' = true",
      ['body.draft = true'],
      ["body.action == 'x' = undefined"],
    ]);
    expect(told(traced("body.missing == 1 || body.labels[0].name == 'a'"))).toEqual([
      "body.missing == 1 || body.labels[0].name == 'a' = true",
      ['body.missing == 1 = undefined', ['body.missing = undefined']],
      ["body.labels[0].name == 'a' = true", ['body.labels[0].name = "a"']],
    ]);
  });

  it.each([
    "header.match('X-Gitlab-Token', 'x')",
    "header.canonical('authorization') == 'x'",
    "header['X-Gitlab-Token'][0] == 'x'",
    "header['X-Gitlab-Token'].exists(x, x == 'y')",
    "header['X-Gitlab-Token'].map(x, x.upperAscii().lowerAscii()) == []",
    "header['X-Gitlab-Token'][0].replace('hunter', 'Hunter').lowerAscii() == ''",
    "header.canonical('X-Gitlab-Token').split('') == []",
    'header.map(k, header[k]) == []',
    "header.exists(k, header[k][0] == 'x')",
    ".header['X-Gitlab-Token'][0] == 'x'",
    "['X-Gitlab-Token'].all(k, header[k][0] != 'x')",
    "[header].exists(h, h['X-Gitlab-Token'][0] == 'x')",
    "[header].exists(h, h.canonical('X-Gitlab-Token') == 'x')",
    "{'a': header}['a']['X-Gitlab-Token'][0] == 'x'",
    "header.canonical('X-Gitlab-Token').compareSecret('k', 's')",
    'size(header) == 0',
  ])('never shows a credential: %s', (source) => {
    expect(JSON.stringify(traced(source))).not.toContain('hunter2');
  });

  it('is bounded, however long the expression', () => {
    const trace = traced(`[${'1,'.repeat(40_000)}].size() == 0 || '${'x'.repeat(10_000)}' == ''`);
    expect(trace.source.length).toBe(1_001);
    expect(JSON.stringify(trace).length).toBeLessThan(300_000);
  });

  it('cuts long values', () => {
    const compiled = compileCel('lists.range(1000)', tektonTriggersEnvironment);
    const result = compiled.ok ? compiled.program.evaluate(variables, { trace: true }) : undefined;
    expect(result?.trace?.value?.length).toBeLessThan(320);
  });
});
