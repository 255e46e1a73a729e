import { goJson } from '../expressions/jsonpath/go-json.ts';

/** Beyond so many fields a form is nobody's command: to take it apart and sort it would take seconds. */
const mostFields = 10_000;

/**
 * A form body as the JSON upstream makes of it, `{"key":["v1","v2"]}`; `undefined` where it leaves the body alone: it is no valid form, or
 * has one key only (so that a JSON body without `&` sent by `curl -d` stays what it is). reference/triggers.md 2.1.
 */
export function formToJson(text: string): string | undefined {
  const fields = parseForm(text);
  return fields !== undefined && fields.size > 1 ? goJson(fields) : undefined;
}

/** Every value of every field, in order; `undefined` for what Go refuses as a form, and for floods of fields. */
export function parseForm(text: string): ReadonlyMap<string, readonly string[]> | undefined {
  const fields = new Map<string, string[]>();
  const pairs = text.split('&');
  if (pairs.length > mostFields) return undefined;
  for (const pair of pairs) {
    if (pair === '') continue;
    // Go refuses a form with semicolons whole.
    if (pair.includes(';')) return undefined;
    const equals = pair.indexOf('=');
    const key = decode(equals < 0 ? pair : pair.slice(0, equals));
    const value = decode(equals < 0 ? '' : pair.slice(equals + 1));
    if (key === undefined || value === undefined) return undefined;
    const values = fields.get(key);
    if (values === undefined) fields.set(key, [value]);
    else values.push(value);
  }
  return fields;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
