import { canonicalHeader } from '../../jsonpath/canonical-header.ts';
import { Failure, invalidArgument, noSuchFunctionOverload, type Result } from '../failure.ts';
import { method, type Overload, type Prepare, type TraceRule } from '../functions.ts';
import { spendRead, spendString } from '../limits.ts';
import { findKey } from '../maps.ts';
import { type CelMap, type CelValue, isList, isMap } from '../values.ts';
import { isCredentialHeader } from './header-name.ts';

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

/** A trace shows the header asked for instead of all of them, unless it carries a credential. */
function traceRule(args: readonly (CelValue | undefined)[]): TraceRule {
  const [headers, name] = args;
  if (headers === undefined || typeof name !== 'string' || !isMap(headers)) return { arguments: 'shown', result: 'shown' };
  const canonicalName = canonicalHeader(name);
  const hidden = isCredentialHeader(canonicalName);
  const value = hidden ? '(hidden)' : (findKey(headers, canonicalName) ?? null);
  return { arguments: 'shown', result: 'shown', revealed: { source: `header['${canonicalName}']`, value } };
}

const matchOverload = method('match', ['map(string, dyn)', 'string', 'string'], 'bool', (headers, name, value, frame) => {
  return spendString(frame, name.length) ?? spendRead(frame, value.length) ?? match(headers, canonicalHeader(name), value);
});

const canonicalOverload = method('canonical', ['map(string, dyn)', 'string'], 'string', (headers, name, frame) => {
  return spendString(frame, name.length) ?? canonical(headers, canonicalHeader(name));
});

/** Names are nearly always literals; those are made canonical once. */
const prepareMatch: Prepare = ([, name, expected]) => {
  if (typeof name !== 'string' || typeof expected !== 'string') return undefined;
  const canonicalName = canonicalHeader(name);
  return (given) => {
    const headers = given as CelValue;
    return isMap(headers) ? match(headers, canonicalName, expected) : noSuchFunctionOverload('match', [headers]);
  };
};

const prepareCanonical: Prepare = ([, name]) => {
  if (typeof name !== 'string') return undefined;
  const canonicalName = canonicalHeader(name);
  return (given) => {
    const headers = given as CelValue;
    return isMap(headers) ? canonical(headers, canonicalName) : noSuchFunctionOverload('canonical', [headers]);
  };
};

export const headerFunctions: readonly Overload[] = [
  { ...matchOverload, prepare: prepareMatch, trace: traceRule },
  {
    ...canonicalOverload,
    prepare: prepareCanonical,
    trace: (args) => ({ ...traceRule(args), result: isCredentialHeader(String(args[1])) ? 'hidden' : 'shown' }),
  },
];
