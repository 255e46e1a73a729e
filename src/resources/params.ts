import type { ParamValue } from '../expressions/variables/param-value.ts';
import { z } from './zod.ts';

/**
 * Upstream's decoding of a value (reference/pipelines.md 1.1): a list of strings, a map of strings, else text. Whatever else was
 * written (`12`, `true`, `[1, 2]`, `{a: {b: c}}`) becomes its JSON text; null becomes the zero value at its place.
 */
export function normaliseParamValue(value: unknown): ParamValue | undefined {
  if (typeof value === 'string' || value === undefined) return value;
  if (value === null) return '';
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) {
    if (value.every(isText)) return value.map((element) => element ?? '');
  } else if (typeof value === 'object') {
    const entries = Object.entries(value);
    if (entries.every(([, element]) => isText(element))) return Object.fromEntries(entries.map(([key, element]) => [key, element ?? '']));
  }
  return JSON.stringify(value);
}

function isText(value: unknown): value is string | null {
  return typeof value === 'string' || value === null;
}

export const paramValueSchema = z.preprocess(
  normaliseParamValue,
  z.custom<ParamValue>((value) => value !== undefined, { error: 'expected a string, a list of strings or a map of strings' }),
);

export const paramTypeSchema = z.enum(['string', 'array', 'object']);

/** Of an object param or result: key to type. Only `string` is legal; validation says so. */
export const propertiesSchema = z.record(z.string(), z.object({ type: z.string().optional() }));
export type Properties = z.infer<typeof propertiesSchema>;

/** A param's declaration. */
export const paramSpecSchema = z.object({
  name: z.string(),
  /** `string`, `array` or `object`; there after defaulting. Any text passes the schema: upstream's message is validation's. */
  type: z.string().optional(),
  description: z.string().optional(),
  properties: propertiesSchema.optional(),
  /** Makes the param optional. */
  default: paramValueSchema.optional(),
  /** Alpha, flag `enable-param-enum`; string params only. */
  enum: z.array(z.string()).optional(),
});
export type ParamSpec = z.infer<typeof paramSpecSchema>;

/** A param's value. */
export const paramSchema = z.object({ name: z.string(), value: paramValueSchema });
export type Param = z.infer<typeof paramSchema>;
