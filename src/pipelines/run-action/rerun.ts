import { hashedName } from '../../resources/naming/hashed-name.ts';
import type { KubeObject, Stored } from '../../resources/object.ts';
import type { RunAction } from '../../resources/run-action/schema.ts';
import { generateNameOf } from './rerun-groups.ts';
import { EVENT_ID, label, RERUN_OF, RUN_ACTION } from './selected-runs.ts';

/** Annotations that tell of the old run, not of what its user wants. */
const told: readonly string[] = [
  'kubectl.kubernetes.io/last-applied-configuration',
  RUN_ACTION,
  'chains.tekton.dev/',
  'results.tekton.dev/',
  'pipeline.tekton.dev/',
];

/**
 * The same again: spec, labels and annotations of a run, as a run that has not begun. It belongs to the action's event, if that has one. Its
 * name is always the same for the same action and run.
 */
export function rerunOf(run: Stored, action: Stored<RunAction>): KubeObject {
  const { namespace, name, labels, annotations = {} } = run.metadata;
  const { status: _, statusMessage: __, ...spec } = (run['spec'] ?? {}) as Readonly<Record<string, unknown>>;
  const event = label(action, EVENT_ID);
  const kept = Object.entries(annotations).filter(([key]) => !told.some((prefix) => key.startsWith(prefix)));
  const generateName = generateNameOf(run);
  return {
    apiVersion: run.apiVersion,
    kind: run.kind,
    metadata: {
      name: hashedName(generateName, [action.metadata.uid, run.kind, name]),
      // Tells later reruns what it is one of.
      generateName,
      namespace,
      labels: { ...labels, ...(event === '' ? {} : { [EVENT_ID]: event }), [RUN_ACTION]: action.metadata.uid },
      annotations: { ...Object.fromEntries(kept), [RERUN_OF]: name },
    },
    spec,
  };
}
