import { type FieldSelector, parseFieldSelector } from '../selectors/field-selector.ts';

/** What the API server can select by for every kind; for custom kinds it knows no more. */
const EVERYWHERE: ReadonlySet<string> = new Set(['metadata.name', 'metadata.namespace']);

export interface SplitFieldSelector {
  /** For the API server; absent: nothing. */
  readonly remote: string | undefined;
  /** For us, of what comes back. */
  readonly local: FieldSelector;
}

export function splitFieldSelector(text: string | undefined): SplitFieldSelector {
  const all = parseFieldSelector(text);
  const local = all.filter(({ path }) => !EVERYWHERE.has(path.join('.')));
  if (local.length === 0) return { remote: text, local };
  const remote = (text ?? '').split(',').filter((part) => EVERYWHERE.has((/^[^!=]*/.exec(part)?.[0] ?? '').trim()));
  return { remote: remote.length === 0 ? undefined : remote.join(','), local };
}
