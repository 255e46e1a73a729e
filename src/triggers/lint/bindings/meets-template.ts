import type { TriggerTemplateParam } from '../../../resources/trigger-template/schema.ts';
import type { Finding } from '../finding.ts';
import { nearest } from '../nearest.ts';

/** A param that a trigger's bindings give a value, and where in the trigger that is written. */
export interface BoundName {
  readonly name: string;
  readonly path: string;
  /** Written into the trigger. A TriggerBinding may serve several templates, not each of which takes all it has. */
  readonly inline: boolean;
}

export interface TemplateNeeds {
  readonly params: readonly TriggerTemplateParam[];
  /** Params that stand somewhere in the resources. */
  readonly uses: ReadonlySet<string>;
  /** Of the template, in the trigger. */
  readonly path: string;
}

/** Params that bindings and template do not agree on. `complete`: all bindings are known. */
export function meetTemplate(bound: readonly BoundName[], template: TemplateNeeds, complete: boolean): readonly Finding[] {
  const declared = template.params.map(({ name }) => name);
  const values = new Set(bound.map(({ name }) => name));
  const defaults = new Set(template.params.flatMap((param) => (param.default === undefined ? [] : param.name)));
  const needy = [...template.uses].filter((name) => declared.includes(name) && !values.has(name) && !defaults.has(name));
  const unbound = complete
    ? needy.map((name): Finding => {
        const message = `no binding gives ${name} a value, and it has no default: $(tt.params.${name}) stays as it is`;
        return { severity: 'warning', code: 'param-unbound', path: template.path, message };
      })
    : [];
  const free = declared.filter((name) => !values.has(name));
  const unused = bound.flatMap(({ name, path, inline }): readonly Finding[] => {
    if (declared.includes(name) || template.uses.has(name)) return [];
    const meant = nearest(name, needy.length > 0 ? needy : free);
    if (!inline && meant === undefined) return [];
    return [
      {
        severity: 'warning',
        code: 'binding-unused',
        path,
        message: `the template has no param ${name}: nothing uses this`,
        suggestion: meant,
      },
    ];
  });
  return [...unbound, ...unused];
}

/** A name that comes twice, wherever from, fails the trigger. */
export function findDuplicates(bound: readonly BoundName[]): readonly Finding[] {
  return bound.flatMap(({ name, path }, index): readonly Finding[] => {
    const first = bound.findIndex((other) => other.name === name);
    if (first === index) return [];
    const message = `${name} is bound twice, first in ${bound[first]?.path}: the trigger always fails`;
    return [{ severity: 'error', code: 'binding-duplicate', path, message }];
  });
}
