import type { Extensions, Interceptor } from './interceptors/interceptor.ts';
import type { SignatureCheck } from './interceptors/signature-check.ts';
import type { OpenEvent } from './open-event.ts';
import type { Outside } from './outside.ts';
import type { ChainStep } from './verdict.ts';

export interface Chain {
  readonly interceptors: readonly Interceptor[];
  /** Where secrets are read: the trigger's, or the listener's for a group. */
  readonly namespace: string;
  /** `namespaces/<namespace>/triggers/<name>`. */
  readonly triggerId: string;
}

export interface ChainResult {
  readonly outcome: 'continue' | 'stop' | 'error';
  /** The last step's words unless it continued. */
  readonly message: string;
  readonly steps: readonly ChainStep[];
  readonly extensions: Extensions;
  /** As the last interceptor left it: what bindings see. */
  readonly event: OpenEvent;
}

/**
 * Interceptors in order until one does not continue; their extensions are merged key by key at the top level, later ones winning. A form body
 * is turned into JSON before the first, unless that is a webhook which nobody has told anything yet. reference/triggers.md 2.1.
 */
export async function runChain(chain: Chain, event: OpenEvent, outside: Outside, initial: Extensions): Promise<ChainResult> {
  const steps: ChainStep[] = [];
  let extensions = initial;
  let current = takesRaw(chain, initial) ? event : event.intercepted();
  for (const interceptor of chain.interceptors) {
    const started = outside.elapsed();
    const call = { event: current, extensions, namespace: chain.namespace, triggerId: chain.triggerId, outside };
    const answer = await interceptor.intercept(call);
    const { outcome, filter, because, overlays } = answer;
    const tookMs = outside.elapsed() - started;
    const step = { interceptor: interceptor.name, outcome, tookMs, filter, because, overlays };
    if (answer.outcome !== 'continue') {
      const { code, message } = answer;
      return { outcome: answer.outcome, message, steps: [...steps, { ...step, code, message }], extensions, event: current };
    }
    steps.push(interceptor.signature === undefined ? step : { ...step, ...(await authenticity(interceptor.signature, current)) });
    if (answer.extensions !== undefined) extensions = merge(extensions, answer.extensions);
    if (answer.event !== undefined) current = answer.event;
  }
  return { outcome: 'continue', message: '', steps, extensions, event: current };
}

/** Without interceptors nothing is converted either. */
function takesRaw({ interceptors: [first] }: Chain, extensions: Extensions): boolean {
  return first === undefined || (first.changesEvent === true && Object.keys(extensions).length === 0);
}

/** Keys are the payload's or the author's choice: as own properties even where they are called `__proto__`. */
function merge(base: Extensions, added: Extensions): Extensions {
  return Object.fromEntries([...Object.entries(base), ...Object.entries(added)]);
}

/** How it is known who has sent the event. */
async function authenticity(signature: SignatureCheck, event: OpenEvent): Promise<Pick<ChainStep, 'message' | 'verifiedBy'>> {
  if (event.vouched !== undefined) return { message: `signature not checked: ${event.vouched}` };
  const verifiedBy = await signature.verifiedBy(event);
  return verifiedBy === undefined ? {} : { verifiedBy };
}
