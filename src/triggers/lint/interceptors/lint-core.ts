import type { TriggerInterceptor } from '../../../resources/trigger/schema.ts';
import { type InterceptorContext, unverifiedWarnings } from '../../interceptors/interceptor.ts';
import { WatchedParams } from '../../interceptors/params.ts';
import { type CoreInterceptor, coreInterceptor } from '../../interceptors/registry.ts';
import type { ChainStepLint } from '../chain-state.ts';
import type { Finding } from '../finding.ts';
import { eventHeader } from '../github/event-scope.ts';
import type { GithubPayloads } from '../github/read-payloads.ts';
import { bitbucketKeys, gitlabHooks, type HookNames, hookMeant } from './hook-names.ts';
import { findIncompleteSecretRefs, type SecretUse, secretUses } from './secret-refs.ts';
import { findUnknownParams } from './unknown-params.ts';

export interface CoreLint extends ChainStepLint {
  readonly secrets: readonly SecretUse[];
  /** It tells friend from foe. */
  readonly guards: boolean;
}

/** Any built-in interceptor but cel, by what it says of itself when it is made ready with these params. */
export function lintCoreInterceptor(
  spec: TriggerInterceptor,
  path: string,
  context: InterceptorContext,
  payloads: GithubPayloads | undefined,
): CoreLint {
  const name = spec.ref?.name as CoreInterceptor;
  const params = new WatchedParams((spec.params ?? []).map((param) => [param.name, param.value]));
  const { conditions, defect, warnings = [], signature, guards } = coreInterceptor(name, params, context);
  const secrets = secretUses(spec, params.asked, path);
  const eventTypes = findEventTypes(spec, path, hookNames(name, payloads));
  const about = (text: string): string => text.replace(new RegExp(`^${name}: `), '');
  const findings: Finding[] =
    defect === undefined
      ? [...findUnknownParams(spec, params.asked, path), ...findIncompleteSecretRefs(secrets), ...eventTypes]
      : [{ severity: 'error', code: 'param-value', path: `${path}.params`, message: about(defect) }];
  for (const warning of defect === undefined ? warnings : []) {
    const unsigned = unverifiedWarnings(name, false).includes(warning);
    findings.push({ severity: 'warning', code: unsigned ? 'unsigned' : 'param-value', path, message: about(warning) });
  }
  return { findings, conditions, secrets, guards: signature !== undefined || guards === true, ...providedBy(name, params) };
}

function hookNames(name: CoreInterceptor, payloads: GithubPayloads | undefined): HookNames | undefined {
  switch (name) {
    case 'github':
      return payloads && { forge: 'GitHub', header: eventHeader, names: payloads.names };
    case 'gitlab':
      return gitlabHooks;
    case 'bitbucket':
      return bitbucketKeys;
    default:
      return undefined;
  }
}

function findEventTypes(spec: TriggerInterceptor, path: string, hooks: HookNames | undefined): readonly Finding[] {
  const param = spec.params?.findLast(({ name }) => name.toLowerCase() === 'eventtypes');
  if (param === undefined || !Array.isArray(param.value)) return [];
  const at = `${path}.params[${param.name}].value`;
  if (param.value.length === 0) {
    return [
      {
        severity: 'error',
        code: 'never-fires',
        path: at,
        message: 'the list is empty: no event gets past this; leave it out to allow all',
      },
    ];
  }
  if (hooks === undefined) return [];
  return param.value.flatMap((type: unknown, index): readonly Finding[] => {
    if (typeof type !== 'string' || hooks.names.includes(type)) return [];
    const message = `${hooks.forge} has no event ${JSON.stringify(type)} that we know of`;
    const meant = hookMeant(type, hooks);
    return [{ severity: 'warning', code: 'event-type', path: `${at}[${index}]`, message, suggestion: meant }];
  });
}

/** What is known to be added to the extensions; of interceptors not named here anything may be. */
function providedBy(name: CoreInterceptor, params: ReadonlyMap<string, unknown>): Pick<ChainStepLint, 'extensions' | 'extensionsOpen'> {
  switch (name) {
    case 'github':
      return { extensions: isEnabled(params.get('addChangedFiles')) ? ['changed_files'] : [] };
    case 'gitlab':
    case 'bitbucket':
      return { extensions: [] };
    case 'commands':
      return { extensions: ['command'] };
    default:
      return { extensions: [], extensionsOpen: true };
  }
}

function isEnabled(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && Object.entries(value).some(([key, on]) => key.toLowerCase() === 'enabled' && on === true)
  );
}
