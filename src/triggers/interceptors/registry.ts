import { goQuote } from '../../expressions/variables/go-quote.ts';
import type { ClusterInterceptor } from '../../resources/cluster-interceptor/schema.ts';
import type { TriggerInterceptor } from '../../resources/trigger/schema.ts';
import type { TriggerLookup } from '../lookup.ts';
import { bitbucket } from './bitbucket.ts';
import { cel } from './cel.ts';
import { commands } from './commands.ts';
import { github } from './github.ts';
import { gitlab } from './gitlab.ts';
import { brokenInterceptor, type Interceptor, type InterceptorContext, type InterceptorFactory } from './interceptor.ts';
import { paramMap } from './params.ts';
import { interceptorAddress, type ServiceUrl } from './remote/address.ts';
import { calledInterceptor } from './remote/called-interceptor.ts';
import { webhookInterceptor } from './remote/webhook.ts';
import { slack } from './slack.ts';

/** The interceptors that are part of this program, by the name of upstream's ClusterInterceptor; `commands` is ours. */
export type CoreInterceptor = 'github' | 'gitlab' | 'bitbucket' | 'slack' | 'cel' | 'commands';

const factories: Readonly<Record<CoreInterceptor, InterceptorFactory>> = { github, gitlab, bitbucket, slack, cel, commands };

/** What interceptors that are called are found by. */
export interface MakeContext extends InterceptorContext {
  readonly lookup: Pick<TriggerLookup, 'clusterInterceptor' | 'interceptor'>;
  /** Of the listener: namespaced interceptors are looked for there, wherever the trigger is. */
  readonly listenerNamespace: string;
  readonly serviceUrl: ServiceUrl;
}

/** Upstream installs a ClusterInterceptor of each name that leads to this service; ours are in the process. */
const CORE_SERVICE = 'tekton-triggers-core-interceptors';

/** Always gives an interceptor: one that cannot be had answers every event with the reason. */
export function makeInterceptor(spec: TriggerInterceptor, context: MakeContext): Interceptor {
  const { lookup, listenerNamespace, namespace, serviceUrl } = context;
  if (spec.webhook !== undefined) return webhookInterceptor(spec.name || 'webhook', spec.webhook, namespace, serviceUrl);
  const name = spec.ref?.name ?? '';
  const params = paramMap(spec.params);
  if (spec.ref?.kind === 'NamespacedInterceptor') {
    const found = lookup.interceptor(listenerNamespace, name);
    if (found !== undefined) return calledInterceptor(name, params, interceptorAddress(found.spec.clientConfig ?? {}, serviceUrl));
    return missing(name, `interceptors.triggers.tekton.dev ${goQuote(name)} not found in namespace ${listenerNamespace}`);
  }
  const found = lookup.clusterInterceptor(name);
  if (found !== undefined && !(isCore(name) && leadsToCore(found))) {
    return calledInterceptor(name, params, interceptorAddress(found.spec.clientConfig ?? {}, serviceUrl));
  }
  if (isCore(name)) return factories[name](params, context);
  const own = `built in are ${Object.keys(factories).join(', ')}`;
  return missing(name, `clusterinterceptors.triggers.tekton.dev ${goQuote(name)} not found; ${own}`);
}

/** Whether it is one of ours, and not a server that is called. */
export function isBuiltIn({ ref, webhook }: TriggerInterceptor, lookup: Pick<TriggerLookup, 'clusterInterceptor'> | undefined): boolean {
  const name = ref?.name ?? '';
  if (webhook !== undefined || ref?.kind === 'NamespacedInterceptor' || !isCore(name)) return false;
  const found = lookup?.clusterInterceptor(name);
  return found === undefined || leadsToCore(found);
}

export function coreInterceptorNames(): readonly string[] {
  return Object.keys(factories);
}

function missing(name: string, why: string): Interceptor {
  return brokenInterceptor(name, 'NotFound', `url resolution failed for interceptor ${name} with: ${why}`);
}

function leadsToCore({ spec }: ClusterInterceptor): boolean {
  const { url, service } = spec.clientConfig ?? {};
  return (url ?? '') === '' && (service === undefined || service.name === CORE_SERVICE);
}

export function isCore(name: string): name is CoreInterceptor {
  return Object.hasOwn(factories, name);
}

/** One of ours by its name. */
export function coreInterceptor(name: CoreInterceptor, params: ReadonlyMap<string, unknown>, context: InterceptorContext): Interceptor {
  return factories[name](params, context);
}
