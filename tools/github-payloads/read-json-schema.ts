import { anything, type EventDescription, merge, mergeAll, mergeEvents, noEvent, type Shape, scalar } from './shape.ts';

/** The part of JSON Schema that `@octokit/webhooks-schemas` uses. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly definitions?: Readonly<Record<string, JsonSchema>>;
}

/** An event's definitions are called `push$event`, `pull_request$opened` … */
export function readJsonSchema(schema: JsonSchema): ReadonlyMap<string, EventDescription> {
  const definitions = schema.definitions ?? {};
  const known = new Map<string, Shape>();

  const shapeOf = (node: JsonSchema): Shape => {
    if (node.$ref !== undefined) {
      const name = node.$ref.replace('#/definitions/', '');
      const shape = known.get(name) ?? shapeOf(definitions[name] ?? {});
      known.set(name, shape);
      return shape;
    }
    const parts = [...(node.oneOf ?? []), ...(node.anyOf ?? []), ...(node.allOf ?? [])];
    return merge(ownShape(node, shapeOf), mergeAll(parts.map(shapeOf)));
  };

  const events = new Map<string, EventDescription>();
  for (const [name, definition] of Object.entries(definitions)) {
    const [event = '', variant] = name.split('$');
    if (variant === undefined) continue;
    const described = { shape: shapeOf(definition), actions: actionsOf(definition.properties?.['action']) };
    events.set(event, mergeEvents(events.get(event) ?? noEvent, described));
  }
  return events;
}

function actionsOf(action: JsonSchema | undefined): EventDescription['actions'] {
  if (action === undefined) return new Set();
  const values = action.enum ?? (action.const === undefined ? undefined : [action.const]);
  return values === undefined ? 'free' : new Set(values.map(String));
}

const scalarTypes: Readonly<Record<string, 's' | 'n' | 'b'>> = { string: 's', number: 'n', integer: 'n', boolean: 'b' };

function ownShape(node: JsonSchema, shapeOf: (node: JsonSchema) => Shape): Shape {
  const values = [...(node.enum ?? []), ...(node.const === undefined ? [] : [node.const])];
  const types = [node.type ?? values.map((value) => typeof value)].flat();
  const scalars = types.flatMap((type) => scalarTypes[type] ?? []).map(scalar);
  const { properties, additionalProperties, items } = node;
  return {
    ...mergeAll(scalars),
    fields: properties && new Map(Object.entries(properties).map(([name, field]) => [name, shapeOf(field)])),
    values: typeof additionalProperties === 'object' ? shapeOf(additionalProperties) : additionalProperties ? anything : undefined,
    elements: items && shapeOf(items),
  };
}
