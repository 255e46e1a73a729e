/** Upstream's keys of `config-observability` that name how fine its metrics are; its defaults. Source: reference/pipelines.md 8.4. */
export interface Observability {
  readonly 'metrics.taskrun.level': 'task' | 'taskrun' | 'namespace';
  readonly 'metrics.pipelinerun.level': 'pipeline' | 'pipelinerun' | 'namespace';
  readonly 'metrics.running-pipelinerun.level': '' | 'namespace' | 'pipeline' | 'pipelinerun';
  readonly 'metrics.taskrun.duration-type': 'histogram' | 'lastvalue';
  readonly 'metrics.pipelinerun.duration-type': 'histogram' | 'lastvalue';
  readonly 'metrics.count.enable-reason': boolean;
  readonly 'metrics.taskrun.throttle.enable-namespace': boolean;
}

export const defaultObservability: Observability = {
  'metrics.taskrun.level': 'task',
  'metrics.pipelinerun.level': 'pipeline',
  'metrics.running-pipelinerun.level': '',
  'metrics.taskrun.duration-type': 'histogram',
  'metrics.pipelinerun.duration-type': 'histogram',
  'metrics.count.enable-reason': false,
  'metrics.taskrun.throttle.enable-namespace': false,
};
