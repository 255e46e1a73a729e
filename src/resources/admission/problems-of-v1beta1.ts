import { disallowedField, type FieldError, fieldError } from '../field-error.ts';
import { isRaw, keyOf, type Raw, takeField } from './convert-fields.ts';
import { formatPath, type PathPart } from './field-path.ts';
import { type Shape, shapeOf } from './v1beta1-shapes.ts';

/** `unknown`: what does not decode as v1beta1; `disallowed`: what decodes and is refused. */
export interface Problems {
  readonly unknown: readonly FieldError[];
  readonly disallowed: readonly FieldError[];
}

/**
 * Why an object is none of v1beta1's, though converted it could be one of v1: it has fields of v1, which upstream's v1beta1 does not know; or
 * PipelineResources; or a run's whole timeout twice. Follows tektoncd/pipeline pkg/apis/pipeline/v1beta1/*_validation.go.
 */
export function problemsOfV1beta1(kind: string, object: Raw): Problems {
  const unknown: FieldError[] = [];
  const disallowed: FieldError[] = [];
  visit(shapeOf(kind), object, []);
  const [spec] = takeField(object, 'spec');
  if (kind === 'PipelineRun' && isRaw(spec) && isThere(takeField(spec, 'timeout')[0]) && isThere(takeField(spec, 'timeouts')[0]))
    disallowed.push(disallowedField('spec.timeout', 'spec.timeouts'));
  return { unknown, disallowed };

  function visit(shape: Shape, value: unknown, path: readonly PathPart[]): void {
    if (Array.isArray(value)) for (const [index, element] of value.entries()) visit(shape, element, [...path, index]);
    if (!isRaw(value)) return;
    for (const name of shape.refused ?? []) {
      if (isThere(takeField(value, name)[0])) disallowed.push(disallowedField(formatPath([...path, name])));
    }
    for (const name of newNames(shape)) {
      const key = keyOf(value, name);
      if (key !== undefined) unknown.push(fieldError(`json: unknown field ${JSON.stringify(key)}`, formatPath([...path, key])));
    }
    for (const [name, below] of Object.entries(shape.within ?? {})) visit(below, takeField(value, name)[0], [...path, name]);
  }
}

/** `timeouts` is in both versions. */
function newNames({ names = {}, moved = {} }: Shape): ReadonlySet<string> {
  const holders = Object.values(moved).map(([into]) => into);
  return new Set([...Object.values(names), ...holders.filter((name) => name !== 'timeouts')]);
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);
}
