import type { KubeObject, Stored } from '../../resources/object.ts';
import type { PipelineRunSpec } from '../../resources/pipeline-run/schema.ts';
import { annotationOf, CLAIM_TEMPLATES, RERUN_OF, REUSE, RUN_ACTION } from '../../resources/run-annotations.ts';
import type { WorkspaceBinding } from '../../resources/workspaces.ts';

/** Beginnings of annotations that tell of the old run, not of what its user wants. */
const told: readonly string[] = [
  'kubectl.kubernetes.io/last-applied-configuration',
  RUN_ACTION,
  REUSE,
  CLAIM_TEMPLATES,
  'chains.tekton.dev/',
  'results.tekton.dev/',
  'pipeline.tekton.dev/',
];

/** Labels by which a run is another run's child. What is made again stands for itself. */
const ofChildren: ReadonlySet<string> = new Set([
  RUN_ACTION,
  'tekton.dev/pipelineRun',
  'tekton.dev/pipelineRunUID',
  'tekton.dev/pipelineTask',
  'tekton.dev/memberOf',
]);

/** A run's spec, labels and annotations as a run that has not begun; it has no name yet, only the beginning of one. */
export function again(run: Stored): KubeObject {
  const { namespace, name, labels = {}, annotations = {} } = run.metadata;
  const { status: _, statusMessage: __, ...spec } = (run['spec'] ?? {}) as Readonly<Record<string, unknown>>;
  const kept = Object.entries(annotations).filter(([key]) => !told.some((prefix) => key.startsWith(prefix)));
  return {
    apiVersion: run.apiVersion,
    kind: run.kind,
    metadata: {
      // Tells later reruns what it is one of.
      generateName: generateNameOf(run),
      namespace,
      labels: Object.fromEntries(Object.entries(labels).filter(([key]) => !ofChildren.has(key))),
      annotations: { ...Object.fromEntries(kept), [RERUN_OF]: name },
    },
    spec: withOwnClaims(spec, claimTemplates(run)),
  };
}

/** What the names of reruns begin with; of a run that has a name of its own, that name. */
export function generateNameOf({ metadata: { generateName = '', name } }: Stored): string {
  return generateName === '' ? `${name}-` : generateName;
}

type Templates = Readonly<Record<string, NonNullable<WorkspaceBinding['volumeClaimTemplate']>>>;

/** The templates of workspaces that a run was bound to another's claims of, by workspace. */
export function claimTemplates({ metadata }: KubeObject): Templates {
  try {
    const templates: unknown = JSON.parse(annotationOf(metadata.annotations, CLAIM_TEMPLATES) ?? '{}');
    return typeof templates === 'object' && templates !== null && !Array.isArray(templates) ? (templates as Templates) : {};
  } catch {
    // Written by hand, and wrong: then the claims stay as they are.
    return {};
  }
}

function withOwnClaims(spec: PipelineRunSpec, templates: Templates): PipelineRunSpec {
  if (spec.workspaces === undefined || Object.keys(templates).length === 0) return spec;
  return {
    ...spec,
    workspaces: spec.workspaces.map((binding) => {
      const { persistentVolumeClaim: _, ...rest } = binding;
      const template = Object.hasOwn(templates, binding.name) ? templates[binding.name] : undefined;
      return template === undefined ? binding : { ...rest, volumeClaimTemplate: template };
    }),
  };
}
