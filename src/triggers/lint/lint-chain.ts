import type { TriggerInterceptor } from '../../resources/trigger/schema.ts';
import type { ExpressionCache } from '../expression-cache.ts';
import type { ListenerPolicy } from '../interceptors/interceptor.ts';
import { coreInterceptorNames, isBuiltIn } from '../interceptors/registry.ts';
import type { TriggerLookup } from '../lookup.ts';
import { behind, type ChainState, type ChainStepLint } from './chain-state.ts';
import type { ExtensionUses } from './extensions.ts';
import type { Finding } from './finding.ts';
import type { GithubPayloads } from './github/read-payloads.ts';
import { lintCelInterceptor } from './interceptors/lint-cel-interceptor.ts';
import { lintCoreInterceptor } from './interceptors/lint-core.ts';
import type { LintedOverlay } from './interceptors/lint-overlays.ts';
import type { SecretUse } from './interceptors/secret-refs.ts';
import { nearest } from './nearest.ts';

export interface ChainContext {
  readonly expressions: ExpressionCache;
  readonly policy: ListenerPolicy;
  readonly payloads?: GithubPayloads | undefined;
  /** Where secrets are read. */
  readonly namespace: string;
  readonly lookup?: TriggerLookup | undefined;
}

/** An interceptor that has to be found before it can be called. */
export interface InterceptorUse {
  readonly path: string;
  readonly kind: 'ClusterInterceptor' | 'Interceptor';
  readonly name: string;
}

export interface LintedChain {
  readonly findings: readonly Finding[];
  /** Behind the last interceptor. */
  readonly state: ChainState;
  readonly secrets: readonly SecretUse[];
  readonly interceptors: readonly InterceptorUse[];
  readonly overlays: readonly LintedOverlay[];
  readonly uses: readonly ExtensionUses[];
  /** An interceptor is called that is told all extensions. */
  readonly tellsOthers: boolean;
  /** One of them tells friend from foe. */
  readonly guarded: boolean;
}

interface StepLint extends ChainStepLint {
  readonly secrets?: readonly SecretUse[];
  readonly overlays?: readonly LintedOverlay[];
  readonly uses?: readonly ExtensionUses[];
  readonly called?: InterceptorUse | undefined;
  readonly guards?: boolean;
  /** Body and headers may be others behind it. */
  readonly changesEvent?: boolean;
}

/** `base` is where the list stands: `spec.triggers[0]`. */
export function lintChain(specs: readonly TriggerInterceptor[], base: string, start: ChainState, context: ChainContext): LintedChain {
  const steps: StepLint[] = [];
  const findings: Finding[] = [];
  let state = start;
  for (const [index, spec] of specs.entries()) {
    const path = `${base}.interceptors[${index}]`;
    const step = lintStep(spec, path, state, context);
    const next = behind(beginAt(spec, step, state, context), step, path);
    steps.push(step);
    findings.push(...step.findings, ...next.findings);
    state = next.state;
  }
  const guarded = steps.some(({ guards }) => guards === true);
  // An event that one of them verifies is no stranger's.
  const mayBeAnybodys = guarded || context.policy.unsigned === 'allow';
  return {
    findings: mayBeAnybodys ? findings.filter(({ code }) => code !== 'unsigned') : findings,
    state,
    secrets: steps.flatMap(({ secrets = [] }) => secrets),
    interceptors: steps.flatMap(({ called }) => called ?? []),
    overlays: steps.flatMap(({ overlays = [] }) => overlays),
    uses: steps.flatMap(({ uses = [] }) => uses),
    tellsOthers: steps.some(({ extensionsOpen, changesEvent }) => extensionsOpen === true || changesEvent === true),
    guarded,
  };
}

function lintStep(spec: TriggerInterceptor, path: string, state: ChainState, context: ChainContext): StepLint {
  if (spec.webhook !== undefined) return { findings: [], conditions: [], extensions: [], guards: true, changesEvent: true };
  if (!isBuiltIn(spec, context.lookup)) return lintCalled(spec, path, context);
  if (spec.ref?.name === 'cel') return lintCelInterceptor(spec, path, state, context.expressions);
  return lintCoreInterceptor(spec, path, context, context.payloads);
}

/** What is known of the event when its conditions are looked at. */
function beginAt(spec: TriggerInterceptor, { changesEvent }: StepLint, state: ChainState, { payloads }: ChainContext): ChainState {
  if (changesEvent === true) {
    const { events, ...rest } = state;
    return { ...rest, wanted: new Map() };
  }
  // That it checks GitHub's signature and event types says whose events these are.
  const unknown = state.events !== undefined && state.events.names === undefined;
  return unknown && payloads !== undefined && spec.ref?.name === 'github'
    ? { ...state, events: { payloads, names: payloads.names } }
    : state;
}

function lintCalled(spec: TriggerInterceptor, path: string, { lookup }: ChainContext): StepLint {
  const name = spec.ref?.name ?? '';
  const kind = spec.ref?.kind === 'NamespacedInterceptor' ? 'Interceptor' : 'ClusterInterceptor';
  const nothing = { conditions: [], extensions: [], extensionsOpen: true, guards: true };
  if (name === '') {
    const message = 'this names no interceptor: no event gets past it';
    return { ...nothing, findings: [{ severity: 'error', code: 'interceptor-unknown', path, message }] };
  }
  // With a lookup the caller will find that it is not there.
  const meant = kind === 'ClusterInterceptor' && lookup === undefined ? nearest(name, coreInterceptorNames()) : undefined;
  const findings: Finding[] =
    meant === undefined
      ? []
      : [
          {
            severity: 'warning',
            code: 'interceptor-unknown',
            path: `${path}.ref.name`,
            message: `there is no built-in interceptor ${name}`,
            suggestion: meant,
          },
        ];
  return { ...nothing, findings, called: { path: `${path}.ref.name`, kind, name } };
}
