/**
 * Object keys in a parsed JSON value. `JSON.parse` keeps the last of two equal keys, so fewer keys here than in the text means that
 * the text has duplicates. Recursive: the caller has capped the depth.
 */
export function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let keys = 0;
  if (Array.isArray(value)) {
    for (const element of value) if (typeof element === 'object' && element !== null) keys += countKeys(element);
    return keys;
  }
  const object = value as Record<string, unknown>;
  for (const key in object) {
    keys++;
    const member = object[key];
    if (typeof member === 'object' && member !== null) keys += countKeys(member);
  }
  return keys;
}

export interface DuplicateKey {
  /** `body.a[0].b` */
  readonly path: string;
  /** In UTF-16 units from 0. */
  readonly offset: number;
}

interface Level {
  readonly path: string;
  /** Absent in an array. */
  readonly seen: Set<string> | undefined;
  index: number;
  key: string;
}

/** Where the first repeated key of valid JSON is. Slow path: it only runs for a document already known to have one. */
export function findDuplicateKey(text: string): DuplicateKey | undefined {
  const levels: Level[] = [];
  for (let at = 0; at < text.length; at++) {
    const top = levels.at(-1);
    switch (text[at]) {
      case '{':
      case '[':
        levels.push({ path: pathOf(top), seen: text[at] === '{' ? new Set() : undefined, index: 0, key: '' });
        break;
      case '}':
      case ']':
        levels.pop();
        break;
      case ',':
        if (top !== undefined) top.index++;
        break;
      case '"': {
        const start = at;
        at = endOfString(text, start);
        if (top?.seen === undefined || !isKey(text, at + 1)) break;
        top.key = JSON.parse(text.slice(start, at + 1)) as string;
        if (top.seen.has(top.key)) return { path: pathOf(top), offset: start };
        top.seen.add(top.key);
        break;
      }
    }
  }
  return undefined;
}

/** Index of the closing quote. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

function isKey(text: string, after: number): boolean {
  let at = after;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at++;
  return text[at] === ':';
}

function pathOf(level: Level | undefined): string {
  if (level === undefined) return 'body';
  if (level.seen === undefined) return `${level.path}[${level.index}]`;
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(level.key) ? `${level.path}.${level.key}` : `${level.path}[${JSON.stringify(level.key)}]`;
}
