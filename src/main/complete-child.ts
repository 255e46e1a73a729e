import { defaultCustomRun } from '../resources/custom-run/defaults.ts';
import type { CustomRun } from '../resources/custom-run/schema.ts';
import type { EngineConfig } from '../resources/engine-config.ts';
import { groupKindOf, type KubeObject } from '../resources/object.ts';
import { defaultPipelineRun } from '../resources/pipeline-run/defaults.ts';
import type { PipelineRun } from '../resources/pipeline-run/schema.ts';
import { defaultTaskRun } from '../resources/task-run/defaults.ts';
import type { TaskRun } from '../resources/task-run/schema.ts';

/** Fills in what admission would: a child that the engine made of checked parts needs no second check, but upstream's defaults. */
export function completeChild(child: KubeObject, config: EngineConfig): KubeObject {
  switch (groupKindOf(child)) {
    case 'tekton.dev/TaskRun':
      return defaultTaskRun(child as TaskRun, config);
    case 'tekton.dev/PipelineRun':
      return defaultPipelineRun(child as PipelineRun, config);
    case 'tekton.dev/CustomRun':
      return defaultCustomRun(child as CustomRun, config);
    default:
      return child;
  }
}
