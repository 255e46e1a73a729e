import type { PodObservation, ResultsProblem, StepObservation } from '../../../tasks/pod-observation.ts';
import { RESULTS_LOG_CONTAINER } from '../pod/results-log-container.ts';

/** What the log of results says. */
export interface ResultsLog {
  readonly taskResults: Readonly<Record<string, string>>;
  readonly taskArtifacts?: string | undefined;
  /** By container. */
  readonly steps: ReadonlyMap<string, Pick<StepObservation, 'results' | 'artifacts'>>;
  readonly problem?: ResultsProblem | undefined;
}

export function unreadable(message: string): ResultsLog {
  return { taskResults: {}, steps: new Map(), problem: { type: 'unreadable', message } };
}

interface Entry {
  readonly name: string;
  readonly type: string;
  /** Absent where it was too large to be printed. */
  readonly value?: string;
  readonly limit?: number;
}

/** Lines that are no JSON are for people. Follows tektoncd/pipeline internal/sidecarlogresults, `parseResults`. */
export function readResultsLog(text: string): ResultsLog {
  const taskResults = new Map<string, string>();
  const steps = new Map<string, { results: Record<string, string>; artifacts?: string }>();
  const step = (container: string): { results: Record<string, string>; artifacts?: string } => {
    const known = steps.get(container) ?? { results: {} };
    steps.set(container, known);
    return known;
  };
  let taskArtifacts: string | undefined;
  let problem: ResultsProblem | undefined;
  let isComplete = false;
  for (const { name, type, value, limit } of text.split('\n').flatMap(entryOf)) {
    if (type === 'end') isComplete = true;
    else if (value === undefined) problem = { type: 'too-large', limitBytes: limit ?? 0 };
    else if (type === 'task') taskResults.set(name, value);
    else if (type === 'taskArtifact') taskArtifacts = value;
    else if (type === 'stepArtifact') step(name).artifacts = value;
    else if (type === 'step') {
      const dot = name.indexOf('.');
      const { results } = step(name.slice(0, dot));
      Object.defineProperty(results, name.slice(dot + 1), { value, enumerable: true, configurable: true });
    }
  }
  // What a node says of a log that it does not have any more is text as well.
  if (!isComplete) return unreadable(`the log of ${RESULTS_LOG_CONTAINER} ends before its last line: ${JSON.stringify(text.slice(-200))}`);
  return {
    taskResults: Object.fromEntries(taskResults),
    ...(taskArtifacts !== undefined && { taskArtifacts }),
    steps,
    ...(problem && { problem }),
  };
}

function entryOf(line: string): readonly Entry[] {
  if (!line.startsWith('{')) return [];
  try {
    const { name, type, value, limit } = JSON.parse(line) as Record<string, unknown>;
    if (typeof name !== 'string' || typeof type !== 'string') return [];
    return [{ name, type, ...(typeof value === 'string' && { value }), ...(typeof limit === 'number' && { limit }) }];
  } catch {
    return [];
  }
}

/** The pod with what its steps have left. The task's own goes with the first step: it comes before what the task takes from steps, as upstream has it. */
export function withResults(pod: PodObservation, log: ResultsLog): PodObservation {
  const steps = pod.steps.map((step, index): StepObservation => {
    const { results = {}, artifacts } = log.steps.get(step.container) ?? {};
    return {
      ...step,
      results,
      taskResults: index === 0 ? log.taskResults : {},
      ...(artifacts !== undefined && { artifacts }),
      ...(index === 0 && log.taskArtifacts !== undefined && { taskArtifacts: log.taskArtifacts }),
      resultsAreLogged: true,
    };
  });
  return { ...pod, steps, ...(log.problem && { resultsProblem: log.problem }) };
}
