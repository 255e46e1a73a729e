import { ContainerConfigError } from '../environment.ts';
import type { NameResolution } from '../isolation.ts';

/** Contents of this machine's two files. */
export interface MachineNames {
  readonly hosts: string;
  readonly resolver: string;
}

/**
 * `/etc/hosts` and `/etc/resolv.conf` of a pod that wants others than this machine's: aliases are added to it, `dnsConfig` to the machine's resolver, or
 * stands alone with `dnsPolicy: None`. There is no cluster's DNS here, so every other policy is `Default`. By path; absent: this machine's own.
 * Follows kubernetes/pkg/kubelet/network/dns/dns.go and kubelet_pods.go, `managedHostsFileContent`.
 */
export function nameFiles({ hostAliases = [], dnsPolicy, dnsConfig }: NameResolution, own: MachineNames): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  if (hostAliases.length > 0) {
    const lines = hostAliases.map(({ ip, hostnames = [] }) => [ip, ...hostnames].join('\t'));
    files.set('/etc/hosts', `${withNewline(own.hosts)}\n# Entries added by HostAliases.\n${lines.join('\n')}\n`);
  }
  const alone = dnsPolicy === 'None';
  if (alone && !dnsConfig?.nameservers?.length) {
    throw new ContainerConfigError('dnsConfig.nameservers: must provide at least one DNS nameserver when `dnsPolicy` is None');
  }
  if (alone || dnsConfig !== undefined) files.set('/etc/resolv.conf', resolverFile(dnsConfig ?? {}, parse(alone ? '' : own.resolver)));
  return files;
}

function resolverFile({ nameservers = [], searches = [], options = [] }: NonNullable<NameResolution['dnsConfig']>, own: Resolver): string {
  const merged = new Map(own.options.map((option) => [option.split(':')[0] ?? '', option]));
  for (const { name = '', value } of options) merged.set(name, value ? `${name}:${value}` : name);
  const lines = [
    ...unique([...own.nameservers, ...nameservers]).map((server) => ['nameserver', server]),
    ['search', ...unique([...own.searches, ...searches])],
    ['options', ...merged.values()],
  ];
  return lines.map((words) => (words.length > 1 ? `${words.join(' ')}\n` : '')).join('');
}

interface Resolver {
  readonly nameservers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

function parse(text: string): Resolver {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/));
  const all = (keyword: string): string[][] => lines.filter(([first]) => first === keyword).map(([, ...words]) => words);
  // As the resolver reads it: the last list of domains counts, servers and options add up.
  return { nameservers: all('nameserver').flat(), searches: all('search').at(-1) ?? [], options: all('options').flat() };
}

function unique(words: readonly string[]): string[] {
  return [...new Set(words)];
}

function withNewline(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}
