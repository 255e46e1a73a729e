import type { Store } from '../ports/store.ts';
import type { Admission } from '../resources/admit.ts';
import type { EventListener } from '../resources/event-listener/schema.ts';
import { type GroupKind, groupKindOf, type KubeObject } from '../resources/object.ts';
import { expressionCache } from '../triggers/expression-cache.ts';
import { findingText } from '../triggers/lint/finding.ts';
import { type Linted, lintObject, lintUses } from '../triggers/lint/lint-object.ts';
import { distinct, type LocatedFinding } from '../triggers/lint/located-finding.ts';
import { missingFindings, type Reference, type Referred } from '../triggers/lint/references.ts';
import type { TriggerLookup } from '../triggers/lookup.ts';
import { loadGithubPayloads } from './github-payloads.ts';
import { lookupWith } from './lookup-with.ts';

export interface LintOnApplyOptions {
  readonly store: Store;
  /** What is stored, as the listeners see it. */
  readonly configuration: TriggerLookup & { listeners(): Iterable<EventListener> };
  readonly admit: (raw: unknown) => Admission;
}

const kinds: ReadonlySet<GroupKind> = new Set([
  'tappet.dev/Schedule',
  ...['EventListener', 'Trigger', 'TriggerBinding', 'ClusterTriggerBinding', 'TriggerTemplate'].map(
    (kind) => `triggers.tekton.dev/${kind}`,
  ),
]);

/** Triggers that are looked at for one object: about 0.6 ms each, in which the server does nothing else. */
const MOST_TRIGGERS = 100;
/** References that are looked for; the rest is taken to be there. */
const MOST_REFERENCES = 200;

/**
 * Warnings for objects of Triggers as they are applied: admission lets pass what upstream lets pass, and the first event is late to learn that a
 * trigger never fires.
 */
export function lintOnApply({ store, configuration, admit }: LintOnApplyOptions) {
  const expressions = expressionCache();

  return async (object: KubeObject, dryRun: boolean): Promise<readonly string[]> => {
    if (!kinds.has(groupKindOf(object))) return [];
    const alone = { expressions, admit, payloads: await loadGithubPayloads(), mostTriggers: MOST_TRIGGERS };
    if (dryRun) return texts(object, lintObject(object, alone));
    const options = { ...alone, lookup: lookupWith(object, configuration) };
    const linted = lintObject(object, options);
    const used = object.kind === 'EventListener' ? [] : lintUses(object, configuration.listeners(), options);
    return texts(object, { ...linted, findings: distinct([...linted.findings, ...used, ...(await missing(linted.references))]) });
  };

  async function missing(references: readonly Reference[]): Promise<readonly LocatedFinding[]> {
    const known = new Map<string, Referred>();
    for (const { kind, namespace, name } of references) {
      const identity = JSON.stringify([kind, namespace, name]);
      if (known.has(identity)) continue;
      if (known.size >= MOST_REFERENCES) break;
      const found = await store.get({ kind, namespace, name });
      const data = found?.['data'];
      known.set(identity, { found: found !== undefined, keys: typeof data === 'object' && data !== null ? Object.keys(data) : [] });
    }
    return references.flatMap((reference) => {
      const referred = known.get(JSON.stringify([reference.kind, reference.namespace, reference.name]));
      return referred === undefined ? [] : missingFindings(reference, referred);
    });
  }
}

function texts(applied: KubeObject, { findings, unchecked }: Pick<Linted, 'findings' | 'unchecked'>): readonly string[] {
  const rest = unchecked === 0 ? [] : [`${unchecked} more triggers were not checked: "tappet lint -f FILE" checks all`];
  const told = findings.map((finding) => {
    const { about, usedBy } = finding;
    const text = findingText(finding, usedBy);
    return about === applied ? text : `${about.kind} ${about.metadata.name ?? ''}: ${text}`;
  });
  return [...told, ...rest];
}
