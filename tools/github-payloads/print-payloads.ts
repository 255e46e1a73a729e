import type { EventDescription, Shape } from './shape.ts';

/**
 * The text `src/triggers/lint/github/read-payloads.ts` reads. Equal shapes share a line; an event is a line of its own. Deterministic: everything is sorted.
 */
export function printPayloads(events: ReadonlyMap<string, EventDescription>): string {
  const lines: string[] = [];
  const known = new Map<string, number>();

  const codeOf = (shape: Shape): string => {
    const kinds = [shape.fields ?? shape.values, shape.elements].filter((kind) => kind !== undefined).length;
    if (shape.any || kinds > 1) return '*';
    if (shape.elements !== undefined) return `${codeOf(shape.elements)}[]`;
    if (shape.fields !== undefined && shape.fields.size > 0) return `#${lineOf(shape)}`;
    if (shape.values !== undefined) return `{${codeOf(shape.values)}}`;
    // An object of which no field is described.
    if (shape.fields !== undefined) return '*';
    return shape.scalars.size === 1 ? [...shape.scalars].join('') : '_';
  };

  const lineOf = (shape: Shape): number => {
    const byType = new Map<string, string[]>();
    const add = (code: string, name: string): void => {
      if (!/^[\w+\-*@.$]+$/.test(name)) throw new Error(`field ${JSON.stringify(name)}: the format has no place for such a name`);
      byType.set(code, [...(byType.get(code) ?? []), name]);
    };
    for (const [name, field] of shape.fields ?? []) add(codeOf(field), name);
    if (shape.values !== undefined) add(codeOf(shape.values), '*');
    const line = [...byType]
      .map(([code, names]) => `${code}:${names.sort().join(',')}`)
      .sort()
      .join(' ');
    const number = known.get(line) ?? lines.push(line) - 1;
    known.set(line, number);
    return number;
  };

  const eventLines = [...events]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { shape, actions }]) =>
      [name, codeOf(shape), actions === 'free' ? '' : [...actions].sort().join(',')].join(' ').trimEnd(),
    );
  return `${eventLines.join('\n')}\n\n${lines.join('\n')}\n`;
}
