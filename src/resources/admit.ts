import { isRaw, type Raw } from './admission/convert-fields.ts';
import { isDeeperThan, maxDepth } from './admission/depth.ts';
import { normaliseFieldNames } from './admission/field-names.ts';
import { admissionRules } from './admission/kinds.ts';
import { shapeErrors } from './admission/shape-errors.ts';
import type { EngineConfig } from './engine-config.ts';
import { type FieldError, fieldError, missingField } from './field-error.ts';
import { validateMetadata } from './names.ts';
import { type Honoured, notHonoured } from './not-honoured.ts';
import { groupKindOf, type KubeObject } from './object.ts';
import { apiVersionOf, type ResourceType, resourceTypes, typeOfGroupKind } from './registry.ts';

export type Admission =
  | { readonly ok: true; readonly object: KubeObject; readonly warnings: readonly string[] }
  /** `undecoded`: its text is not that of such an object (no such kind, an unknown field, a list for a text); else its content is wrong. */
  | { readonly ok: false; readonly errors: readonly FieldError[]; readonly undecoded?: boolean | undefined };

/**
 * What upstream's decoding, conversion, defaulting and validation do to an object before it is stored. `raw` is foreign: parsed JSON or
 * YAML of any shape; it is not changed, and parts that no schema looks into are shared with the answer. Errors come all at once.
 * Warnings tell of fields that are right but have no effect yet, or none here: `honoured`.
 */
export function admit(raw: unknown, config: EngineConfig, honoured: Honoured = { resourceLimits: false }): Admission {
  if (!isRaw(raw)) return refuse(fieldError('expected an object with apiVersion and kind', ''));
  if (isDeeperThan(raw, maxDepth)) return refuse(fieldError(`the object nests deeper than ${maxDepth} levels`, ''));
  const identity = identify(raw);
  if (!identity.ok) return identity;
  const { type, convert } = identity;
  const kind = groupKindOf({ apiVersion: apiVersionOf(type), kind: type.kind });
  const rules = admissionRules.get(kind);
  if (rules === undefined) return refuse(unknownKind(apiVersionOf(type), type.kind));

  const older = convert ? rules.problems?.(type.kind, raw) : undefined;
  const named = normaliseFieldNames(rules.schema, withSpec(convert ? (rules.convert?.(type.kind, raw) ?? raw) : raw, type));
  const undecoded = [...(older?.unknown ?? []), ...named.errors];
  const parsed = rules.schema.safeParse(named.value);
  if (!parsed.success) return refuse(...undecoded, ...shapeErrors(parsed.error, named.value));
  const { object, errors } = rules.settle(parsed.data, config);
  const all = [...undecoded, ...(older?.disallowed ?? []), ...validateMetadata(object.metadata, rules.longestName), ...errors];
  return all.length > 0
    ? { ok: false, errors: all, undecoded: undecoded.length > 0 }
    : { ok: true, object, warnings: notHonoured(kind, object, honoured) };
}

/** What an update may change. Both objects are admitted ones of the same kind. */
export function validateUpdate(before: KubeObject, after: KubeObject): readonly FieldError[] {
  return admissionRules.get(groupKindOf(after))?.validateUpdate(before, after) ?? [];
}

type Identity = { readonly ok: true; readonly type: ResourceType; readonly convert: boolean } | Refusal;
type Refusal = Extract<Admission, { readonly ok: false }>;

function identify({ apiVersion, kind }: Raw): Identity {
  const missing = Object.entries({ apiVersion, kind }).filter(([, value]) => typeof value !== 'string' || value === '');
  if (missing.length > 0) return refuse(missingField(...missing.map(([field]) => field)));
  const [version, name] = [String(apiVersion), String(kind)];
  const type = typeOfGroupKind(groupKindOf({ apiVersion: version, kind: name }));
  if (type === undefined) return refuse(unknownKind(version, name));
  if (version === apiVersionOf(type)) return { ok: true, type, convert: false };
  const older = type.olderVersions.find((candidate) => version === apiVersionOf({ ...type, version: candidate }));
  return older === undefined ? refuse(unknownKind(version, name)) : { ok: true, type, convert: true };
}

function unknownKind(apiVersion: string, kind: string): FieldError {
  const message = `no kind ${quote(kind)} is known in version ${quote(apiVersion)}`;
  const same = resourceTypes.filter((type) => type.kind.toLowerCase() === kind.toLowerCase());
  const expected = (same.length > 0 ? same : resourceTypes).map((type) => {
    const versions = [apiVersionOf(type), ...type.olderVersions.map((version) => apiVersionOf({ ...type, version }))];
    return `${versions.join(' or ')} ${type.kind}`;
  });
  return fieldError(message, ['apiVersion', 'kind'], `expected ${expected.join(', ')}`);
}

/** In Go a spec that is not there is an empty one, and validation says what it lacks. */
function withSpec(raw: Raw, { group }: ResourceType): Raw {
  const absent = group.endsWith('tekton.dev') && !Object.keys(raw).some((key) => key.toLowerCase() === 'spec' && raw[key] !== null);
  return absent ? { ...raw, spec: {} } : raw;
}

function refuse(...errors: readonly FieldError[]): Refusal {
  return { ok: false, errors, undecoded: true };
}

function quote(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}
