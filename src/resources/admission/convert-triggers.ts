import { mapEach, mapField, mapRecord, type Raw, takeField } from './convert-fields.ts';

/** `triggers.tekton.dev/v1alpha1` to `v1beta1`: the same but for the interceptors' four legacy fields (reference/triggers.md 1.9). */
export function convertTriggerKind(kind: string, object: Raw): Raw {
  const converted = { ...object, apiVersion: 'triggers.tekton.dev/v1beta1' };
  if (kind === 'Trigger') return mapField(converted, 'spec', mapRecord(convertInterceptors));
  if (kind !== 'EventListener') return converted;
  return mapField(
    converted,
    'spec',
    mapRecord((spec) => mapField(spec, 'triggers', mapEach(convertInterceptors))),
  );
}

const convertInterceptors = (trigger: Raw): Raw => mapField(trigger, 'interceptors', mapEach(convertInterceptor));

/** In upstream's order of precedence. */
const legacy = [
  { name: 'bitbucket', params: ['secretRef', 'eventTypes'] },
  { name: 'cel', params: ['filter', 'overlays'] },
  { name: 'github', params: ['secretRef', 'eventTypes'] },
  { name: 'gitlab', params: ['secretRef', 'eventTypes'] },
] as const;

function convertInterceptor(interceptor: Raw): Raw {
  const [ref] = takeField(interceptor, 'ref');
  const [refName] = takeField(typeof ref === 'object' && ref !== null ? (ref as Raw) : {}, 'name');
  if (typeof refName === 'string' && refName !== '') return interceptor;
  let rest = interceptor;
  let found: Raw | undefined;
  for (const { name, params } of legacy) {
    const [value, others] = takeField(rest, name);
    rest = others;
    if (found !== undefined || value === undefined || value === null) continue;
    const fields = typeof value === 'object' ? (value as Raw) : {};
    found = { ref: { name }, params: params.map((param) => ({ name: param, value: takeField(fields, param)[0] ?? null })) };
  }
  return found === undefined ? rest : { ...rest, ...found };
}
