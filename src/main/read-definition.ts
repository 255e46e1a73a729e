import type { ReadDefinition } from '../controllers/resolutions.ts';
import { goQuote } from '../expressions/variables/go-quote.ts';
import { parseYaml } from '../expressions/yaml/parse-yaml.ts';
import { admit } from '../resources/admit.ts';
import type { EngineConfig } from '../resources/engine-config.ts';
import { type FieldError, renderFieldErrors } from '../resources/field-error.ts';
import { groupKindOf, type KubeObject } from '../resources/object.ts';

/** What may be fetched at all, so that nobody brings a Secret or a token into an object that others may read. */
const fetchedKinds = ['PipelineRun', 'Pipeline', 'TaskRun', 'Task', 'Run', 'CustomRun', 'StepAction'];
/** A valid name in place of the definition's own, which upstream does not look at either. */
const stand = 'definition';

/** What is wrong with fetched bytes, if they are no definition. Follows tektoncd/pipeline, `ValidateResolvedResource`. */
export function notADefinition(data: Uint8Array): string | undefined {
  const parsed = parse(data);
  if (!parsed.ok) return `decoding error: ${parsed.message}`;
  const { apiVersion, kind } = isObject(parsed.value) ? parsed.value : {};
  const [group] = typeof apiVersion === 'string' && apiVersion.includes('/') ? apiVersion.split('/') : [''];
  if (group === 'tekton.dev' && typeof kind === 'string' && fetchedKinds.includes(kind)) return undefined;
  return `resolved data is not of a supported type, must be of Group: tekton.dev, Kinds: [${fetchedKinds.join(' ')}]`;
}

/** Reads a fetched definition as if it had been applied: converted, defaulted, validated. Its name and namespace do not matter. */
export function readDefinition(config: EngineConfig): ReadDefinition {
  return (data, kind) => {
    const parsed = parse(data);
    if (!parsed.ok) return { type: 'unreadable', message: parsed.message };
    const { value } = parsed;
    if (!isObject(value)) return { type: 'unreadable', message: 'expected an object with apiVersion and kind' };
    if (value['kind'] !== kind)
      return { type: 'another', message: `resource is not a ${kind === 'StepAction' ? kind : kind.toLowerCase()}` };
    const { metadata = {} } = value;
    const { name, namespace: _, ownerReferences: __, ...rest } = isObject(metadata) ? metadata : {};
    const admitted = admit({ ...value, metadata: isObject(metadata) ? { ...rest, name: stand } : metadata }, config);
    if (admitted.ok) return { type: 'read', object: named(admitted.object, name) };
    if (admitted.undecoded) return { type: 'unreadable', message: strictDecoding(admitted.errors) };
    const errors = renderFieldErrors(admitted.errors);
    const refusal = `admission webhook "validation.webhook.pipeline.tekton.dev" denied the request: validation failed: ${errors}`;
    return { type: 'invalid', message: `validation failed for referenced object ${typeof name === 'string' ? name : ''}: ${refusal}` };
  };
}

/** Unknown fields as Kubernetes' strict decoder tells of them; of other shapes it is Go that speaks, and we say it in our words. */
function strictDecoding(errors: readonly FieldError[]): string {
  const unknown = errors.filter(({ message }) => message.startsWith('json: unknown field')).flatMap(({ paths }) => paths);
  if (unknown.length === 0) return renderFieldErrors(errors);
  return `strict decoding error: ${unknown.map((path) => `unknown field ${goQuote(path)}`).join(', ')}`;
}

function named(object: KubeObject, name: unknown): KubeObject {
  const { name: _, ...metadata } = object.metadata;
  if (groupKindOf(object).startsWith('tekton.dev/') && typeof name === 'string') return { ...object, metadata: { ...metadata, name } };
  return { ...object, metadata };
}

type Parsed = ReturnType<typeof parseYaml>;

function parse(data: Uint8Array): Parsed {
  try {
    return parseYaml(new TextDecoder('utf-8', { fatal: true }).decode(data));
  } catch {
    return { ok: false, message: 'not text in UTF-8' };
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
