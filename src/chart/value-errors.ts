import { z } from '../resources/zod.ts';
import { toPlain, type ValueMap } from './template/value.ts';

/** A line for each value that the chart's schema refuses. */
export function valueErrors(values: ValueMap, schema: Parameters<typeof z.fromJSONSchema>[0]): readonly string[] {
  const parsed = z.fromJSONSchema(schema).safeParse(toPlain(values));
  return parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join('.') || 'values'}: ${issue.message}`);
}
