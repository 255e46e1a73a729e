import type { EngineConfig } from './engine-config.ts';
import { type ConfigKey, engineConfigKeys } from './engine-config-keys.ts';
import { type FieldError, fieldError } from './field-error.ts';

/** Where upstream's ConfigMaps are. */
export const configNamespace = 'tekton-pipelines';

type Data = Readonly<Record<string, string>> | undefined;

const entries = Object.entries(engineConfigKeys) as [keyof EngineConfig, ConfigKey][];

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
