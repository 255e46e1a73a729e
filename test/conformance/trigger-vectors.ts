import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

export interface BindingVector {
  readonly value: string;
  readonly bodyJSON?: string;
  readonly header?: Readonly<Record<string, readonly string[]>>;
  readonly extensions?: Readonly<Record<string, unknown>>;
  readonly templateDefault?: string;
  readonly result?: string;
  readonly error?: string;
  readonly nondeterministic?: boolean;
}

export interface TemplateVector {
  readonly template: string;
  readonly binding: string;
  readonly bodyJSON: string;
  readonly uid: string;
  readonly oldEscapeAnnotation: boolean;
  readonly object?: Readonly<Record<string, unknown>>;
  readonly rendered: string;
  readonly parseError?: string;
}

export interface CelVector {
  readonly body?: string;
  readonly header?: Readonly<Record<string, readonly string[]>>;
  readonly extensions?: Readonly<Record<string, unknown>>;
  readonly filter?: string;
  readonly overlays?: readonly { readonly key: string; readonly expression: string }[];
  readonly requestURL?: string;
  readonly response: {
    readonly continue: boolean;
    readonly status: { readonly code?: number; readonly message?: string };
    readonly extensions?: Readonly<Record<string, unknown>>;
  };
  readonly nondeterministic?: boolean;
}

interface TriggerVectors {
  readonly bindings: { readonly cases: readonly BindingVector[] };
  readonly templates: { readonly cases: readonly TemplateVector[] };
  readonly cel: { readonly cases: readonly CelVector[] };
}

/** The vectors are not part of this repository: `TAPPET_CONFORMANCE` names their folder, beside the checkout otherwise. */
export const vectorsPath = resolve(process.env['TAPPET_CONFORMANCE'] ?? '../shared/conformance', 'triggers-vectors.json');

export function readVectors(): TriggerVectors | undefined {
  return existsSync(vectorsPath) ? JSON.parse(readFileSync(vectorsPath, 'utf8')) : undefined;
}
