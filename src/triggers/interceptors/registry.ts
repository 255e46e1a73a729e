import { goQuote } from '../../expressions/variables/go-quote.ts';
import type { TriggerInterceptor } from '../../resources/trigger/schema.ts';
import { bitbucket } from './bitbucket.ts';
import { cel } from './cel.ts';
import { github } from './github.ts';
import { gitlab } from './gitlab.ts';
import { brokenInterceptor, type Interceptor, type InterceptorContext, type InterceptorFactory } from './interceptor.ts';
import { paramMap } from './params.ts';

/** The interceptors that are part of this program, by the name of upstream's ClusterInterceptor. */
export type CoreInterceptor = 'github' | 'gitlab' | 'bitbucket' | 'cel';

const factories: Readonly<Record<CoreInterceptor, InterceptorFactory>> = { github, gitlab, bitbucket, cel };

/** Always gives an interceptor: one that cannot be had answers every event with the reason. */
export function makeInterceptor(spec: TriggerInterceptor, context: InterceptorContext): Interceptor {
  const name = spec.ref?.name ?? '';
  if (spec.webhook !== undefined) {
    return brokenInterceptor(
      spec.name ?? 'webhook',
      'Unimplemented',
      'webhook interceptors are called over HTTP, which this version does not do yet',
    );
  }
  if (spec.ref?.kind === 'NamespacedInterceptor') {
    const message = `NamespacedInterceptor ${goQuote(name)} is called over HTTP, which this version does not do yet`;
    return brokenInterceptor(name, 'Unimplemented', message);
  }
  if (isCore(name)) return factories[name](paramMap(spec.params), context);
  const core = Object.keys(factories).join(', ');
  return brokenInterceptor(
    name,
    'NotFound',
    `no interceptor ${goQuote(name)}: this version has ${core}; others are called over HTTP, which it does not do yet`,
  );
}

function isCore(name: string): name is CoreInterceptor {
  return Object.hasOwn(factories, name);
}
