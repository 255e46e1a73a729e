import type { FieldError } from '../field-error.ts';
import { fieldError } from '../field-error.ts';

/** A field of a step in which variables are replaced. */
export interface StepText {
  /** Upstream's spelling: `script`, `args[0]`, `env[HOME]`, `volumeMount[0].name`. */
  readonly path: string;
  readonly text: string;
  /** An element of `command` or `args`: an array may stand there, if it stands alone. */
  readonly listElement: boolean;
}

interface ContainerLike {
  readonly name?: string | undefined;
  readonly image?: string | undefined;
  readonly workingDir?: string | undefined;
  readonly script?: string | undefined;
  readonly onError?: string | undefined;
  readonly command?: readonly string[] | undefined;
  readonly args?: readonly string[] | undefined;
  readonly env?: readonly { readonly name: string; readonly value?: string | undefined }[] | undefined;
  readonly volumeMounts?:
    | readonly { readonly name: string; readonly mountPath: string; readonly subPath?: string | undefined }[]
    | undefined;
}

/** Every text of a step that contains a variable. */
export function stepTexts(step: ContainerLike): readonly StepText[] {
  const found: StepText[] = [];
  const add = (path: string, text: string | undefined, listElement = false): void => {
    if (text?.includes('$(')) found.push({ path, text, listElement });
  };
  add('name', step.name);
  add('image', step.image);
  add('workingDir', step.workingDir);
  add('script', step.script);
  for (const [index, text] of (step.command ?? []).entries()) add(`command[${index}]`, text, true);
  for (const [index, text] of (step.args ?? []).entries()) add(`args[${index}]`, text, true);
  for (const entry of step.env ?? []) add(`env[${entry.name}]`, entry.value);
  step.volumeMounts?.forEach((mount, index) => {
    add(`volumeMount[${index}].name`, mount.name);
    add(`volumeMount[${index}].mountPath`, mount.mountPath);
    add(`volumeMount[${index}].subPath`, mount.subPath);
  });
  add('onError', step.onError);
  return found;
}

/** What `rule` says about each text, with the text's path. */
export function checkTexts(texts: readonly StepText[], rule: (text: StepText) => string | undefined): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const text of texts) {
    const message = rule(text);
    if (message !== undefined) errors.push(fieldError(message, text.path));
  }
  return errors;
}
