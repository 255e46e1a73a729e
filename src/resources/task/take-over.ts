import type { ObjectMeta } from '../object.ts';

type Texts = Readonly<Record<string, string>>;

/**
 * The labels and annotations of a TaskRun that runs a Task: the Task's, then its own, and the Task's name. Follows tektoncd/pipeline
 * pkg/reconciler/taskrun/taskrun.go, `storeTaskSpecAndMergeMeta`.
 */
export function takeOver(
  task: ObjectMeta,
  own: Pick<ObjectMeta, 'labels' | 'annotations'>,
): { readonly labels: Texts; readonly annotations: Texts } {
  const { 'kubectl.kubernetes.io/last-applied-configuration': _applied, ...annotations } = task.annotations ?? {};
  return {
    labels: { ...task.labels, ...own.labels, 'tekton.dev/task': task.name ?? '' },
    annotations: { ...annotations, ...own.annotations },
  };
}
