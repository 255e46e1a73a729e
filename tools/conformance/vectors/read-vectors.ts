import { bindings } from './bindings.ts';
import { cel } from './cel.ts';
import { http } from './http.ts';
import { templates } from './templates.ts';
import { validation } from './validation.ts';
import type { Vector } from './vector.ts';

const sections = { bindings, cel, http, templates, validation } as const;

/** Every case of a file of this form, section by section; sections nobody here knows are an error, for they would pass unseen. */
export function vectorsOf(file: Readonly<Record<string, unknown>>): readonly Vector[] {
  return Object.entries(file).flatMap(([name, section]) => {
    if (name === 'about') return [];
    if (!Object.hasOwn(sections, name))
      throw new Error(`no such section of vectors: ${name}; known are ${Object.keys(sections).join(', ')}`);
    const { cases } = section as { readonly cases: readonly never[] };
    return sections[name as keyof typeof sections](cases);
  });
}
