import { formatDuration, parseDuration } from './duration.ts';
import { z } from './zod.ts';

/**
 * A Go duration. Kept as upstream keeps it: decoding and encoding at admission writes `60m` back as `1h0m0s`.
 */
export const durationSchema = z.string().transform((text, context) => {
  const milliseconds = parseDuration(text);
  if (milliseconds !== undefined) return formatDuration(milliseconds);
  context.addIssue({ code: 'custom', message: `invalid duration "${text}", expected one like 1h30m, 90s or 500ms` });
  return z.NEVER;
});

/** A Kubernetes quantity (`500m`, `1Gi`). YAML gives a number for `cpu: 1`; it is stored as text. */
export const quantitySchema = z.preprocess((value) => (typeof value === 'number' ? String(value) : value), z.string());

/** A port or a share: a number, or a name. */
export const intOrStringSchema = z.union([z.int(), z.string()]);

export const labelsSchema = z.record(z.string(), z.string());

/** RFC 3339, UTC. */
export const timestampSchema = z.string();

/** An object whose inside is not ours to check (a node affinity, another project's resource): kept as written. */
export const rawObjectSchema = z.custom<Readonly<Record<string, unknown>>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  { error: 'expected an object' },
);
