import { expect, it } from 'vitest';
import { secretBinding } from './hosts.ts';

it.each<[string, Record<string, string>, string, unknown]>([
  ['says nothing', {}, 'https://x.test/a', 'unbound'],
  ['says something else', { 'example.com/hosts': 'x.test' }, 'https://x.test/a', 'unbound'],
  ['names the host', { 'tappet.dev/hosts': 'a.test, X.test' }, 'https://x.test/a', 'bound'],
  ['names another', { 'tappet.dev/hosts': 'x.test' }, 'https://evil.test/x.test', ['x.test']],
  ['names its parent', { 'tappet.dev/hosts': 'x.test' }, 'https://a.x.test/', ['x.test']],
  ['names a longer one', { 'tappet.dev/hosts': 'x.test.evil' }, 'https://x.test/', ['x.test.evil']],
  ['names the port', { 'tappet.dev/hosts': 'x.test:8443' }, 'https://x.test:8443/a', 'bound'],
  ['names another port', { 'tappet.dev/hosts': 'x.test:8443' }, 'https://x.test/a', ['x.test:8443']],
  ['names the port the scheme has', { 'tappet.dev/hosts': 'x.test:443' }, 'https://x.test/a', 'bound'],
  ['names an address', { 'tappet.dev/hosts': '[::1]:80' }, 'http://[::1]/a', 'bound'],
  ['names nothing that is a host', { 'tappet.dev/hosts': 'https://x.test' }, 'https://x.test/', []],
  ['is Tekton’s for git', { 'tekton.dev/git-0': 'https://x.test' }, 'https://x.test/a/b', 'bound'],
  ['is Tekton’s for git and the scheme is another', { 'tekton.dev/git-0': 'https://x.test' }, 'http://x.test/a', ['x.test']],
  ['is Tekton’s for an organisation', { 'tekton.dev/git-0': 'https://x.test/org/' }, 'https://x.test/org/repo', 'bound'],
  ['is Tekton’s for a repository', { 'tekton.dev/git-0': 'https://x.test/org/repo' }, 'https://x.test/org/repo.git', 'bound'],
  ['is Tekton’s for another organisation', { 'tekton.dev/git-0': 'https://x.test/org' }, 'https://x.test/organ/repo', ['x.test/org']],
  ['is Tekton’s for ssh', { 'tekton.dev/git-0': 'x.test' }, 'https://x.test/a', 'bound'],
  ['is Tekton’s for a registry', { 'tekton.dev/docker-0': 'https://registry.test' }, 'https://registry.test/v2/', 'bound'],
  ['names several', { 'tekton.dev/git-0': 'https://a.test', 'tekton.dev/git-1': 'https://x.test' }, 'https://x.test/', 'bound'],
])('a secret that %s', (_, annotations, url, expected) => {
  expect(secretBinding(annotations, new URL(url))).toEqual(expected);
});
