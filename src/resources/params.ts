import { paramValueFromJson } from '../expressions/variables/decode-param-value.ts';
import type { ParamValue } from '../expressions/variables/param-value.ts';
import { z } from './zod.ts';

/**
 * Text, a list of texts or a map of texts. Whatever else was written (`12`, `true`, `[1, 2]`) is decoded as upstream decodes it:
 * into its JSON text. Only a missing value is refused.
 */
export const paramValueSchema = z.preprocess(
  (value) => (value === undefined ? undefined : paramValueFromJson(value)),
  z.custom<ParamValue>((value) => value !== undefined),
);

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
