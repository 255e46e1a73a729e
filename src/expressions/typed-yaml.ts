import { CORE_SCHEMA, load } from 'js-yaml';
import type { PlainYaml } from './plain-yaml.ts';

/** One YAML document as Kubernetes reads it: numbers, booleans and null are what they look like. Foreign: aliases share what they stand for. */
export function parseTypedYaml(text: string): PlainYaml {
  try {
    return { ok: true, value: text.trim() === '' ? undefined : load(text, { schema: CORE_SCHEMA }) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { ok: false, error: message.split('\n')[0] ?? message };
  }
}
