import { dirname, resolve } from 'node:path';
import { parseYaml } from '../expressions/yaml/parse-yaml.ts';

type Fields = Readonly<Record<string, unknown>>;

/** One file or several as one: of what two of them name, the first one's holds, as `kubectl` reads a list in KUBECONFIG. */
export interface Kubeconfig {
  readonly clusters: ReadonlyMap<string, Fields>;
  readonly users: ReadonlyMap<string, Fields>;
  readonly contexts: ReadonlyMap<string, Fields>;
  readonly currentContext: string | undefined;
}

/** Fields that name a file, relative to the kubeconfig's own folder. */
const FILES = ['certificate-authority', 'client-certificate', 'client-key', 'tokenFile'];

export class KubeconfigError extends Error {
  readonly code = 'InvalidKubeconfig';
  override readonly name = 'KubeconfigError';
}

/** `file` is where the text was read from. */
export function parseKubeconfig(text: string, file: string): Kubeconfig {
  const parsed = parseYaml(text);
  if (!parsed.ok) throw new KubeconfigError(`kubeconfig ${file}: ${parsed.message}`);
  const config = fields(parsed.value ?? {});
  if (config === undefined) throw new KubeconfigError(`kubeconfig ${file}: expected a mapping with clusters, users and contexts`);
  const named = (list: string, field: string): ReadonlyMap<string, Fields> => {
    const entries = config[list] ?? [];
    if (!Array.isArray(entries)) throw new KubeconfigError(`kubeconfig ${file}: ${list}: expected a list`);
    const map = new Map<string, Fields>();
    for (const entry of entries.map(fields)) {
      const name = entry?.['name'];
      if (typeof name === 'string' && !map.has(name)) map.set(name, absolute(fields(entry?.[field]) ?? {}, dirname(file)));
    }
    return map;
  };
  const current = config['current-context'];
  return {
    clusters: named('clusters', 'cluster'),
    users: named('users', 'user'),
    contexts: named('contexts', 'context'),
    currentContext: typeof current === 'string' && current !== '' ? current : undefined,
  };
}

export function mergeKubeconfigs(configs: readonly Kubeconfig[]): Kubeconfig {
  const merge = (pick: (config: Kubeconfig) => ReadonlyMap<string, Fields>): ReadonlyMap<string, Fields> =>
    new Map(configs.toReversed().flatMap((config) => [...pick(config)]));
  return {
    clusters: merge(({ clusters }) => clusters),
    users: merge(({ users }) => users),
    contexts: merge(({ contexts }) => contexts),
    currentContext: configs.find(({ currentContext }) => currentContext !== undefined)?.currentContext,
  };
}

export function fields(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

export function textField(from: Fields, field: string): string | undefined {
  const value = from[field];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function absolute(entry: Fields, folder: string): Fields {
  const paths = FILES.flatMap((field) => {
    const path = textField(entry, field);
    return path === undefined ? [] : [[field, resolve(folder, path)]];
  });
  return { ...entry, ...Object.fromEntries(paths) };
}
