/** Upstream's ConfigMap hubresolver-config, and where the hubs are. */
export interface HubResolverConfig {
  readonly defaultTektonHubCatalog: string;
  readonly defaultArtifactHubTaskCatalog: string;
  readonly defaultArtifactHubPipelineCatalog: string;
  readonly defaultKind: string;
  readonly defaultType: string;
  /** Tried in order, without a slash at the end. */
  readonly artifactHubUrls: readonly string[];
  readonly tektonHubUrls: readonly string[];
}

export interface HubQuestion {
  readonly type: 'artifact' | 'tekton';
  readonly kind: string;
  readonly catalog: string;
  readonly name: string;
  readonly version: string;
  readonly urls: readonly string[];
}

const kinds = ['task', 'pipeline', 'stepaction'];

/**
 * The params with their defaults, or what is wrong with them. Follows tektoncd/pipeline pkg/remoteresolution/resolver/hub/resolver.go,
 * `Validate`, and its order.
 */
export function readParams(params: ReadonlyMap<string, string>, config: HubResolverConfig): HubQuestion | string {
  const type = params.get('type') ?? config.defaultType;
  const kind = params.get('kind') ?? config.defaultKind;
  const catalog = params.get('catalog') ?? defaultCatalog(type, kind, config);
  if (typeof catalog !== 'string') return `failed to populate default params: ${catalog.error}`;
  const { name, version, url = '' } = Object.fromEntries(params);
  const urls = url === '' ? (type === 'tekton' ? config.tektonHubUrls : config.artifactHubUrls) : [url.replace(/\/+$/, '')];
  const wrong = firstWrong({ type, kind, catalog, name, version, url }, urls);
  if (wrong !== undefined) return `failed to validate params: ${wrong}`;
  return { type: type === 'tekton' ? 'tekton' : 'artifact', kind, catalog, name: name ?? '', version: version ?? '', urls };
}

function defaultCatalog(type: string, kind: string, config: HubResolverConfig): string | { readonly error: string } {
  if (type === 'tekton') return config.defaultTektonHubCatalog;
  if (type !== 'artifact') return { error: `failed to resolve catalog name with type: ${type}` };
  if (kind === 'task') return config.defaultArtifactHubTaskCatalog;
  return kind === 'pipeline' ? config.defaultArtifactHubPipelineCatalog : { error: `failed to resolve catalog name with kind: ${kind}` };
}

interface Given {
  readonly type: string;
  readonly kind: string;
  readonly catalog: string;
  readonly name: string | undefined;
  readonly version: string | undefined;
  readonly url: string;
}

function firstWrong({ type, kind, catalog, name, version, url }: Given, urls: readonly string[]): string | undefined {
  if (!kinds.includes(kind)) return `kind param must be one of: ${kinds.join(', ')}`;
  const badUrl = url === '' ? undefined : urlError(url);
  if (badUrl !== undefined) return `invalid url param: ${badUrl}`;
  if (type !== 'artifact' && type !== 'tekton') return 'type param must be artifact or tekton';
  if (type === 'tekton' && urls.length === 0) return 'please configure TEKTON_HUB_API env variable to use tekton type';
  const missing = Object.entries({ name, version }).flatMap(([param, value]) => (value === undefined ? [param] : []));
  if (missing.length > 0) return `missing required hub resolver params: ${missing.join(', ')}`;
  // They are segments of the hub's URLs, and no way to other ones.
  const bad = Object.entries({ catalog, name, version }).find(([, value = '']) => /^\.{0,2}$/.test(value) || /[/\\]/.test(value));
  return bad === undefined ? undefined : `invalid ${bad[0]} param: ${JSON.stringify(bad[1])}`;
}

/** Also of what settings say. */
export function urlError(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.host === '') return `url must be a valid absolute URL: ${text}`;
  return url.protocol === 'http:' || url.protocol === 'https:' ? undefined : `url must use http or https scheme: ${text}`;
}
