import { admit } from '../resources/admit.ts';
import { defaultEngineConfig } from '../resources/engine-config.ts';
import type { KubeObject } from '../resources/object.ts';
import { warningParts } from '../resources/warning-parts.ts';
import { expressionCache } from '../triggers/expression-cache.ts';
import type { Excerpt, Finding } from '../triggers/lint/finding.ts';
import { lintObject } from '../triggers/lint/lint-object.ts';
import { missingFindings, type Reference, type Referred } from '../triggers/lint/references.ts';
import { loadGithubPayloads } from './github-payloads.ts';
import { ManifestLookup } from './manifest-lookup.ts';

export interface LintInput {
  /** As parsed from the file. */
  readonly object: unknown;
  /** Of the file. Where several files have an object of one name, the one nearest to who asks for it is meant. */
  readonly path: string;
}

export interface InputFinding {
  /** Index of the input. */
  readonly input: number;
  readonly severity: Finding['severity'];
  /** Also `admission`: the server would refuse it; and `not-honoured`: right, without effect so far. */
  readonly code: string;
  readonly path: string;
  readonly message: string;
  readonly suggestion?: string | undefined;
  readonly excerpt?: Excerpt | undefined;
  /** The trigger in which it does not work, where it is about something that may be used elsewhere. */
  readonly usedBy?: string | undefined;
}

interface Admitted {
  readonly object: KubeObject;
  readonly path: string;
}

/** Everything that can be told of resources without a server, in the order of the inputs. */
export async function lintManifests(inputs: readonly LintInput[]): Promise<readonly InputFinding[]> {
  const findings: InputFinding[] = [];
  const admitted: Admitted[] = [];
  const inputOf = new Map<KubeObject, number>();
  for (const [input, { object, path }] of inputs.entries()) {
    // What the server's machine can do is not known here.
    const admission = admit(object, defaultEngineConfig, { resourceLimits: true });
    if (admission.ok) {
      admitted.push({ object: admission.object, path });
      inputOf.set(admission.object, input);
      findings.push(...admission.warnings.map((warning) => notHonoured(input, warning)));
      continue;
    }
    for (const { message, paths, details } of admission.errors) {
      const which = paths.length > 1 ? `${message}: ${paths.join(', ')}` : message;
      const text = details === undefined ? which : `${which} (${details})`;
      findings.push({ input, severity: 'error', code: 'admission', path: paths[0] ?? '', message: text });
    }
  }

  const shared = {
    expressions: expressionCache(),
    payloads: await loadGithubPayloads(),
    admit: (raw: unknown) => admit(raw, defaultEngineConfig),
  };
  for (const { object, path } of admitted) {
    const lookup = new ManifestLookup(admitted, path);
    const linted = lintObject(object, { ...shared, lookup });
    const missing = linted.references.flatMap((reference) => missingFindings(reference, referred(reference, lookup)));
    for (const { about, ...finding } of [...linted.findings, ...missing]) {
      const input = inputOf.get(about);
      if (input !== undefined) findings.push({ ...finding, input });
    }
  }
  return distinct(findings).toSorted((a, b) => a.input - b.input);
}

function notHonoured(input: number, warning: string): InputFinding {
  const { path, text } = warningParts(warning);
  return { input, severity: 'warning', code: 'not-honoured', path, message: text };
}

/** Secrets are seldom in files: only one that is there is looked into. */
function referred({ kind, namespace, name }: Reference, lookup: ManifestLookup): Referred {
  const found = lookup.find(kind, namespace, name);
  if (kind !== 'Secret') return { found: found !== undefined, names: lookup.names(kind, namespace) };
  const keys = [found?.['data'], found?.['stringData']].flatMap((data) =>
    typeof data === 'object' && data !== null ? Object.keys(data) : [],
  );
  return { found: true, keys: found === undefined ? undefined : keys };
}

/** A Trigger that several listeners lead to is linted several times. */
function distinct(findings: readonly InputFinding[]): readonly InputFinding[] {
  const seen = new Map<string, InputFinding>();
  for (const finding of findings) {
    const { input, code, path, message, excerpt } = finding;
    const identity = JSON.stringify([input, code, path, message, excerpt?.offset]);
    if (!seen.has(identity)) seen.set(identity, finding);
  }
  return [...seen.values()];
}
