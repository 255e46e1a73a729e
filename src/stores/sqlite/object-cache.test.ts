import { describe, expect, it } from 'vitest';
import type { Stored } from '../../resources/object.ts';
import { ObjectCache } from './object-cache.ts';

const object = (name: string) => ({ metadata: { name } }) as unknown as Stored;

describe('ObjectCache', () => {
  it('keeps what is used and lets go of what is not, within its capacity', () => {
    const cache = new ObjectCache(100);
    cache.set(1, object('used'), 10);
    cache.set(2, object('unused'), 10);
    cache.setCurrent(1, 'k1');
    cache.setCurrent(2, 'k2');
    for (let version = 10; version < 40; version++) {
      cache.set(version, object('other'), 10);
      expect(cache.find('k1')).toEqual(object('used'));
    }
    expect(cache.find('k2')).toBeUndefined();
    const held = Array.from({ length: 40 }, (_, version) => version).filter((version) => cache.get(version) !== undefined);
    expect(held.length * 10).toBeLessThanOrEqual(110);
  });

  it('finds only the current version of an object, and nothing after it is cleared', () => {
    const cache = new ObjectCache(100);
    cache.set(1, object('one'), 1);
    cache.setCurrent(1, 'k');
    cache.set(2, object('two'), 1);
    cache.setCurrent(2, 'k');
    cache.delete(1);
    expect([cache.find('k'), cache.get(1), cache.get(2)]).toEqual([object('two'), undefined, object('two')]);
    cache.delete(2);
    expect(cache.find('k')).toBeUndefined();
    cache.set(3, object('three'), 1);
    cache.clear();
    expect(cache.get(3)).toBeUndefined();
  });
});
