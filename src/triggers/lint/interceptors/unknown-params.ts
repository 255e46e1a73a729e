import type { TriggerInterceptor } from '../../../resources/trigger/schema.ts';
import type { Finding } from '../finding.ts';
import { nearest } from '../nearest.ts';

/**
 * Params that the interceptor did not ask for: it ignores them, as upstream, so that a slip in a name is silent. `asked` is complete for params; of what is
 * in them only names are taken for mistakes that stand where one that was asked for is missing.
 */
export function findUnknownParams(spec: TriggerInterceptor, asked: ReadonlySet<string>, path: string): readonly Finding[] {
  const name = spec.ref?.name ?? '';
  const findings: Finding[] = [];
  const seen = new Set<string>();
  for (const param of spec.params ?? []) {
    const at = `${path}.params[${param.name}]`;
    if (seen.has(param.name.toLowerCase())) {
      findings.push({
        severity: 'warning',
        code: 'param-repeated',
        path: at,
        message: `${param.name} is given more than once: the last one counts`,
      });
    }
    seen.add(param.name.toLowerCase());
    const known = namesBelow('', asked);
    const spelled = known.find((candidate) => candidate.toLowerCase() === param.name.toLowerCase());
    if (spelled === undefined) findings.push(unknown(`${name} has no param ${param.name}`, param.name, known, at));
    else findings.push(...findUnknownFields(param.value, spelled, asked, `${at}.value`));
  }
  return findings;
}

function findUnknownFields(value: unknown, name: string, asked: ReadonlySet<string>, path: string): readonly Finding[] {
  if (Array.isArray(value))
    return value.flatMap((element, index) => findUnknownFields(element, `${name}[${index}]`, asked, `${path}[${index}]`));
  if (typeof value !== 'object' || value === null) return [];
  const known = namesBelow(`${name}.`, asked);
  const given = Object.keys(value);
  const absent = known.filter((candidate) => !given.some((field) => field.toLowerCase() === candidate.toLowerCase()));
  return Object.entries(value).flatMap(([field, inner]) => {
    const spelled = known.find((candidate) => candidate.toLowerCase() === field.toLowerCase());
    if (spelled !== undefined) return findUnknownFields(inner, `${name}.${spelled}`, asked, `${path}.${field}`);
    return absent.length === 0 ? [] : [unknown(`${name} has no field ${field}`, field, absent, `${path}.${field}`)];
  });
}

/** The names that were asked for directly below a prefix. */
function namesBelow(prefix: string, asked: ReadonlySet<string>): readonly string[] {
  const below = [...asked].filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  return below.filter((name) => !/[.[]/.test(name));
}

function unknown(message: string, name: string, known: readonly string[], path: string): Finding {
  const suggestion = nearest(name, known);
  const expected = known.length === 0 ? 'it has none' : `expected ${known.join(', ')}`;
  const text = suggestion === undefined ? `${message} and ignores it: ${expected}` : `${message} and ignores it`;
  return { severity: 'warning', code: 'param-unknown', path, message: text, suggestion };
}
