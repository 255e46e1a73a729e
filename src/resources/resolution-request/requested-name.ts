import { goJson } from '../../expressions/jsonpath/go-json.ts';
import type { TaskRef } from '../references.ts';

/**
 * What messages call the thing a reference leads to: its name, or what its resolver was asked. Follows tektoncd/pipeline
 * pkg/resolution/resource/name.go, `GenerateErrorLogString`.
 */
export function requestedName({ name = '', resolver = '', params = [] }: TaskRef): string {
  if (name.trim() !== '') return name;
  const lines = params.flatMap((param) => {
    const text = typeof param.value === 'string' ? param.value : goJson(param.value);
    if (param.name === 'name') return [`name = ${text}\n`];
    return param.name === 'url' ? [`url = ${typeof param.value === 'string' ? param.value : ''}\n`] : [];
  });
  return [`resolver type ${resolver}\n`, ...lines].join('');
}
