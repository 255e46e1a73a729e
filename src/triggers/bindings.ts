import { type BindingValue, type BoundText, literalValue } from '../expressions/jsonpath/binding-value.ts';
import type { TriggerSpecBinding } from '../resources/trigger/schema.ts';
import type { TriggerTemplateParam } from '../resources/trigger-template/schema.ts';
import type { ExpressionCache } from './expression-cache.ts';
import type { Extensions } from './interceptors/interceptor.ts';
import type { TriggerLookup } from './lookup.ts';
import type { OpenEvent } from './open-event.ts';

export interface CompiledBinding {
  readonly name: string;
  readonly value: BindingValue;
}

export type CompiledBindings =
  | { readonly ok: true; readonly bindings: readonly CompiledBinding[] }
  | { readonly ok: false; readonly error: string };

/**
 * A trigger's bindings as one list, in the order they are written. A name that comes twice is an error whatever it is bound to.
 * `namespace` is the trigger's. reference/triggers.md 4.1, texts included.
 */
export function compileBindings(
  specs: readonly TriggerSpecBinding[],
  namespace: string,
  lookup: TriggerLookup,
  expressions: ExpressionCache,
): CompiledBindings {
  const bindings = new Map<string, CompiledBinding>();
  for (const spec of specs) {
    const found = paramsOf(spec, namespace, lookup);
    if (!found.ok) return failed(found.error);
    for (const { name, value } of found.params) {
      if (bindings.has(name)) return failed(`duplicate param name: ${name}`);
      bindings.set(name, { name, value: expressions.binding(value) });
    }
  }
  return { ok: true, bindings: [...bindings.values()] };
}

type Found =
  | { readonly ok: true; readonly params: readonly { readonly name: string; readonly value: string }[] }
  | { readonly ok: false; readonly error: string };

function paramsOf(spec: TriggerSpecBinding, namespace: string, lookup: TriggerLookup): Found {
  if (spec.name !== undefined && spec.value !== undefined) return { ok: true, params: [{ name: spec.name, value: spec.value }] };
  const { ref } = spec;
  if (ref === undefined || ref === '')
    return { ok: false, error: `invalid binding: ${JSON.stringify(spec)}: neither name and value nor ref` };
  if (spec.kind === 'ClusterTriggerBinding') {
    const binding = lookup.clusterTriggerBinding(ref);
    if (binding !== undefined) return { ok: true, params: binding.spec.params ?? [] };
    return { ok: false, error: `error getting ClusterTriggerBinding ${ref}: clustertriggerbinding.triggers.tekton.dev "${ref}" not found` };
  }
  const binding = lookup.triggerBinding(namespace, ref);
  if (binding !== undefined) return { ok: true, params: binding.spec.params ?? [] };
  return {
    ok: false,
    error: `error getting TriggerBinding ${ref}: triggerbinding.triggers.tekton.dev "${ref}" not found in namespace ${namespace}`,
  };
}

function failed(error: string): CompiledBindings {
  return { ok: false, error: `failed to resolve bindings: ${error}` };
}

export type BoundParams =
  | { readonly ok: true; readonly params: ReadonlyMap<string, BoundText> }
  /** `params`: those bound before. */
  | { readonly ok: false; readonly error: string; readonly params: ReadonlyMap<string, BoundText> };

/**
 * Values for one event: first the defaults of the template's params, then each binding over them. Where an expression fails, the default of
 * the param of that name takes the expression's place, if there is one. reference/triggers.md 4.5.
 */
export function bindParams(
  bindings: readonly CompiledBinding[],
  declared: readonly TriggerTemplateParam[],
  event: OpenEvent,
  extensions: Extensions,
): BoundParams {
  const params = new Map<string, BoundText>();
  const defaults = new Map<string, string>();
  for (const { name, default: value } of declared) if (value !== undefined) defaults.set(name, value);
  for (const [name, value] of defaults) params.set(name, literalValue(value));

  const body = event.json();
  if (!body.ok) {
    const reason = 'failed to marshal event: failed to unmarshal request body: invalid JSON';
    return { ok: false, error: `failed to ApplyEventValuesToParams: ${reason}`, params };
  }
  const root = event.root(Object.keys(extensions).length === 0 ? undefined : extensions, body.value);
  for (const { name, value } of bindings) {
    const bound = value.evaluate(root, defaults.get(name));
    if (!bound.ok) {
      const where = `failed to replace JSONPath value for param ${name}: ${value.source}`;
      return { ok: false, error: `failed to ApplyEventValuesToParams: ${where}: ${bound.error}`, params };
    }
    // Bound params come behind the defaults, in their own order.
    params.delete(name);
    params.set(name, bound.value);
  }
  return { ok: true, params };
}
