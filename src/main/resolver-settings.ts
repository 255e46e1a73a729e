import { parseDuration } from '../resources/duration.ts';
import { z } from '../resources/zod.ts';

/** Upstream's ConfigMaps of the resolvers, under their names, with their keys and defaults. Their values are texts; numbers and booleans will do. */

export const defaultArtifactHub = 'https://artifacthub.io';

const textSchema = z.preprocess((value) => (typeof value === 'number' || typeof value === 'boolean' ? String(value) : value), z.string());

const flagSchema = z.preprocess((value) => (value === 'true' ? true : value === 'false' ? false : value), z.boolean()).default(true);

const millisecondsSchema = z.string().transform((text, context) => {
  const milliseconds = parseDuration(text);
  if (milliseconds !== undefined && milliseconds > 0) return milliseconds;
  context.addIssue(`expected a duration like 1m, 90s or 500ms`);
  return z.NEVER;
});

function numberSchema(least: number, whole: boolean) {
  return textSchema.transform((text, context) => {
    const number = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
    if (number >= least && (!whole || Number.isInteger(number))) return number;
    context.addIssue(`expected a ${whole ? 'whole ' : ''}number of at least ${least}`);
    return z.NEVER;
  });
}

const backoffFields = {
  'backoff-duration': millisecondsSchema.default(2_000),
  'backoff-factor': numberSchema(0, false).default(2),
  /** Taken and not used: one process has no herd to spread. */
  'backoff-jitter': numberSchema(0, false).default(0.1),
  'backoff-steps': numberSchema(1, true).default(2),
  'backoff-cap': millisecondsSchema.default(10_000),
};

const cachingFields = {
  'default-cache-mode': z.enum(['always', 'never', 'auto']).optional(),
  ttl: millisecondsSchema.optional(),
};

const urlsSchema = z
  .preprocess((value) => (typeof value === 'string' ? listed(value) : value), z.array(z.url({ protocol: /^https?$/ })))
  .transform((urls) => urls.map((url) => url.replace(/\/+$/, '')));

/** A YAML list in a text, as a ConfigMap has it. */
function listed(text: string): readonly string[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) =>
    line
      .replace(/^\s*-\s*/, '')
      .replace(/^(["'])(.*)\1$/, '$2')
      .trim(),
  );
}

const namesSchema = z.string().transform((text) => text.split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim()])));

const scmKeys = [
  'fetch-timeout',
  'default-url',
  'default-revision',
  'default-org',
  'scm-type',
  'server-url',
  'api-token-secret-name',
  'api-token-secret-key',
  'api-token-secret-namespace',
];

/** `scm-type`, and `<id>.scm-type` for a block of its own. */
const gitSchema = z.looseObject({ ...backoffFields, ...cachingFields }).superRefine((config, context) => {
  for (const [key, value] of Object.entries(config)) {
    if (Object.hasOwn(backoffFields, key) || Object.hasOwn(cachingFields, key)) continue;
    const parts = key.split('.');
    const name = parts.at(-1) ?? '';
    const add = (message: string): void => context.addIssue({ code: 'custom', path: [key], message });
    if (parts.length > 2 || !scmKeys.includes(name)) add(`no such setting; there are ${scmKeys.join(', ')}, also behind an id and a dot`);
    else if (typeof value !== 'string') add('expected a text');
    else if (name === 'fetch-timeout' && !((parseDuration(value) ?? 0) > 0)) add('expected a duration like 1m, 90s or 500ms');
  }
});

export const resolversSchema = z.strictObject({
  'resolvers-feature-flags': z
    .strictObject({
      'enable-bundles-resolver': flagSchema,
      'enable-hub-resolver': flagSchema,
      'enable-git-resolver': flagSchema,
      'enable-cluster-resolver': flagSchema,
      'enable-http-resolver': flagSchema,
    })
    .prefault({}),
  'resolver-cache-config': z
    .strictObject({ 'max-size': numberSchema(1, true).default(1_000), ttl: millisecondsSchema.default(300_000) })
    .prefault({}),
  'git-resolver-config': gitSchema.prefault({}),
  'http-resolver-config': z.strictObject({ 'fetch-timeout': millisecondsSchema.default(60_000) }).prefault({}),
  'hubresolver-config': z
    .strictObject({
      'default-tekton-hub-catalog': z.string().default('Tekton'),
      'default-artifact-hub-task-catalog': z.string().default('tekton-catalog-tasks'),
      'default-artifact-hub-pipeline-catalog': z.string().default('tekton-catalog-pipelines'),
      'default-kind': z.string().default('task'),
      'default-type': z.enum(['artifact', 'tekton']).default('artifact'),
      'artifact-hub-urls': urlsSchema.prefault(() => [process.env['ARTIFACT_HUB_API'] || defaultArtifactHub]),
      'tekton-hub-urls': urlsSchema.prefault(() => (process.env['TEKTON_HUB_API'] ? [process.env['TEKTON_HUB_API']] : [])),
    })
    .prefault({}),
  'bundleresolver-config': z
    .strictObject({
      'default-service-account': z.string().default('default'),
      'default-kind': z.string().default('task'),
      'fetch-timeout': millisecondsSchema.default(60_000),
      ...backoffFields,
      ...cachingFields,
    })
    .prefault({}),
  'cluster-resolver-config': z
    .strictObject({
      'default-kind': z.string().default('task'),
      'default-namespace': z.string().default(''),
      'allowed-namespaces': namesSchema.default([]),
      'blocked-namespaces': namesSchema.default([]),
      ...cachingFields,
    })
    .prefault({}),
  /** Ours: git repositories of this machine's disk. */
  allowFileUrls: z.boolean().default(false),
  /** Ours: refuses references that may lead elsewhere tomorrow. */
  requirePinned: z.boolean().default(false),
  /** Ours: sends no secret that does not say which hosts it is for. */
  requireBoundSecrets: z.boolean().default(false),
});

export type ResolverSettings = z.infer<typeof resolversSchema>;
