import { loadAll } from 'js-yaml';
import { kubernetesYaml } from './kubernetes-yaml.ts';

export type YamlParse = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string };

/** Nobody's definition nests deeper or repeats more; and what an alias repeats counts as often as it stands there. */
const DEEPEST = 100;
const MOST_ALIASES = 1_000;
const MOST_NODES = 200_000;

/**
 * The first document of somebody else's YAML or JSON, as Kubernetes reads it: what follows a second `---` is not looked at. Bounded in time and
 * memory whatever the text says.
 */
export function parseYaml(text: string): YamlParse {
  let value: unknown;
  try {
    value = loadAll(text, { schema: kubernetesYaml, maxDepth: DEEPEST, maxAliases: MOST_ALIASES })[0];
  } catch (thrown) {
    return { ok: false, message: thrown instanceof Error ? firstLine(thrown.message) : String(thrown) };
  }
  const size = treeSize(value, MOST_NODES);
  return size > MOST_NODES ? { ok: false, message: `the document has more than ${MOST_NODES} values` } : { ok: true, value };
}

/** Counts shared parts as often as they are met, and stops when there are too many. */
function treeSize(value: unknown, most: number): number {
  let count = 0;
  const open: unknown[] = [value];
  while (open.length > 0 && count <= most) {
    const next = open.pop();
    count++;
    if (typeof next === 'object' && next !== null) for (const child of Object.values(next)) open.push(child);
  }
  return count;
}

/** The library shows the lines around an error, and they may hold secrets. */
function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? '';
}
