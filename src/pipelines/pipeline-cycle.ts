import { goQuote } from '../expressions/variables/go-quote.ts';
import { goList } from '../resources/go-format.ts';
import { failure, type RunFailure } from './outcome.ts';

/**
 * A pipeline that would run within itself, and would not end doing so. `ancestors`: the names of the pipelines it would run in, the nearest
 * first. Follows tektoncd/pipeline pkg/reconciler/pipelinerun/pipelinerun.go, `detectPipelineRefCycle`.
 */
export function pipelineCycle(name: string | undefined, ancestors: readonly (string | undefined)[]): RunFailure | undefined {
  const known = ancestors.flatMap((ancestor) => ancestor || []);
  const place = name ? known.indexOf(name) : -1;
  if (place < 0) return undefined;
  const chain = goList(known.slice(0, place));
  return failure(
    'CreateRunFailed',
    `detected cycle in pipeline-in-pipeline: pipeline ${goQuote(name ?? '')} is already running in ancestor chain ${chain}`,
  );
}
