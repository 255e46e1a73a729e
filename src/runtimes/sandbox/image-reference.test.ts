import { describe, expect, it } from 'vitest';
import { parseImageReference, spellings } from './image-reference.ts';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

describe('parseImageReference', () => {
  it.each([
    ['busybox', { name: 'docker.io/library/busybox' }],
    ['busybox:1.36', { name: 'docker.io/library/busybox', tag: '1.36' }],
    ['library/busybox', { name: 'docker.io/library/busybox' }],
    ['docker.io/busybox', { name: 'docker.io/library/busybox' }],
    ['index.docker.io/team/app:x', { name: 'docker.io/team/app', tag: 'x' }],
    ['team/app', { name: 'docker.io/team/app' }],
    ['localhost/app', { name: 'localhost/app' }],
    ['localhost:5000/app:v1', { name: 'localhost:5000/app', tag: 'v1' }],
    ['ghcr.io/a/b__c/d-e.f', { name: 'ghcr.io/a/b__c/d-e.f' }],
    [`busybox:1@${DIGEST}`, { name: 'docker.io/library/busybox', tag: '1', digest: DIGEST }],
  ])('takes %s apart', (text, expected) => {
    expect(parseImageReference(text)).toEqual(expected);
  });

  it.each([
    '',
    ' ',
    'Busybox',
    'busybox:',
    'busybox:a b',
    'busy box',
    'busybox@sha256:12',
    'a//b',
    '/a',
    'a/',
    'a:b:c',
    '-x',
    '$(params.image)',
    `${'a/'.repeat(200)}a`,
  ])('refuses %j', (text) => {
    expect(parseImageReference(text)).toBeUndefined();
  });

  it('knows the ways to write one name', () => {
    expect(spellings({ name: 'docker.io/library/busybox' })).toEqual([
      'busybox',
      'library/busybox',
      'docker.io/busybox',
      'docker.io/library/busybox',
    ]);
    expect(spellings({ name: 'docker.io/team/app' })).toEqual(['team/app', 'docker.io/team/app']);
    expect(spellings({ name: 'ghcr.io/team/app' })).toEqual(['ghcr.io/team/app']);
  });
});
