import { describe, expect, it } from 'vitest';
import { credentialFiles } from './credential-files.ts';
import type { CredentialSecret } from './credential-secret.ts';

function secret(name: string, type: string, data: Record<string, string>, annotations: Record<string, string> = {}): CredentialSecret {
  return { name, type: `kubernetes.io/${type}`, annotations, data: new Map(Object.entries(data)) };
}

const basic = (name: string, username: string, password: string, ...annotations: [string, string][]): CredentialSecret =>
  secret(name, 'basic-auth', { username, password }, Object.fromEntries(annotations));
const ssh = (name: string, place: string, knownHosts?: string): CredentialSecret =>
  secret(
    name,
    'ssh-auth',
    { 'ssh-privatekey': `key of ${name}\n`, ...(knownHosts && { known_hosts: knownHosts }) },
    { 'tekton.dev/git-0': place },
  );

function files(...secrets: CredentialSecret[]): Record<string, string> {
  return Object.fromEntries(credentialFiles(secrets).files);
}

it('makes nothing of secrets that are not for git or docker', () => {
  const secrets = [
    secret('plain', 'Opaque', { username: 'u', password: 'p' }, { 'tekton.dev/git-0': 'https://github.com' }),
    basic('unmarked', 'u', 'p', ['tekton.dev/svn-0', 'https://x']),
    secret('unmarked-key', 'ssh-auth', { 'ssh-privatekey': 'k' }),
  ];
  expect(credentialFiles(secrets)).toEqual({ files: new Map(), problems: [] });
});

describe('git over HTTP', () => {
  it('writes names into .gitconfig and logins into .git-credentials', () => {
    const many = basic('many', 'us\\er', 'p', ['tekton.dev/git-b', 'https://b.example'], ['tekton.dev/git-a', 'http://a.example:8080']);
    expect(files(many)).toEqual({
      '.gitconfig':
        '[credential]\n\thelper = store\n[credential "http://a.example:8080"]\n\tusername = us\\\\er\n[credential "https://b.example"]\n\tusername = us\\\\er\n',
      '.git-credentials': 'http://us%5Cer:p@a.example:8080\nhttps://us%5Cer:p@b.example\n',
    });
  });

  it('keeps repositories of one host apart, whole hosts first in the store', () => {
    const repository = basic('one', 'a', '1', ['tekton.dev/git-0', 'https://github.com/org/one']);
    const host = basic('all', 'b', '2', ['tekton.dev/git-0', 'https://github.com/']);
    expect(files(repository, host)).toEqual({
      '.gitconfig':
        '[credential]\n\thelper = store\n[credential "https://github.com/org/one"]\n\tusername = a\n\tuseHttpPath = true\n[credential "https://github.com/"]\n\tusername = b\n',
      '.git-credentials': 'https://b:2@github.com/\nhttps://a:1@github.com/org/one\n',
    });
  });

  it('escapes what a URL has other uses for, as Go does', () => {
    const odd = basic('odd', 'me@home', 'a/b:c?d#e%f g$&+,;=~é!', ['tekton.dev/git-0', 'https://old:login@github.com']);
    expect(files(odd)['.git-credentials']).toBe('https://me%40home:a%2Fb%3Ac%3Fd%23e%25f%20g$&+,;=~%C3%A9%21@github.com\n');
  });

  it('takes the first of two for one place and says so', () => {
    const two = [basic('first', 'a', '1', ['tekton.dev/git-0', 'https://x']), basic('second', 'b', '2', ['tekton.dev/git-0', 'https://x'])];
    const { files: written, problems } = credentialFiles(two);
    expect(written.get('.git-credentials')).toBe('https://a:1@x\n');
    expect(problems).toEqual(['multiple entries for url: https://x; that of secret "first" is used']);
  });

  it('says what a secret lacks', () => {
    const { files: written, problems } = credentialFiles([
      secret('s', 'basic-auth', { username: 'u' }, { 'tekton.dev/git-0': 'https://x' }),
    ]);
    expect([written.size, problems]).toEqual([0, ['secret "s" for https://x lacks password']]);
  });
});

