import { z } from './zod.ts';

/** A guard. Either input, operator and values, or `cel` (alpha). All guards of a list must hold. */
export const whenExpressionSchema = z.object({
  input: z.string().optional(),
  operator: z.string().optional(),
  values: z.array(z.string()).optional(),
  cel: z.string().optional(),
});
export type WhenExpression = z.infer<typeof whenExpressionSchema>;
