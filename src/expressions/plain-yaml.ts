import { FAILSAFE_SCHEMA, load } from 'js-yaml';

export type PlainYaml = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: string };

/** One YAML document whose scalars all stay text: `123`, `true` and `null` too. Foreign: aliases share what they stand for, so walk it with care. */
export function parsePlainYaml(text: string): PlainYaml {
  try {
    return { ok: true, value: text.trim() === '' ? undefined : load(text, { schema: FAILSAFE_SCHEMA }) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { ok: false, error: message.split('\n')[0] ?? message };
  }
}
