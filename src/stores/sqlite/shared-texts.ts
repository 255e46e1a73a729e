import type { Stored } from '../../resources/object.ts';

/** Characters of JSON. Below, putting a text together costs more than making it. */
const LARGE = 16_384;
/** `spec` and `status` are looked into, their fields are not. */
const DEPTH = 2;

/**
 * JSON of settled objects, where versions of a large object share what they have in common: the parts that are the same objects have the same
 * text. The status of a run of a thousand tasks changes often, its spec and its pipeline never.
 */
export class SharedTexts {
  readonly #parts = new WeakMap<object, string>();
  readonly #large = new WeakSet<object>();

  of(object: Stored, previous: Stored | undefined): string {
    const json = previous !== undefined && this.#large.has(previous) ? this.#compose(object, DEPTH) : JSON.stringify(object);
    if (json.length >= LARGE) this.#large.add(object);
    return json;
  }

  #compose(value: unknown, depth: number): string {
    if (typeof value !== 'object' || value === null) return JSON.stringify(value);
    if (depth === 0 || Array.isArray(value)) return this.#part(value);
    const fields = Object.entries(value).map(([key, field]) => `${JSON.stringify(key)}:${this.#compose(field, depth - 1)}`);
    return `{${fields.join(',')}}`;
  }

  #part(value: object): string {
    const known = this.#parts.get(value);
    if (known !== undefined) return known;
    const text = JSON.stringify(value);
    this.#parts.set(value, text);
    return text;
  }
}
