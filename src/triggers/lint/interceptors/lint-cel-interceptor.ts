import { type CelNode, walk } from '../../../expressions/cel/ast.ts';
import type { TriggerInterceptor } from '../../../resources/trigger/schema.ts';
import type { ExpressionCache } from '../../expression-cache.ts';
import { readCelParams } from '../../interceptors/cel-params.ts';
import { filterConditions } from '../../interceptors/filter-conditions.ts';
import { WatchedParams } from '../../interceptors/params.ts';
import { type CelSite, celFinding, quoted } from '../cel/cel-site.ts';
import { lintCel } from '../cel/lint-cel.ts';
import { lintFilter } from '../cel/lint-filter.ts';
import type { ChainState, ChainStepLint } from '../chain-state.ts';
import { type ExtensionUses, extensionsInCel } from '../extensions.ts';
import type { Finding } from '../finding.ts';
import { findCelAccess } from '../github/cel-access.ts';
import { eventHeader, narrowed } from '../github/event-scope.ts';
import { nearest } from '../nearest.ts';
import { bitbucketKeys, gitlabHooks, hookMeant } from './hook-names.ts';
import { type LintedOverlay, lintOverlays, overlayNames } from './lint-overlays.ts';
import type { SecretUse } from './secret-refs.ts';
import { findUnknownParams } from './unknown-params.ts';

export interface CelLint extends ChainStepLint {
  readonly secrets: readonly SecretUse[];
  readonly overlays: readonly LintedOverlay[];
  readonly uses: readonly ExtensionUses[];
  readonly guards: boolean;
}

/** Filter and overlays, by what is known of the events that come as far as this. */
export function lintCelInterceptor(spec: TriggerInterceptor, path: string, state: ChainState, expressions: ExpressionCache): CelLint {
  const params = new WatchedParams((spec.params ?? []).map(({ name, value }) => [name, value]));
  const read = readCelParams(params);
  if (!read.ok) {
    const finding: Finding = { severity: 'error', code: 'param-value', path: `${path}.params`, message: read.message };
    return {
      findings: [finding],
      conditions: [],
      extensions: [],
      extensionsOpen: true,
      secrets: [],
      overlays: [],
      uses: [],
      guards: false,
    };
  }
  const findings: Finding[] = [...findUnknownParams(spec, params.asked, path)];
  const secrets: SecretUse[] = [];
  const uses: ExtensionUses[] = [];
  const spelled = (name: string): string => spec.params?.findLast((param) => param.name.toLowerCase() === name)?.name ?? name;

  /** What goes for filter and overlays alike. */
  const check = (site: CelSite, events: ChainState['events']) => {
    const linted = lintCel(site, expressions);
    findings.push(...linted.findings);
    if (linted.program === undefined) return undefined;
    const { ast, secretReferences } = linted.program;
    if (events !== undefined) findings.push(...findCelAccess(site, ast, events));
    findings.push(...findEventNames(site, ast, state));
    const used = extensionsInCel(ast);
    uses.push(used);
    findings.push(...findMissingExtensions(site, used, state));
    secrets.push(...secretReferences.map(({ name, key }) => ({ path: site.path, name, key })));
    return linted.program;
  };

  const { filter, overlays } = read.params;
  const site = { source: filter, path: `${path}.params[${spelled('filter')}].value` };
  const program = filter === '' ? undefined : check(site, state.events);
  if (program !== undefined) findings.push(...lintFilter(site, program));
  const conditions = program === undefined ? [] : filterConditions(program.ast);
  const passed = state.events && narrowed(state.events, conditions);
  const linted = overlays.map(({ key, expression }, index): LintedOverlay => {
    const at = `${path}.params[${spelled('overlays')}].value[${index}]`;
    return { key, path: at, program: check({ source: expression, path: `${at}.expression` }, passed) };
  });
  return {
    findings: [...findings, ...lintOverlays(linted)],
    conditions,
    extensions: overlayNames(linted),
    doubled: linted.flatMap(({ key }) => (key.startsWith('extensions.') ? key.slice('extensions.'.length) : [])),
    secrets,
    overlays: linted,
    uses,
    guards: secrets.length > 0,
  };
}

function findMissingExtensions(site: CelSite, { uses }: ExtensionUses, state: ChainState): readonly Finding[] {
  if (state.extensionsOpen) return [];
  return uses.flatMap(({ name, tested, node }) => {
    if (state.extensions.has(name)) return [];
    const message = `no interceptor before this adds ${quoted(name)} to the extensions${tested ? '' : ': this always fails'}`;
    const meant = nearest(name, state.extensions);
    const suggestion = meant && `extensions.${meant}`;
    return [celFinding(site, node, { severity: tested ? 'warning' : 'error', code: 'extension-missing', message, suggestion })];
  });
}

/** Names of events that a forge does not have, where an expression asks for the header that has them. */
function findEventNames(site: CelSite, ast: CelNode, { events }: ChainState): readonly Finding[] {
  const forges = [
    gitlabHooks,
    bitbucketKeys,
    ...(events === undefined ? [] : [{ forge: 'GitHub', header: eventHeader, names: events.payloads.names }]),
  ];
  const findings: Finding[] = [];
  walk(ast, (node) => {
    if (node.kind !== 'call' || node.name === '_&&_') return;
    for (const { root, path, values } of filterConditions(node)) {
      const hooks = root === 'header' ? forges.find(({ header }) => header === path[0]) : undefined;
      const wrong = hooks && values.find((value) => typeof value === 'string' && !hooks.names.includes(value));
      if (hooks === undefined || typeof wrong !== 'string') continue;
      const meant = hookMeant(wrong, hooks);
      const message = `${hooks.forge} has no event ${quoted(wrong)} that we know of`;
      findings.push(celFinding(site, node, { severity: 'warning', code: 'event-type', message, suggestion: meant && quoted(meant) }));
    }
  });
  return findings;
}
