import { compileBindingValue } from '../../../src/expressions/jsonpath/binding-value.ts';
import { eventRoot } from '../../../src/expressions/jsonpath/event-context.ts';
import { compileTemplate } from '../../../src/triggers/template.ts';
import type { Vector } from './vector.ts';

export interface TemplateCase {
  /** JSON text; upstream's own tests put placeholders where no JSON could have them. */
  readonly template: string;
  readonly binding: string;
  readonly bodyJSON: string;
  readonly uid: string;
  readonly object?: unknown;
  readonly parseError?: string;
}

const QUOTED =
  'upstream makes invalid JSON of it and creates nothing; we put the value into the string as it is (reference/triggers.md, appendix C)';
const RAW = 'a placeholder outside of any string is no JSON: no API server takes such a template, and ours reads it as JSON too';

/** A template with one param `p`. */
export function templates(cases: readonly TemplateCase[]): readonly Vector[] {
  return cases.map((given): Vector => {
    const name = `templates: ${given.template} with ${given.binding} of ${given.bodyJSON}`;
    const parsed = parse(given.template);
    if (parsed === undefined) return { name, deviation: RAW, expected: undefined, run: () => parse(given.template) };
    const run = () => render(given, parsed);
    if (given.parseError === undefined) return { name, expected: given.object, run };
    return { name, deviation: QUOTED, expected: meant(given, parsed), run };
  });
}

function render(given: TemplateCase, template: Readonly<Record<string, unknown>>): unknown {
  const compiled = compileTemplate({ params: [{ name: 'p' }], resourcetemplates: [template] });
  if (!compiled.ok) throw new Error(compiled.error);
  return compiled.template.resources[0]?.({ params: new Map([['p', bind(given)]]), uid: () => given.uid });
}

function bind(given: TemplateCase) {
  const root = eventRoot({ body: JSON.parse(given.bodyJSON), header: {}, eventId: 'EVT' });
  const bound = compileBindingValue(given.binding).evaluate(root);
  if (!bound.ok) throw new Error(bound.error);
  return bound.value;
}

/** Worked out apart from the renderer: the value's plain text in place of the placeholder, in strings alone. */
function meant(given: TemplateCase, template: Readonly<Record<string, unknown>>): unknown {
  const value = bind(given).plain.replaceAll('$(', '$$$$(');
  return JSON.parse(JSON.stringify(template), (_key, member: unknown) =>
    typeof member === 'string' ? member.split('$(tt.params.p)').join(value) : member,
  );
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
