import { describe, expect, it } from 'vitest';
import { expressionCache } from '../../expression-cache.ts';
import type { Finding } from '../finding.ts';
import { lintCel } from './lint-cel.ts';
import { lintFilter } from './lint-filter.ts';

const expressions = expressionCache();

function lint(source: string): readonly Finding[] {
  const site = { source, path: 'p' };
  const { findings, program } = lintCel(site, expressions);
  return program === undefined ? findings : [...findings, ...lintFilter(site, program)];
}

/** The part of the expression a finding is about. */
function marked({ excerpt }: Finding): string {
  return excerpt === undefined ? '' : excerpt.source.slice(excerpt.offset, excerpt.offset + excerpt.length);
}

describe('lintCel', () => {
  it.each([
    "body.action in ['opened', 'synchronize'] && !body.pull_request.draft",
    "header.match('X-GitHub-Event', 'push')",
    "header.canonical('x-github-event') == 'push'",
    "header['X-Github-Event'][0] == 'push'",
    "'push' in header['X-Github-Event']",
    "'X-Github-Event' in header",
    'has(header.Accept)',
    "header['X-Github-Event'].exists(x, x == 'push')",
    'body.a + 1.0 == 2.0',
    'int(body.a) + 1 == 2',
    'int(body.a) % 2 == 0',
    'size(body.commits) + 1 > 2',
    'body.commits.size() > 1',
    "body.ref.split('/')[2] == 'main'",
    "body.x.compareSecret('token', 'secret')",
    "body.x.truncate(7) == 'abc'",
    "'v1'.compareSecret('token', 'secret')",
    "has(body.x) && body.x == 'a'",
    "body.labels.exists(l, l.name == 'bug')",
    '[1, 2].map(x, x + 1).exists(x, double(x) == body.a)',
    "body.a != 'x' && body.a != 'y'",
    "body.a != 'x' || body.b != 'y'",
    'body.ok',
    "true ? body.a == 'x' : header['X'][0] == 'y'",
  ])('has nothing to say about %s', (source) => {
    expect(lint(source)).toEqual([]);
  });

  it.each([
    ['bdy.a == 1', 'cel-undeclared', 'bdy', 'body'],
    ["headers.match('X', 'y')", 'cel-undeclared', 'headers', 'header'],
    ["payload.a == 'x'", 'cel-undeclared', 'payload', 'body'],
    ["requestUrl == '/'", 'cel-undeclared', 'requestUrl', 'requestURL'],
    ["body.a.trunkate(7) == 'a'", 'cel-undeclared', 'trunkate', 'body.a.truncate(7)'],
    ["truncate(body.a, 7) == 'a'", 'cel-type', 'truncate', 'body.a.truncate(7)'],
    ['body.a.int() == 1', 'cel-type', 'int', 'int(body.a)'],
    ["decodeb64(body.a) == b'x'", 'cel-undeclared', 'decodeb64', 'base64.decode(body.a)'],
    ["base64.decod(body.a) == b'x'", 'cel-undeclared', 'base64', 'base64.decode(body.a)'],
    ["body.a.toLowerCase() == 'x'", 'cel-undeclared', 'toLowerCase', 'body.a.lowerAscii()'],
    ['body.a.length() > 1', 'cel-undeclared', 'length', 'body.a.size()'],
    ["body.a.Contains('x')", 'cel-undeclared', 'Contains', "body.a.contains('x')"],
    ['body.foo-bar == 1', 'cel-undeclared', 'bar', "body['foo-bar']"],
    ["header.X-GitHub-Event == 'push'", 'cel-undeclared', 'GitHub', "header.canonical('X-Github-Event')"],
    ['body.a = 1', 'cel-syntax', '=', '=='],
    ['body.a === 1', 'cel-syntax', '=', '=='],
    ['body.a == 1 and body.b == 2', 'cel-syntax', 'and', '&&'],
    ['body.a + 1 > 2', 'integer-arithmetic', 'body.a + 1', 'body.a + 1.0'],
    ['2 * body.a > 2', 'integer-arithmetic', '2 * body.a', '2.0 * body.a'],
    ['body.a % 2 == 0', 'integer-arithmetic', 'body.a % 2', 'int(body.a) % 2'],
    ['body.a + size(body.b) > 2', 'integer-arithmetic', 'body.a + size(body.b)', 'int(body.a) + size(body.b)'],
    ['body.l.exists(x, x.n - 1 > 0)', 'integer-arithmetic', 'x.n - 1', 'x.n - 1.0'],
    ["header['x-github-event'][0] == 'push'", 'header-name', "header['x-github-event']", "header['X-Github-Event']"],
    ["header['X-GitHub-Event'][0] == 'push'", 'header-name', "header['X-GitHub-Event']", "header['X-Github-Event']"],
    ["'x-github-event' in header", 'header-name', "'x-github-event' in header", "'X-Github-Event' in header"],
    ['has(header.accept)', 'header-name', 'has(header.accept)', 'has(header.Accept)'],
    ["header['X-Github-Event'] == 'push'", 'header-list', "header['X-Github-Event']", "header.canonical('X-Github-Event')"],
    ["header['X-Github-Event'] != 'push'", 'header-list', "header['X-Github-Event']", "header.canonical('X-Github-Event')"],
    ["header['X-Github-Event'] in ['push']", 'header-list', "header['X-Github-Event']", "header.canonical('X-Github-Event')"],
    ["header['X-Github-Event'].startsWith('p')", 'header-list', "header['X-Github-Event']", "header.canonical('X-Github-Event')"],
    [
      "body.match('X-GitHub-Event', 'push')",
      'header-receiver',
      "body.match('X-GitHub-Event', 'push')",
      "header.match('X-GitHub-Event', 'push')",
    ],
  ])('%s: %s about %s, meant %s', (source, code, part, suggestion) => {
    const findings = lint(source);
    expect(findings.map((finding) => [finding.code, marked(finding), finding.suggestion])).toEqual([[code, part, suggestion]]);
    expect(findings[0]?.severity).toBe('error');
  });

  it.each([
    ['', 'cel-syntax', 'the expression is empty'],
    ["body.a == 'x", 'cel-syntax', "token recognition error at: ''x'"],
    ['1 == 1.0', 'cel-type', "found no matching overload for '_==_' applied to '(int, double)'"],
    ["body.a && 'x'", 'cel-type', "expected type 'bool' but found 'string'"],
    ["body.a.matches('(')", 'cel-program', 'error parsing regexp: missing closing ): `(`'],
    ["context.eventID == 'x'", 'cel-undeclared', "undeclared reference to 'context': there are body, header, extensions, requestURL"],
    [
      'body.l.all(i, v, v > 1)',
      'cel-undeclared',
      "undeclared reference to 'all': it takes a variable and an expression: list.all(x, condition)",
    ],
    ["'text'", 'filter-not-boolean', 'a filter passes on true only, and this is of type string: no event gets past it'],
    ['1 / 0 == 1', 'filter-constant', 'this fails for every event: division by zero'],
    ['body.a + "x"', 'filter-not-boolean', 'a filter passes on true only, and this is of type string: no event gets past it'],
  ])('%s: %s: %s', (source, code, message) => {
    expect(lint(source)).toMatchObject([{ severity: 'error', code, message }]);
  });

  it.each([
    ['true', 'this lets every event pass: it does not depend on the event'],
    ["body.a == 'x' || true", 'this lets every event pass: it does not depend on the event'],
    ['false', 'this lets no event pass: it does not depend on the event'],
    ["false && body.a == 'x'", 'this lets no event pass: it does not depend on the event'],
    ["body.a != 'x' || body.a != 'y'", 'body.a always differs from one of the two: this is true for every event'],
  ])('%s is constant', (source, message) => {
    expect(lint(source)).toMatchObject([{ severity: 'warning', code: 'filter-constant', message }]);
  });

  it('a constant that takes long to work out is left alone', () => {
    expect(lint('lists.range(100000).all(x, x >= 0)')).toEqual([]);
  });

  it('the namespace of compareSecret has no effect', () => {
    const findings = lint("body.x.compareSecret('token', 'secret', 'other')");
    expect(findings.map((finding) => [finding.code, finding.severity, marked(finding)])).toEqual([
      ['secret-namespace', 'warning', "'other'"],
    ]);
  });

  it('tells every type error, each with its place', () => {
    const findings = lint("bdy.a == 'x' && body.b.foo()");
    expect(findings.map(marked)).toEqual(['bdy', 'foo']);
  });
});
