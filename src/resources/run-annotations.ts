import { type FieldError, invalidValue } from './field-error.ts';

/** What we write on runs. Tekton takes a file that has it, and does what it always does. */

/** On what a RunAction makes, as a label: its uid. On what it cancels, as an annotation. */
export const RUN_ACTION = 'tappet.dev/run-action';
/** On a run that was made of another: the other's name. */
export const RERUN_OF = 'tappet.dev/rerun-of';
/** Beside `rerun-of`: the pipeline tasks that are not run again but stand as they stood there; a JSON list of names. */
export const REUSE = 'tappet.dev/reuse';
/** Of workspaces that were bound to the claims of the old run: the templates these were made of; a JSON object by workspace. */
export const CLAIM_TEMPLATES = 'tappet.dev/claim-templates';
/** `"true"`: when a task fails, those that run beside it are cancelled. On a Pipeline it holds for its runs. */
export const FAIL_FAST = 'tappet.dev/fail-fast';

type Annotations = Readonly<Record<string, string>> | undefined;

export type ReusedNames = { readonly ok: true; readonly names: readonly string[] } | { readonly ok: false; readonly message: string };

/** Which tasks a run takes over from the run it was made of. */
export function reusedNames(annotations: Annotations): ReusedNames {
  const text = annotationOf(annotations, REUSE);
  if (text === undefined) return { ok: true, names: [] };
  const names = parsedJson(text);
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string')) {
    return { ok: false, message: `${REUSE}: expected a JSON list of names of pipeline tasks, got ${shortened(text)}` };
  }
  return { ok: true, names: [...new Set<string>(names)] };
}

export function failsFast(annotations: Annotations): boolean {
  return annotationOf(annotations, FAIL_FAST) === 'true';
}

/** What can be said of them before the run meets the one it was made of. */
export function validateRunAnnotations(annotations: Annotations): readonly FieldError[] {
  const errors: FieldError[] = [];
  const reuse = reusedNames(annotations);
  const value = annotationOf(annotations, REUSE);
  if (!reuse.ok) errors.push(invalidValue(shortened(value ?? ''), fieldOf(REUSE), 'expected a JSON list of names of pipeline tasks'));
  else if (reuse.names.length > 0 && !annotationOf(annotations, RERUN_OF)) {
    errors.push(invalidValue(shortened(value ?? ''), fieldOf(REUSE), `expected the name of the run they ran in, in ${RERUN_OF}`));
  }
  return [...errors, ...validateFailFast(annotations)];
}

export function validateFailFast(annotations: Annotations): readonly FieldError[] {
  const value = annotationOf(annotations, FAIL_FAST);
  if (value === undefined || value === 'true' || value === 'false') return [];
  return [invalidValue(shortened(value), fieldOf(FAIL_FAST), 'expected "true" or "false"')];
}

/** An own one: names of annotations are their users' choice. */
export function annotationOf(annotations: Annotations, key: string): string | undefined {
  return annotations !== undefined && Object.hasOwn(annotations, key) ? annotations[key] : undefined;
}

function fieldOf(annotation: string): string {
  return `metadata.annotations[${annotation}]`;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function shortened(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
