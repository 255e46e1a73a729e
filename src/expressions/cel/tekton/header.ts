import { Failure, invalidArgument, noSuchFunctionOverload, type Result } from '../failure.ts';
import { method, type Overload, withPrepare } from '../functions.ts';
import { findKey } from '../maps.ts';
import { type CelMap, type CelValue, isList, isMap } from '../values.ts';

/** Header names as Go's `http.CanonicalHeaderKey`: `x-github-event` becomes `X-Github-Event`; a name with other characters stays. */
export function canonicalHeaderName(name: string): string {
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) return name;
  return name.toLowerCase().replace(/(^|-)[a-z]/g, (letters) => letters.toUpperCase());
}

/** The first value of a header by canonical name. Upstream converts the whole receiver, so that its values must be lists of strings. */
function firstValue(headers: CelMap, canonicalName: string): string | undefined | Failure {
  const values = findKey(headers, canonicalName);
  if (values === undefined) return undefined;
  const first = isList(values) ? values[0] : false;
  if (first === undefined || typeof first === 'string') return first;
  return invalidArgument('failed to convert to http.Header: values are not lists of strings');
}

function match(headers: CelMap, canonicalName: string, value: string): Result {
  const first = firstValue(headers, canonicalName);
  return first instanceof Failure ? first : first === value;
}

function canonical(headers: CelMap, canonicalName: string): Result {
  return firstValue(headers, canonicalName) ?? '';
}

/** Names are nearly always literals; those are made canonical once. */
export const headerFunctions: readonly Overload[] = [
  ...withPrepare(
    [
      method('match', ['map(string, dyn)', 'string', 'string'], 'bool', (headers, name, value) => {
        return match(headers, canonicalHeaderName(name), value);
      }),
    ],
    ([, name, value]) => {
      if (typeof name !== 'string' || typeof value !== 'string') return undefined;
      const canonicalName = canonicalHeaderName(name);
      return (headers) => {
        return isMap(headers as CelValue) ? match(headers as CelMap, canonicalName, value) : noSuchHeaders('match', headers as CelValue);
      };
    },
  ),
  ...withPrepare(
    [method('canonical', ['map(string, dyn)', 'string'], 'string', (headers, name) => canonical(headers, canonicalHeaderName(name)))],
    ([, name]) => {
      if (typeof name !== 'string') return undefined;
      const canonicalName = canonicalHeaderName(name);
      return (headers) => {
        return isMap(headers as CelValue) ? canonical(headers as CelMap, canonicalName) : noSuchHeaders('canonical', headers as CelValue);
      };
    },
  ),
];

function noSuchHeaders(name: string, value: CelValue): Failure {
  return noSuchFunctionOverload(name, [value]);
}
