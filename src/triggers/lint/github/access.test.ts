import { describe, expect, it } from 'vitest';
import { parseRelaxedPath } from '../../../expressions/jsonpath/relaxed-path.ts';
import { expressionCache } from '../../expression-cache.ts';
import { findCelAccess } from './cel-access.ts';
import { githubPayloads } from './github-payloads.ts';
import { findPathAccess } from './path-access.ts';
import { readPayloads } from './read-payloads.ts';

const expressions = expressionCache();
const payloads = readPayloads(githubPayloads);
const pull = ['pull_request'];
const push = ['push'];
const all = payloads.names;

function inCel(source: string, names: readonly string[] | undefined) {
  const compiled = expressions.cel(source);
  if (!compiled.ok) throw new Error(compiled.error.message);
  return findCelAccess({ source, path: '' }, compiled.program.ast, { payloads, names }).map(({ message, suggestion, excerpt }) => ({
    message,
    suggestion,
    part: excerpt && source.slice(excerpt.offset, excerpt.offset + excerpt.length),
  }));
}

describe('fields of GitHub payloads in CEL', () => {
  it.each<[string, readonly string[] | undefined]>([
    ["body.pull_request.head.sha != '' && body.number > 5", pull],
    ["body.action in ['opened', 'synchronize', 'ready_for_review']", pull],
    ["body.ref == 'refs/heads/main'", push],
    ["body.ref == 'v1'", ['create']],
    ["body.ref == 'v1'", ['create', 'push']],
    ["body.commits.exists(c, c.modified.exists(f, f.startsWith('docs/')))", push],
    ["body.commits.filter(c, c.distinct).first().id.truncate(7) == 'a'", push],
    ["body.pull_request.labels.map(l, l.name).exists(n, n == 'bug')", pull],
    ["body.pull_request.draft || body.ref == 'x'", ['push', 'pull_request']],
    ['has(body.pull_request)', ['push', 'pull_request']],
    ["body.inputs.anything.goes == 'a'", ['workflow_dispatch']],
    ["body.client_payload.x[0].y == 'a'", ['repository_dispatch']],
    ["body.action == 'my-own'", ['repository_dispatch']],
    ["body.repository.custom_properties.team == 'a'", push],
    ["body['head_commit']['message'].contains('x')", push],
    ['body.comment.body.startsWith("/test") && has(body.issue.pull_request)', ['issue_comment']],
    ["'PR ' + string(body.number) == 'PR 5'", pull],
    ["body.head_commit == null || body.head_commit.id == 'x'", push],
    ["body.nonsense == 'x'", undefined],
    ["body.nonsense == 'x'", ['an_event_of_tomorrow']],
    ["body.nonsense == 'x'", ['push', 'an_event_of_tomorrow']],
    ["header.match('X-GitHub-Event', 'push') && body.ref == 'refs/heads/main'", undefined],
    [
      "(header.match('X-GitHub-Event', 'push') && body.head_commit.id != '') || (header.match('X-GitHub-Event', 'pull_request') && body.pull_request.draft)",
      all,
    ],
    ["header.match('X-GitHub-Event', 'push') ? body.head_commit.id == 'x' : body.pull_request.draft", ['push', 'pull_request']],
    ["[{'body': 1}].exists(body, body.nonsense == 1)", push],
    ["body.repository[extensions.key] == 'x'", push],
  ])('%s of %j is right', (source, names) => {
    expect(inCel(source, names)).toEqual([]);
  });

  it.each<[string, readonly string[] | undefined, string, string, string | undefined]>([
    ["body.pull_request.head.shaa == 'x'", pull, 'shaa', "GitHub's pull_request event has no body.pull_request.head.shaa", 'sha'],
    [
      "body['pull_request']['hed'].sha == 'x'",
      pull,
      "body['pull_request']['hed']",
      "GitHub's pull_request event has no body.pull_request.hed",
      'head',
    ],
    [
      'has(body.pul_request)',
      ['push', 'pull_request'],
      'has(body.pul_request)',
      "none of GitHub's events push and pull_request has body.pul_request",
      'pull_request',
    ],
    [
      'body.pull_request.draft',
      push,
      'pull_request',
      "GitHub's push event has no body.pull_request; pull_request, pull_request_review, pull_request_review_comment and others have it",
      undefined,
    ],
    [
      "header.match('X-GitHub-Event', 'push') && body.pull_request.draft",
      undefined,
      'pull_request',
      "GitHub's push event has no body.pull_request; pull_request, pull_request_review, pull_request_review_comment and others have it",
      undefined,
    ],
    ["body.nonsense == 'x'", all, 'nonsense', "none of GitHub's events has body.nonsense", undefined],
    ['body.commits.exists(c, c.modifed.size() > 0)', push, 'modifed', "GitHub's push event has no body.commits[0].modifed", 'modified'],
    [
      "body.commits.id == 'x'",
      push,
      'id',
      "body.commits is a list in GitHub's push event: its elements are reached by index",
      'body.commits[0].id',
    ],
    [
      "body.repository.name.first == 'x'",
      push,
      'first',
      "body.repository.name is no object in GitHub's push event: there is nothing below it",
      undefined,
    ],
    ["body.repository[0] == 'x'", push, 'body.repository[0]', "body.repository is no list in GitHub's push event", undefined],
    [
      "body.action in ['opened', 'synchronized']",
      pull,
      "'synchronized'",
      "GitHub's pull_request event never comes with action 'synchronized'",
      "'synchronize'",
    ],
    ["'closd' == body.action", pull, "'closd'", "GitHub's pull_request event never comes with action 'closd'", "'closed'"],
    ["body.ref == 'main'", push, "'main'", "the ref of GitHub's push event begins with refs/", "'refs/heads/main'"],
    ["body.number == '5'", pull, "body.number == '5'", "this is a number in GitHub's pull_request event, which never equals '5'", '5'],
    [
      "body.pull_request.draft == 'true'",
      pull,
      "body.pull_request.draft == 'true'",
      "this is a boolean in GitHub's pull_request event, which never equals 'true'",
      'true',
    ],
    [
      "body.pull_request.labels == 'bug'",
      pull,
      "body.pull_request.labels == 'bug'",
      "this is a list in GitHub's pull_request event, which never equals 'bug'",
      undefined,
    ],
    [
      "'bug' in body.pull_request.labels",
      pull,
      "'bug' in body.pull_request.labels",
      "the elements of body.pull_request.labels are objects: 'bug' is never among them",
      "body.pull_request.labels.exists(x, x.name == 'bug')",
    ],
    ["'PR ' + body.number == 'PR 5'", pull, 'body.number', 'a number cannot be added to a text: this always fails', 'string(body.number)'],
    [
      "body.number.startsWith('1')",
      pull,
      'body.number',
      "startsWith is not for a number, which this is in GitHub's pull_request event: it always fails",
      undefined,
    ],
  ])('%s of %j: %s', (source, names, part, message, suggestion) => {
    expect(inCel(source, names)).toEqual([{ message, suggestion, part }]);
  });

  it('what is below a field that is not there is not told again', () => {
    expect(inCel("body.pul_request.head.shaa == 'x' || body.pul_request.haed == 'y'", pull)).toHaveLength(2);
  });
});

