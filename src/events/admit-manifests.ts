import { type FieldError, renderFieldErrors } from '../resources/field-error.ts';
import type { KubeObject } from '../resources/object.ts';
import { failedCreation } from '../triggers/note-failures.ts';
import type { CreatedObject, TriggerVerdict } from '../triggers/verdict.ts';

/** Checks and completes one rendered object; `resources/admit.ts` with the server's configuration. */
export type AdmitManifest = (
  raw: unknown,
) => { readonly ok: true; readonly object: KubeObject } | { readonly ok: false; readonly errors: readonly FieldError[] };

export interface Admitted {
  readonly verdict: TriggerVerdict;
  /** What is to be created, in order. */
  readonly creations: readonly KubeObject[];
}

/**
 * What a match asks to be created, checked as if a user had applied it. The first that is refused makes the trigger `failed`: what comes before it is
 * created, as upstream does, and what comes behind it is not tried. Other triggers of the event are unaffected.
 */
export function admitManifests(verdict: TriggerVerdict, admit: AdmitManifest): Admitted {
  if (verdict.verdict !== 'matched') return { verdict, creations: [] };
  const creations: KubeObject[] = [];
  for (const [index, manifest] of verdict.manifests.entries()) {
    const admission = admit(manifest);
    if (admission.ok) creations.push(admission.object);
    else {
      const objects = [...creations.map(createdOf), ...verdict.manifests.slice(index).map(shownOf)];
      const refusals = objects.map((_, at) => (at < index ? undefined : at > index ? null : renderFieldErrors(admission.errors)));
      return { verdict: failedCreation(verdict, objects, refusals), creations };
    }
  }
  return { verdict: { ...verdict, created: creations.map(createdOf) }, creations };
}

function createdOf({ apiVersion, kind, metadata }: KubeObject): CreatedObject {
  return { apiVersion, kind, namespace: metadata.namespace, name: metadata.name ?? '' };
}

/** As far as it can be told. */
function shownOf(manifest: unknown): CreatedObject {
  const { apiVersion, kind, metadata } = record(manifest);
  const { namespace, name, generateName } = record(metadata);
  return {
    apiVersion: text(apiVersion),
    kind: text(kind),
    namespace: text(namespace) || undefined,
    name: text(name) || text(generateName),
  };
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
