import { describe, expect, it } from 'vitest';
import { volumeName, volumeNames } from './volume-name.ts';

describe('volumeName', () => {
  // Worked out with an independent FNV-1a; the empty name is the algorithm's offset basis.
  it.each([
    ['source', 'ws-1bcf2'],
    ['a', 'ws-e40c2'],
    ['ü', 'ws-119dd'],
    ['', 'ws-811c9'],
  ])('%s is %s', (workspace, expected) => {
    expect(volumeName(workspace)).toBe(expected);
  });

  it('pads a hash of fewer than five digits on the right', () => {
    expect(volumeName('w172220')).toBe('ws-c5980');
  });
});

describe('volumeNames', () => {
  it('hashes again what collides', () => {
    expect([...volumeNames(['w5494', 'source', 'w5625'])]).toEqual([
      ['w5494', 'ws-28c9d'],
      ['source', 'ws-1bcf2'],
      ['w5625', 'ws-95bce'],
    ]);
  });
});
