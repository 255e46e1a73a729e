import { Failure, invalidArgument } from '../failure.ts';
import { method, type Overload } from '../functions.ts';
import { findKey } from '../maps.ts';
import { type CelMap, isList } from '../values.ts';

/** Header names as Go's `http.CanonicalHeaderKey`: `x-github-event` becomes `X-Github-Event`; a name with other characters stays. */
export function canonicalHeaderName(name: string): string {
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) return name;
  return name.toLowerCase().replace(/(^|-)[a-z]/g, (letters) => letters.toUpperCase());
}

/** The first value of a header; upstream converts the whole receiver, so that every value of it must be a list of strings. */
function firstValue(headers: CelMap, name: string): string | undefined | Failure {
  const values = findKey(headers, canonicalHeaderName(name));
  if (values === undefined) return undefined;
  if (!isList(values)) return invalidArgument('failed to convert to http.Header: values are not lists of strings');
  const [first] = values;
  if (first === undefined || typeof first === 'string') return first;
  return invalidArgument('failed to convert to http.Header: values are not lists of strings');
}

export const headerFunctions: readonly Overload[] = [
  method('match', ['map(string, dyn)', 'string', 'string'], 'bool', (headers, name, value) => {
    const first = firstValue(headers, name);
    return first instanceof Failure ? first : first === value;
  }),
  method('canonical', ['map(string, dyn)', 'string'], 'string', (headers, name) => firstValue(headers, name) ?? ''),
];
