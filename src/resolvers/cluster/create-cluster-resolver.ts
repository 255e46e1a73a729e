import { createHash } from 'node:crypto';
import { goJson } from '../../expressions/jsonpath/go-json.ts';
import type { Resolution, Resolver, ResolverRequest } from '../../ports/resolver.ts';
import type { Store } from '../../ports/store.ts';
import type { Stored } from '../../resources/object.ts';
import { paramTexts } from '../../resources/param-texts.ts';

/** Upstream's ConfigMap cluster-resolver-config. */
export interface ClusterResolverConfig {
  readonly defaultKind: string;
  readonly defaultNamespace: string;
  /** Empty: all but the blocked ones. */
  readonly allowedNamespaces: readonly string[];
  /** `*`: all but the allowed ones. */
  readonly blockedNamespaces: readonly string[];
  readonly caching: { readonly mode: string | undefined; readonly ttlMs: number | undefined };
}

export interface ClusterResolverOptions {
  readonly store: Store;
  readonly config: ClusterResolverConfig;
}

const kinds: ReadonlyMap<string, { readonly groupKind: string; readonly plural: string }> = new Map([
  ['task', { groupKind: 'tekton.dev/Task', plural: 'tasks' }],
  ['pipeline', { groupKind: 'tekton.dev/Pipeline', plural: 'pipelines' }],
  ['stepaction', { groupKind: 'tekton.dev/StepAction', plural: 'stepactions' }],
]);

/** A definition of any namespace of this server. Follows tektoncd/pipeline pkg/resolution/resolver/cluster. */
export function createClusterResolver({ store, config }: ClusterResolverOptions): Resolver {
  return {
    type: 'cluster',
    title: 'Cluster',
    concurrency: 16,
    caching: config.caching,
    check: (request) => {
      const asked = readParams(request, config);
      return typeof asked === 'string' ? asked : undefined;
    },
    pinning: () => 'local',
    timeoutMs: () => 60_000,
    resolve: (request) => find(request, store, config),
  };
}

interface Asked {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

/** The params with their defaults, or what is wrong with them. */
function readParams({ params }: ResolverRequest, config: ClusterResolverConfig): Asked | string {
  const given = paramTexts(params);
  const kind = given.get('kind') || config.defaultKind;
  const name = given.get('name') ?? '';
  const namespace = given.get('namespace') || config.defaultNamespace;
  if (kind !== '' && !kinds.has(kind)) return `unknown or unsupported resource kind '${kind}'`;
  const missing = Object.entries({ kind, name, namespace: namespace.trim() }).flatMap(([param, value]) => (value === '' ? [param] : []));
  if (missing.length > 0) return `missing required cluster resolver params: ${missing.join(', ')}`;
  return refusal(namespace, config) ?? { kind, name, namespace };
}

function refusal(namespace: string, { allowedNamespaces, blockedNamespaces }: ClusterResolverConfig): string | undefined {
  if (blockedNamespaces.includes(namespace)) return `access to specified namespace ${namespace} is blocked`;
  if (allowedNamespaces.includes(namespace)) return undefined;
  if (blockedNamespaces.includes('*')) return 'only explicit allowed access to namespaces is allowed';
  return allowedNamespaces.length > 0 ? `access to specified namespace ${namespace} is not allowed` : undefined;
}

async function find(request: ResolverRequest, store: Store, config: ClusterResolverConfig): Promise<Resolution> {
  const asked = readParams(request, config);
  if (typeof asked === 'string') return { ok: false, outlook: 'final', message: asked };
  const { kind, name, namespace } = asked;
  const { groupKind, plural } = kinds.get(kind) ?? { groupKind: '', plural: '' };
  const object = await store.get({ kind: groupKind, namespace, name });
  if (object === undefined) return { ok: false, outlook: 'final', message: `${plural}.tekton.dev "${name}" not found` };
  const { status: _, ...definition } = object;
  return {
    ok: true,
    data: new TextEncoder().encode(JSON.stringify(definition)),
    refSource: {
      // The version is upstream's for all three kinds.
      uri: `/apis/tekton.dev/v1/namespaces/${namespace}/${kind}/${name}@${object.metadata.uid}`,
      digest: { sha256: checksum(object) },
    },
    annotations: { 'resolution.tekton.dev/name': name, 'resolution.tekton.dev/namespace': namespace },
  };
}

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';
const signature = 'tekton.dev/signature';

/** Of what its author wrote: kind, names, labels, annotations, spec. */
function checksum({ apiVersion, kind, metadata, spec }: Stored): string {
  const { name, generateName, namespace, labels, annotations = {} } = metadata;
  const { [lastApplied]: _, [signature]: __, ...written } = annotations;
  const cleaned = { name, generateName, namespace, labels, annotations: Object.keys(written).length > 0 ? written : undefined };
  return createHash('sha256')
    .update(goJson({ kind, apiVersion, metadata: cleaned, spec }))
    .digest('hex');
}
