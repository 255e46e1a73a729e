import type { Observability } from '../../resources/observability.ts';
import type { RunFacts } from './run-facts.ts';
import { type Labels, labelsText, metricLines } from './series.ts';

const PREFIX = 'tekton_pipelines_controller_running_';

/** How many runs go on, and what they wait for: upstream's gauges. */
export class RunsUnderWay {
  readonly #runs: readonly RunFacts[];
  readonly #levels: Observability;

  constructor(runs: readonly RunFacts[], levels: Observability) {
    this.#runs = runs;
    this.#levels = levels;
  }

  lines(): readonly string[] {
    const pipelineRuns = this.#runs.filter(({ kind }) => kind === 'PipelineRun');
    const taskRuns = this.#runs.filter(({ kind }) => kind === 'TaskRun');
    const waiting = (runs: readonly RunFacts[], reason: string) => runs.filter((run) => run.reason === reason);
    const pipelineLabels = (run: RunFacts): Labels => this.#pipelineLabels(run);
    const throttled = this.#levels['metrics.taskrun.throttle.enable-namespace']
      ? ({ namespace }: RunFacts): Labels => ({ namespace })
      : undefined;
    return [
      ...gauge('pipelineruns', pipelineRuns, this.#levels['metrics.running-pipelinerun.level'] === '' ? undefined : pipelineLabels),
      ...gauge('pipelineruns_waiting_on_pipeline_resolution', waiting(pipelineRuns, 'ResolvingPipelineRef')),
      ...gauge('pipelineruns_waiting_on_task_resolution', waiting(pipelineRuns, 'ResolvingTaskRef')),
      ...gauge('taskruns', taskRuns),
      ...gauge('taskruns_waiting_on_task_resolution_count', waiting(taskRuns, 'ResolvingTaskRef')),
      ...gauge('taskruns_throttled_by_quota', waiting(taskRuns, 'ExceededResourceQuota'), throttled),
      ...gauge('taskruns_throttled_by_node', waiting(taskRuns, 'ExceededNodeResources'), throttled),
    ];
  }

  #pipelineLabels({ namespace, definition, name }: RunFacts): Labels {
    switch (this.#levels['metrics.running-pipelinerun.level']) {
      case '':
        return {};
      case 'namespace':
        return { namespace };
      case 'pipeline':
        return { namespace, pipeline: definition };
      case 'pipelinerun':
        return { namespace, pipeline: definition, pipelinerun: name };
    }
  }
}

/** A gauge without labels shows that it is zero; of one with labels nobody knows what they would be. */
function gauge(name: string, runs: readonly RunFacts[], labelsOf?: (run: RunFacts) => Labels): readonly string[] {
  const counts = new Map<string, number>(labelsOf === undefined ? [['', 0]] : []);
  for (const run of runs) {
    const labels = labelsText(labelsOf?.(run) ?? {});
    counts.set(labels, (counts.get(labels) ?? 0) + 1);
  }
  return metricLines(
    `${PREFIX}${name}`,
    'gauge',
    [...counts].map(([labels, count]) => `${PREFIX}${name}${labels} ${count}`),
  );
}
