import { type CelMap, type CelValue, Uint } from './values.ts';

/**
 * A map with keys of any CEL key type. JavaScript's `Map` compares objects by identity, so that unsigned keys need an index of their own;
 * int 1 and uint 1 are the same key.
 */
export class MixedMap extends Map<CelValue, CelValue> {
  /** Made when there is one. */
  #unsigned: Map<bigint, Uint> | undefined;

  override set(key: CelValue, value: CelValue): this {
    const stored = this.#stored(key);
    if (stored instanceof Uint) {
      this.#unsigned ??= new Map();
      this.#unsigned.set(stored.value, stored);
    }
    return super.set(stored, value);
  }

  override get(key: CelValue): CelValue | undefined {
    return super.get(this.#stored(key));
  }

  override has(key: CelValue): boolean {
    return super.has(this.#stored(key));
  }

  #stored(key: CelValue): CelValue {
    if (typeof key === 'bigint') return this.#unsigned?.get(key) ?? key;
    if (!(key instanceof Uint)) return key;
    return this.#unsigned?.get(key.value) ?? (super.has(key.value) ? key.value : key);
  }
}

/** Looks a key up; numbers by value, whatever their type. `undefined`: there is none. Never sees inherited properties. */
export function findKey(map: CelMap, key: CelValue): CelValue | undefined {
  if (!(map instanceof Map)) {
    const object = map as { readonly [key: string]: CelValue };
    return typeof key === 'string' && Object.hasOwn(object, key) ? object[key] : undefined;
  }
  if (typeof key === 'number') return Number.isInteger(key) ? map.get(BigInt(key)) : undefined;
  if (key instanceof Uint) return map.get(key) ?? map.get(key.value);
  return map.get(key);
}

export function mapSize(map: CelMap): number {
  return map instanceof Map ? map.size : Object.keys(map).length;
}

export function mapKeys(map: CelMap): readonly CelValue[] {
  return map instanceof Map ? [...map.keys()] : Object.keys(map);
}

export function mapEntries(map: CelMap): Iterable<readonly [CelValue, CelValue]> {
  return map instanceof Map ? map.entries() : Object.entries(map);
}
