import type { Extensions, Interceptor } from './interceptors/interceptor.ts';
import type { OpenEvent } from './open-event.ts';
import type { Outside } from './outside.ts';
import type { ChainStep } from './verdict.ts';

export interface Chain {
  readonly interceptors: readonly Interceptor[];
  /** Where secrets are read: the trigger's, or the listener's for a group. */
  readonly namespace: string;
}

export interface ChainResult {
  readonly outcome: 'continue' | 'stop' | 'error';
  /** The last step's words unless it continued. */
  readonly message: string;
  readonly steps: readonly ChainStep[];
  readonly extensions: Extensions;
}

/**
 * Interceptors in order until one does not continue; their extensions are merged key by key at the top level, later ones winning.
 * reference/triggers.md 2.1.
 */
export async function runChain(
  chain: Chain,
  event: OpenEvent,
  outside: Outside,
  initial: Extensions,
  trace: boolean,
): Promise<ChainResult> {
  const steps: ChainStep[] = [];
  let extensions = initial;
  for (const interceptor of chain.interceptors) {
    const started = outside.elapsed();
    const call = { event: event.intercepted(), extensions, namespace: chain.namespace, outside, trace };
    const answer = await interceptor.intercept(call);
    const { filter, because } = answer;
    const step = { interceptor: interceptor.name, outcome: answer.outcome, tookMs: outside.elapsed() - started, filter, because };
    if (answer.outcome !== 'continue') {
      const { code, message } = answer;
      return { outcome: answer.outcome, message, steps: [...steps, { ...step, code, message }], extensions };
    }
    steps.push(step);
    if (answer.extensions !== undefined) extensions = merge(extensions, answer.extensions);
  }
  return { outcome: 'continue', message: '', steps, extensions };
}

/** Keys are the payload's or the author's choice: as own properties even where they are called `__proto__`. */
function merge(base: Extensions, added: Extensions): Extensions {
  return Object.fromEntries([...Object.entries(base), ...Object.entries(added)]);
}
