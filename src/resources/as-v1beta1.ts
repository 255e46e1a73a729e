import { isRaw, mapEach, mapField, mapRecord, type Raw, renameFields, takeField } from './admission/convert-fields.ts';
import { type Shape, shapeOf } from './admission/v1beta1-shapes.ts';
import type { KubeObject } from './object.ts';

/**
 * A stored object as it was in `tekton.dev/v1beta1`, for those outside who speak no other version. Kinds that v1 did not change come back as they are.
 * Follows tektoncd/pipeline pkg/apis/pipeline/v1beta1/*_conversion.go, `ConvertFrom`: a run's whole timeout stays in `timeouts`.
 */
export function asV1beta1(object: KubeObject): KubeObject {
  if (object.apiVersion !== 'tekton.dev/v1') return object;
  return { ...object, ...(renamedBack(shapeOf(object.kind), object as Raw) as Partial<KubeObject>), apiVersion: 'tekton.dev/v1beta1' };
}

function renamedBack(shape: Shape, record: Raw): Raw {
  const names = Object.fromEntries(Object.entries(shape.names ?? {}).map(([old, now]) => [now, old]));
  let old = renameFields(record, names);
  for (const [name, [from, as]] of Object.entries(shape.moved ?? {})) {
    if (from === 'timeouts') continue;
    const [holder, others] = takeField(old, from);
    if (!isRaw(holder)) continue;
    const [value, rest] = takeField(holder, as);
    old = { ...others, ...(value !== undefined && { [name]: value }), ...(Object.keys(rest).length > 0 && { [from]: rest }) };
  }
  for (const [name, below] of Object.entries(shape.within ?? {})) {
    const change = (value: Raw): Raw => renamedBack(below, value);
    old = mapField(old, name, (value) => (Array.isArray(value) ? mapEach(change)(value) : mapRecord(change)(value)));
  }
  return old;
}
