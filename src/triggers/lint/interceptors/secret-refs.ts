import type { TriggerInterceptor } from '../../../resources/trigger/schema.ts';
import type { Finding } from '../finding.ts';

/** A key of a Secret that an interceptor or an expression names. */
export interface SecretUse {
  readonly path: string;
  readonly name: string;
  readonly key: string;
}

/** Every `{secretName, secretKey}` an interceptor asked for and found, whatever the param is called. */
export function secretUses(spec: TriggerInterceptor, asked: ReadonlySet<string>, path: string): readonly SecretUse[] {
  const askedInLowerCase = new Set([...asked].map((name) => name.toLowerCase()));
  return (spec.params ?? []).flatMap(({ name, value }) => usesIn(value, name, `${path}.params[${name}].value`));

  function usesIn(value: unknown, name: string, at: string): readonly SecretUse[] {
    if (Array.isArray(value)) return value.flatMap((element, index) => usesIn(element, `${name}[${index}]`, `${at}[${index}]`));
    if (typeof value !== 'object' || value === null) return [];
    if (askedInLowerCase.has(`${name}.secretName`.toLowerCase()))
      return [{ path: at, name: field(value, 'secretName'), key: field(value, 'secretKey') }];
    return Object.entries(value).flatMap(([key, inner]) => usesIn(inner, `${name}.${key}`, `${at}.${key}`));
  }
}

function field(value: object, name: string): string {
  const found: unknown = Object.entries(value).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
  return typeof found === 'string' ? found : '';
}

export function findIncompleteSecretRefs(uses: readonly SecretUse[]): readonly Finding[] {
  return uses.flatMap(({ path, name, key }): readonly Finding[] => {
    const absent = name === '' ? 'secretName' : key === '' ? 'secretKey' : undefined;
    if (absent === undefined) return [];
    const message = `${absent} is missing: this names no secret, and every event that needs it is refused`;
    return [{ severity: 'error', code: 'param-value', path, message }];
  });
}
