/** What may stand at one place of a payload. `null` may stand anywhere. */
export type Shape =
  /** Nothing is known: whatever is asked for may be there. */
  | { readonly kind: 'any' }
  | { readonly kind: 'scalar'; readonly type: 'text' | 'number' | 'boolean' | 'unknown' }
  | { readonly kind: 'list'; readonly element: Shape }
  | ObjectShape;

export interface ObjectShape {
  readonly kind: 'object';
  /** Those described; where keys are free `field` knows others as well. */
  readonly names: readonly string[];
  field(name: string): Shape | undefined;
}

export interface EventPayload {
  readonly shape: Shape;
  /** Values of `action`; none where the event has no such field. */
  readonly actions: readonly string[];
}

/** What GitHub sends, by the event's name as in `X-GitHub-Event`. */
export interface GithubPayloads {
  readonly names: readonly string[];
  event(name: string): EventPayload | undefined;
}

export const anything: Shape = { kind: 'any' };

const scalars: Readonly<Record<string, Shape>> = {
  s: { kind: 'scalar', type: 'text' },
  n: { kind: 'scalar', type: 'number' },
  b: { kind: 'scalar', type: 'boolean' },
  _: { kind: 'scalar', type: 'unknown' },
};

/**
 * Reads the generated table: lines `event code actions`, an empty line, then one line a shape, `code:field,field code:field`. A code is `s`, `n`, `b` or `_`
 * for scalars, `*` for anything, `#12` for the shape on line 12 (from 0), `{code}` for an object with free keys; `[]` behind it makes a list. The field
 * `*` stands for all that are not named. Shapes are read when they are first asked for: most never are.
 */
export function readPayloads(text: string): GithubPayloads {
  const [eventText = '', shapeText = ''] = text.trim().split('\n\n');
  const lines = shapeText.split('\n');
  const objects = new Map<number, ObjectShape>();
  const events = new Map<string, { readonly code: string; readonly actions: readonly string[] }>();
  for (const line of eventText.split('\n')) {
    const [name = '', code = '*', actions = ''] = line.split(' ');
    events.set(name, { code, actions: actions === '' ? [] : actions.split(',') });
  }

  const shapeOf = (code: string): Shape => {
    if (code.endsWith('[]')) return { kind: 'list', element: shapeOf(code.slice(0, -2)) };
    if (code.startsWith('{')) return objectOf(new Map(), code.slice(1, -1));
    return code.startsWith('#') ? shapeOnLine(Number(code.slice(1))) : (scalars[code] ?? anything);
  };

  const objectOf = (codes: ReadonlyMap<string, string>, others: string | undefined): ObjectShape => ({
    kind: 'object',
    names: [...codes.keys()],
    field(name) {
      const code = codes.get(name) ?? others;
      return code === undefined ? undefined : shapeOf(code);
    },
  });

  const shapeOnLine = (number: number): ObjectShape => {
    const known = objects.get(number);
    if (known !== undefined) return known;
    const codes = new Map<string, string>();
    for (const group of (lines[number] ?? '').split(' ')) {
      const colon = group.indexOf(':');
      for (const field of group.slice(colon + 1).split(',')) codes.set(field, group.slice(0, colon));
    }
    const others = codes.get('*');
    codes.delete('*');
    const shape = objectOf(codes, others);
    objects.set(number, shape);
    return shape;
  };

  return {
    names: [...events.keys()],
    event(name) {
      const found = events.get(name);
      return found && { shape: shapeOf(found.code), actions: found.actions };
    },
  };
}
