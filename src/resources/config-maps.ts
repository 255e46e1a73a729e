import type { EngineConfig } from './engine-config.ts';
import { type ConfigKey, engineConfigKeys } from './engine-config-keys.ts';
import { type FieldError, fieldError } from './field-error.ts';

/** Where upstream's ConfigMaps are, and their names. */
export const configNamespace = 'tekton-pipelines';
export const configMapNames = ['config-defaults', 'feature-flags', 'config-events'] as const;

type Data = Readonly<Record<string, string>> | undefined;

const entries = Object.entries(engineConfigKeys) as [keyof EngineConfig, ConfigKey][];

/** What one of upstream's ConfigMaps says, key by key. Values that are wrong are left out: admission has refused them, or was not asked. */
export function readConfigMap(name: string, data: Data): Partial<EngineConfig> {
  const found: [string, unknown][] = [];
  for (const [key, { map, read }] of entries) {
    const text = map === name ? own(data, key) : undefined;
    const value = text === undefined ? undefined : read(text);
    if (value !== undefined) found.push([key, value]);
  }
  // Its sink takes the place of the older key, unless it is empty.
  const sink = name === 'config-events' ? own(data, 'sink') : undefined;
  if (sink) found.push(['default-cloud-events-sink', sink]);
  return Object.fromEntries(found);
}

/** What upstream's webhook says of such a ConfigMap: the first thing that is wrong. Keys it does not know are none of its business. */
export function validateConfigData(name: string, data: Data): readonly FieldError[] {
  for (const [key, { map, read, refusal }] of entries) {
    const text = map === name ? own(data, key) : undefined;
    if (text !== undefined && read(text) === undefined) return [fieldError(refusal(text), `data[${key}]`)];
  }
  const formats = name === 'config-events' ? own(data, 'formats') : undefined;
  const message = formats === undefined ? undefined : formatsError(formats);
  return message === undefined ? [] : [fieldError(message, 'data[formats]')];
}

/** There is one format. Follows tektoncd/pipeline pkg/apis/config/events.go. */
function formatsError(formats: string): string | undefined {
  if (formats === '') return 'formats cannot be empty';
  const seen = new Set<string>();
  for (const format of formats.split(',')) {
    if (format !== 'tektonv1') return `invalid format: ${format}`;
    if (seen.has(format)) return `duplicate format: ${format}`;
    seen.add(format);
  }
  return undefined;
}

function own(data: Data, key: string): string | undefined {
  return data !== undefined && Object.hasOwn(data, key) ? data[key] : undefined;
}
