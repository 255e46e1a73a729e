import { type FieldError, renderFieldErrors } from '../resources/field-error.ts';
import type { KubeObject } from '../resources/object.ts';
import type { CreatedObject, Failed, Matched, TriggerVerdict } from '../triggers/verdict.ts';

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
 * What a match asks to be created, checked as if a user had applied it. One object that is refused makes the whole trigger `failed`, with nothing of it
 * created (upstream creates what comes before it and stops); other triggers of the event are unaffected.
 */
export function admitManifests(verdict: TriggerVerdict, admit: AdmitManifest): Admitted {
  if (verdict.verdict !== 'matched') return { verdict, creations: [] };
  const creations: KubeObject[] = [];
  const problems: string[] = [];
  for (const manifest of verdict.manifests) {
    const admission = admit(manifest);
    if (admission.ok) creations.push(admission.object);
    else problems.push(`${nameOf(manifest)}: ${renderFieldErrors(admission.errors)}`);
  }
  if (problems.length > 0) return { verdict: failed(verdict, problems.join('\n')), creations: [] };
  return { verdict: { ...verdict, created: creations.map(createdOf) }, creations };
}

function createdOf({ apiVersion, kind, metadata }: KubeObject): CreatedObject {
  return { apiVersion, kind, namespace: metadata.namespace, name: metadata.name ?? '' };
}

function failed({ trigger, namespace, chain, tookMs, params }: Matched, error: string): Failed {
  return { verdict: 'failed', stage: 'render', trigger, namespace, chain, tookMs, params, error };
}

/** `PipelineRun build-x1`, as far as it can be told. */
function nameOf(manifest: unknown): string {
  if (typeof manifest !== 'object' || manifest === null) return 'resource template';
  const { kind, metadata } = manifest as { readonly kind?: unknown; readonly metadata?: unknown };
  const { name, generateName } = (typeof metadata === 'object' && metadata !== null ? metadata : {}) as {
    readonly name?: unknown;
    readonly generateName?: unknown;
  };
  return [kind, name ?? generateName].filter((part) => typeof part === 'string' && part !== '').join(' ') || 'resource template';
}
