import type { Stored } from '../resources/object.ts';
import type { StepState } from '../resources/task-run/schema.ts';
import type { RunContext } from './run-context.ts';
import type { Span } from './span.ts';
import { spanIdOf } from './span-context.ts';

interface Status {
  readonly startTime?: string;
  readonly completionTime?: string;
  readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason?: string; readonly message?: string }[];
  readonly steps?: readonly StepState[];
  readonly retriesStatus?: readonly { readonly steps?: readonly StepState[] }[];
}

/** The spans of a run that has ended: its own, and one for each step that ran, those of earlier attempts among them. Times are those of its status. */
export function runSpans(run: Stored, { traceId, parentSpanId }: RunContext): readonly Span[] {
  const { kind, metadata } = run;
  const status: Status = typeof run['status'] === 'object' && run['status'] !== null ? run['status'] : {};
  const condition = status.conditions?.find(({ type }) => type === 'Succeeded');
  const startedAt = time(status.startTime) ?? time(metadata.creationTimestamp);
  const endedAt = time(status.completionTime);
  if (startedAt === undefined || endedAt === undefined) return [];
  const { labels } = metadata;
  const pipeline = labels?.['tekton.dev/pipeline'];
  const task = labels?.['tekton.dev/pipelineTask'] ?? labels?.['tekton.dev/task'];
  const spanId = spanIdOf(metadata.uid);
  const own: Span = {
    traceId,
    spanId,
    parentSpanId,
    name: [kind, kind === 'PipelineRun' ? pipeline : task].filter((part) => part !== undefined).join(' '),
    kind: 'internal',
    startedAt,
    endedAt: Math.max(startedAt, endedAt),
    attributes: {
      'k8s.namespace.name': metadata.namespace,
      'cicd.pipeline.name': pipeline,
      ...(kind === 'PipelineRun'
        ? { 'cicd.pipeline.run.id': metadata.uid }
        : { 'cicd.pipeline.task.name': task, 'cicd.pipeline.task.run.id': metadata.uid }),
      [`tekton.${kind.toLowerCase()}.name`]: metadata.name,
      'tekton.reason': condition?.reason,
    },
    error: condition?.status === 'False' ? (condition.message ?? condition.reason ?? 'failed') : undefined,
  };
  const attempts = [...(status.retriesStatus ?? []), status];
  return [
    own,
    ...attempts.flatMap(({ steps = [] }, attempt) => steps.flatMap((step) => stepSpan(step, own, `${metadata.uid} ${attempt}`) ?? [])),
  ];
}

function stepSpan({ name, terminated, imageID }: StepState, run: Span, attempt: string): Span | undefined {
  const [startedAt, endedAt] = [time(terminated?.startedAt), time(terminated?.finishedAt)];
  if (terminated === undefined || startedAt === undefined || endedAt === undefined) return undefined;
  return {
    traceId: run.traceId,
    spanId: spanIdOf(`${attempt} ${name}`),
    parentSpanId: run.spanId,
    name: `step ${name}`,
    kind: 'internal',
    startedAt,
    endedAt: Math.max(startedAt, endedAt),
    attributes: {
      'container.image.id': imageID || undefined,
      'process.exit.code': terminated.exitCode,
      'tekton.reason': terminated.reason,
    },
    error: terminated.exitCode === 0 ? undefined : `exit code ${terminated.exitCode}`,
  };
}

function time(text: string | undefined): number | undefined {
  const ms = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}
