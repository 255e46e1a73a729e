import { describe, expect, it } from 'vitest';
import { nearest } from './nearest.ts';

describe('nearest', () => {
  it.each([
    ['shaa', ['ref', 'sha', 'label'], 'sha'],
    ['open', ['closed', 'opened'], 'opened'],
    ['bdy', ['body', 'header'], 'body'],
    ['synchronized', ['opened', 'synchronize'], 'synchronize'],
    ['pull-request', ['push', 'pull_request'], 'pull_request'],
    ['PullRequest', ['pull_request', 'push'], 'pull_request'],
    ['ehader', ['header'], 'header'],
    ['Push Hook', ['push hook'], 'push hook'],
  ])('%s of %j is %s', (word, candidates, expected) => {
    expect(nearest(word, candidates)).toBe(expected);
  });

  it.each([
    ['url', ['ssh_url']],
    ['x', ['q']],
    ['id', ['ip']],
    ['', ['a']],
    ['commit', ['sender']],
    ['same', ['same']],
    ['a'.repeat(10_000), ['b'.repeat(10_000)]],
  ])('%s is too far from %j', (word, candidates) => {
    expect(nearest(word, candidates)).toBeUndefined();
  });

  it('takes the one with the fewest slips, of equals the first', () => {
    expect(nearest('lable', ['table', 'label', 'labels'])).toBe('table');
    expect(nearest('labell', ['table', 'labels', 'label'])).toBe('labels');
  });
});