function inPath(path: string, names: readonly string[] | undefined) {
  const parsed = parseRelaxedPath(path);
  if (!parsed.ok) throw new Error(parsed.error);
  return findPathAccess(parsed.nodes.slice(1), { payloads, names }).map(({ message, suggestion }) => [message, suggestion]);
}

describe('fields of GitHub payloads in paths', () => {
  it.each<[string, readonly string[] | undefined]>([
    ['body', pull],
    ['body.pull_request.head.sha', pull],
    ["body['pull_request']['head'].sha", pull],
    ['body.commits[0].modified[*]', push],
    ['body.commits[-1:].id', push],
    ['body.commits[*].author.name', push],
    ["body.commits[?(@.id=='x')].message", push],
    ["body.commits[?(@.author.name=='x')].message", push],
    ['body..sha', pull],
    ['body.repository.*', push],
    ["body['before','after']", push],
    ['body.nonsense', undefined],
    ['body.inputs.x', ['workflow_dispatch']],
  ])('%s of %j is right', (path, names) => {
    expect(inPath(path, names)).toEqual([]);
  });

  it.each<[string, readonly string[], string, string | undefined]>([
    ['body.pull_request.head.shaa', pull, "GitHub's pull_request event has no body.pull_request.head.shaa", 'sha'],
    ['body.commits.id', push, "body.commits is a list in GitHub's push event: its elements are reached by index", 'body.commits[0].id'],
    ['body.commits[0].idd', push, "GitHub's push event has no body.commits[0].idd", 'id'],
    ['body.commits[*].idd', push, "GitHub's push event has no body.commits[0].idd", 'id'],
    ["body.commits[?(@.idd=='x')].message", push, "GitHub's push event has no body.commits[0].idd", 'id'],
    ["body['before','aftr']", push, "GitHub's push event has no body.aftr", 'after'],
    ['body.repository[0]', push, "body.repository is no list in GitHub's push event", undefined],
  ])('%s of %j: %s', (path, names, message, suggestion) => {
    expect(inPath(path, names)).toEqual([[message, suggestion]]);
  });
});
