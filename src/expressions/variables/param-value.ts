/**
 * The value of a param or of a result: upstream's `ParamValue`, a union told apart by its JSON shape.
 * Source: tektoncd/pipeline, pkg/apis/pipeline/v1/param_types.go.
 */
export type ParamValue = string | readonly string[] | Readonly<Record<string, string>>;

export type ParamType = 'string' | 'array' | 'object';

export function paramTypeOf(value: ParamValue): ParamType {
  if (typeof value === 'string') return 'string';
  return Array.isArray(value) ? 'array' : 'object';
}
