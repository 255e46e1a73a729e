import type { OwnerReference } from '../resources/object.ts';
import type { Pipeline, PipelineTask } from '../resources/pipeline/schema.ts';
import type { PipelineRun, PipelineTaskRunSpec } from '../resources/pipeline-run/schema.ts';
import { CLAIM_TEMPLATES, RERUN_OF, REUSE } from '../resources/run-annotations.ts';
import { pipelineTaskLabel } from './children.ts';

type Texts = Readonly<Record<string, string>>;

export interface Metadata {
  readonly labels: Texts;
  readonly annotations: Texts;
}

const pipelineLabel = 'tekton.dev/pipeline';
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';
const longestLabel = 63;
/** They would make reruns of child pipelines. */
const ofTheRunOnly: ReadonlySet<string> = new Set([RERUN_OF, REUSE, CLAIM_TEMPLATES]);

/**
 * The labels and annotations a run has once it knows its pipeline: its own, then the Pipeline's, and the pipeline's name. `source` is the
 * Pipeline's metadata while the run meets it for the first time. Follows tektoncd/pipeline pkg/reconciler/pipelinerun/pipelinerun.go,
 * `propagatePipelineNameLabelToPipelineRun` and `storePipelineSpecAndMergeMeta`.
 */
export function runMetadata(run: PipelineRun, source: Pipeline['metadata'] | undefined): Metadata {
  const own = run.metadata.labels ?? {};
  const labels = own[pipelineLabel] === undefined ? { ...own, [pipelineLabel]: pipelineLabelOf(run) } : own;
  if (source === undefined) return { labels, annotations: run.metadata.annotations ?? {} };
  const { [lastApplied]: _, ...annotations } = source.annotations ?? {};
  return {
    labels: { ...source.labels, ...labels, ...(source.name && { [pipelineLabel]: source.name }) },
    annotations: { ...annotations, ...run.metadata.annotations },
  };
}

function pipelineLabelOf(run: PipelineRun): string {
  const { pipelineRef } = run.spec;
  const name = run.metadata.name ?? '';
  if (pipelineRef?.name) return pipelineRef.name;
  if (run.spec.pipelineSpec !== undefined) return run.metadata.generateName?.slice(0, longestLabel).replace(/[^a-zA-Z0-9]+$/, '') || name;
  const param = (wanted: string) => pipelineRef?.params?.find((each) => each.name === wanted)?.value;
  const named = param('name');
  return param('kind') === 'pipeline' && typeof named === 'string' ? named : name;
}

/** What a child of a pipeline task carries. `taskRunSpecs` go before what comes from the run, and that before the embedded task's own. */
export function childMetadata(
  run: PipelineRun,
  inherited: Metadata,
  task: PipelineTask,
  isFinal: boolean,
  overrides: PipelineTaskRunSpec['metadata'],
): Metadata {
  const system = {
    'tekton.dev/pipelineRun': run.metadata.name ?? '',
    'tekton.dev/pipelineRunUID': run.metadata.uid ?? '',
    [pipelineTaskLabel]: task.name,
    'tekton.dev/memberOf': isFinal ? 'finally' : 'tasks',
  };
  const annotations = Object.entries(inherited.annotations).filter(
    ([key]) => !key.includes('chains.tekton.dev/') && !ofTheRunOnly.has(key),
  );
  return {
    labels: { ...task.taskSpec?.metadata?.labels, ...inherited.labels, ...system, ...overrides?.labels },
    annotations: { ...task.taskSpec?.metadata?.annotations, ...Object.fromEntries(annotations), ...overrides?.annotations },
  };
}

export function ownerOf(run: PipelineRun): OwnerReference {
  return {
    apiVersion: run.apiVersion,
    kind: run.kind,
    name: run.metadata.name ?? '',
    uid: run.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  };
}