describe('git over SSH', () => {
  it('writes a key a secret, the hosts they are for and their known hosts', () => {
    const keys = [ssh('foo', 'github.com', 'one'), ssh('bar', 'github.com'), ssh('baz', 'gitlab.example.com:2222', 'two')];
    expect(files(...keys)).toEqual({
      '.ssh/id_foo': 'key of foo\n',
      '.ssh/id_bar': 'key of bar\n',
      '.ssh/id_baz': 'key of baz\n',
      '.ssh/config':
        'Host github.com\n    HostName github.com\n    Port 22\n    IdentityFile /tekton/creds/.ssh/id_foo\n    IdentityFile /tekton/creds/.ssh/id_bar\n' +
        'Host gitlab.example.com\n    HostName gitlab.example.com\n    Port 2222\n    IdentityFile /tekton/creds/.ssh/id_baz\n',
      '.ssh/known_hosts': 'one\ntwo',
    });
  });

  it('gives a repository an alias of its host, behind the keys of whole hosts', () => {
    const { '.ssh/config': config, '.gitconfig': gitconfig } = files(
      ssh('repo', 'git.example.com:2222/org/my-repo'),
      ssh('host', '[::1]:22'),
    );
    expect(config).toBe(
      'Host ::1\n    HostName ::1\n    Port 22\n    IdentityFile /tekton/creds/.ssh/id_host\n' +
        'Host git.example.com--org--my-repo\n    HostName git.example.com\n    Port 2222\n    IdentityFile /tekton/creds/.ssh/id_repo\n',
    );
    expect(gitconfig).toBe(
      '[url "git@git.example.com--org--my-repo:org/my-repo.git"]\n\tinsteadOf = git@git.example.com:org/my-repo.git\n' +
        '[url "ssh://git.example.com--org--my-repo/org/my-repo.git"]\n\tinsteadOf = ssh://git.example.com:2222/org/my-repo.git\n',
    );
  });

  it('shares .gitconfig with logins over HTTP', () => {
    const both = files(ssh('key', 'github.com/org/repo'), basic('login', 'u', 'p', ['tekton.dev/git-0', 'https://x']));
    expect(both['.gitconfig']?.split('\n').filter((line) => line.startsWith('['))).toEqual([
      '[credential]',
      '[credential "https://x"]',
      '[url "git@github.com--org--repo:org/repo.git"]',
      '[url "ssh://github.com--org--repo/org/repo.git"]',
    ]);
  });
});

describe('docker', () => {
  it('joins logins, a basic one before a config.json before a .dockercfg', () => {
    const secrets = [
      basic('login', 'u', 'p<', ['tekton.dev/docker-0', 'https://c']),
      secret('cfg', 'dockercfg', { '.dockercfg': '{"a":{"auth":"cfg"},"b":{"auth":"cfg","email":"e"}}' }),
      secret('json', 'dockerconfigjson', {
        '.dockerconfigjson': '{"auths":{"b":{"username":"json","auth":"json","more":1},"https://c":{"auth":"json"}},"credsStore":"x"}',
      }),
    ];
    expect(files(...secrets)).toEqual({
      '.docker/config.json':
        '{"auths":{"a":{"auth":"cfg"},"b":{"username":"json","auth":"json"},' +
        '"https://c":{"username":"u","password":"p\\u003c","auth":"dTpwPA==","email":"not@val.id"}}}',
    });
  });

  it('passes over what is no docker configuration, and says so', () => {
    const secrets = [
      secret('cfg', 'dockercfg', { '.dockercfg': '[]' }),
      secret('json', 'dockerconfigjson', {}),
      secret('empty', 'dockerconfigjson', { '.dockerconfigjson': '{}' }),
    ];
    expect(credentialFiles(secrets)).toEqual({
      files: new Map(),
      problems: [
        'secret "cfg": .dockercfg is not what docker writes there',
        'secret "json": .dockerconfigjson is not what docker writes there',
      ],
    });
  });
});
