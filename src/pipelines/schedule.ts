import type { Replacements } from '../expressions/variables/replacements.ts';
import { replacementsBuilder } from '../expressions/variables/replacements-builder.ts';
import type { PipelineTask } from '../resources/pipeline/schema.ts';
import { hasFailed, outcomeCode, reasonOf, type TaskState } from './children.ts';
import { fanOutGaps } from './fan-out-gaps.ts';
import { missingResult } from './missing-results.ts';
import type { Layout } from './plan.ts';
import { type Resolution, resolveReferences, type StateOf } from './results.ts';
import { finalSkipReason, type RunSituation, type SkipReason, skipReason, skipReasons } from './skip.ts';
import { replaceInTaskFields } from './substitute.ts';
import { whenAllows } from './when.ts';

/** Where every task of a run stands, and which are to be started now. Lists go by the plan's places. */
export interface Schedule {
  readonly states: readonly TaskState[];
  /** The states' outcomes as `outcomeCode`s. */
  readonly codes: Readonly<Uint8Array>;
  readonly stateOf: StateOf;
  readonly skipped: readonly (SkipReason | undefined)[];
  /** Places of tasks that cannot be created because a result they want was not emitted, and why. */
  readonly invalid: ReadonlyMap<number, string>;
  /** A failure keeps anything but finally tasks from starting. */
  readonly stopping: boolean;
  /** Every task but the finally tasks has ended or will not run. */
  readonly tasksDone: boolean;
  /** A finally task was looked at whose results are all there: the finally phase begins, even if the task's guards then skip it. */
  readonly finallyBegins: boolean;
  /** Places of tasks to create children of; those that are there already are left out. */
  readonly start: readonly number[];
  /** A pipeline task with results, and in finally the other tasks' statuses, replaced as far as they can be. */
  readonly resolved: (place: number) => PipelineTask;
  readonly resolution: (place: number) => Resolution;
}

export interface ScheduleInput {
  readonly plan: Layout;
  readonly states: readonly TaskState[];
  readonly codes: Readonly<Uint8Array>;
  readonly situation: Omit<RunSituation, 'stopping'>;
  /** Answers for the CEL text of a guard. */
  readonly cel: (source: string) => boolean;
}

/**
 * One look at the whole run. Skip reasons are worked out anew from what is seen now, never remembered: a task once skipped by its guards
 * is "stopping" after another has failed. Follows tektoncd/pipeline pkg/reconciler/pipelinerun/pipelinerun.go, `runNextSchedulableTask`.
 * Where upstream would wait for ever behind a task that failed validation (its dependents keep an outdated skip status), we go on.
 */
export function schedule(input: ScheduleInput): Schedule {
  const { plan, situation } = input;
  const failed = hasStoppingFailure(input);
  const gaps = fanOutGaps(plan, input.states, { ...situation, stopping: failed });
  const states = gaps.length === 0 ? input.states : withGaps(input.states, gaps);
  const codes = gaps.length === 0 ? input.codes : input.codes.map((code, place) => (gaps.includes(place) ? outcomeCode.running : code));
  const stateOf: StateOf = (task) => states[plan.places.get(task) ?? -1];
  const resolutions = new Map<number, Resolution>();
  const resolution = (place: number): Resolution => {
    const known = resolutions.get(place);
    if (known !== undefined) return known;
    const made = resolveReferences(plan.tasks[place]?.references ?? [], stateOf);
    resolutions.set(place, made);
    return made;
  };
  const round = new Round({ ...input, states, codes }, resolution);

  round.evaluate({ ...situation, stopping: failed }, new Map());
  const mayStart = !failed && situation.specStatus !== 'CancelledRunFinally' && situation.specStatus !== 'StoppedRunFinally';
  const candidates = mayStart ? round.candidates() : [];
  const invalid = new Map<number, string>();
  for (const place of candidates) {
    if (resolution(place).ok) continue;
    const planned = plan.tasks[place];
    const message = planned && missingResult(planned, stateOf);
    if (message !== undefined) invalid.set(place, message);
  }
  const stopping = failed || [...invalid.keys()].some((place) => !plan.tasks[place]?.ignoresFailure);
  if (invalid.size > 0) round.evaluate({ ...situation, stopping }, invalid);

  const finals = round.tasksDone() ? round.evaluateFinals({ ...situation, stopping }) : { start: [], begins: false };
  return {
    states,
    codes,
    stateOf,
    skipped: round.skipped,
    invalid,
    stopping,
    tasksDone: round.tasksDone(),
    finallyBegins: finals.begins,
    start: [
      ...gaps,
      ...(stopping ? [] : candidates.filter((place) => !invalid.has(place) && round.skipped[place] === undefined)),
      ...finals.start,
    ],
    resolved: (place) => round.resolved(place),
    resolution,
  };
}

function hasStoppingFailure({ states, codes, situation }: ScheduleInput): boolean {
  if (situation.failsFast && states.some(hasFailedFast)) return true;
  for (let place = codes.indexOf(outcomeCode.failed); place >= 0; place = codes.indexOf(outcomeCode.failed, place + 1)) {
    const state = states[place];
    // What a rerun keeps stops nothing but what is behind it.
    if (state !== undefined && state.kept !== true && !state.planned.isFinal && !state.planned.ignoresFailure) return true;
  }
  return false;
}

/** A failure that counts has been seen among a task's children. */
export function hasFailedFast({ planned, runs, kept }: TaskState): boolean {
  return !planned.isFinal && !planned.ignoresFailure && kept !== true && runs.some(hasFailed);
}

function withGaps(states: readonly TaskState[], gaps: readonly number[]): readonly TaskState[] {
  const open = [...states];
  for (const place of gaps) {
    const state = open[place];
    if (state !== undefined) open[place] = { ...state, outcome: 'running', cancelled: false, timedOut: false };
  }
  return open;
}

/** The tables one look at a run fills in. */
class Round {
  readonly skipped: (SkipReason | undefined)[];
  readonly #input: ScheduleInput;
  readonly #resolution: (place: number) => Resolution;
  /** 1 for a task that has ended or will not run. */
  readonly #done: Uint8Array;
  #open = 0;
  #ready: number[] = [];
  readonly #resolved = new Map<number, PipelineTask>();
  #statuses: Replacements | undefined;

  constructor(input: ScheduleInput, resolution: (place: number) => Resolution) {
    this.#input = input;
    this.#resolution = resolution;
    this.skipped = new Array<SkipReason | undefined>(input.states.length).fill(undefined);
    this.#done = new Uint8Array(input.states.length);
  }

  /** Skip reasons and doneness of all but the finally tasks, parents before children. The one loop over the whole graph: it is kept lean. */
  evaluate(situation: RunSituation, invalid: ReadonlyMap<number, string>): void {
    const { plan, codes } = this.#input;
    this.#open = 0;
    this.#ready = [];
    for (const place of plan.graph.order) {
      const code = codes[place] ?? outcomeCode.none;
      const isInvalid = invalid.size > 0 && invalid.has(place);
      const skip = code !== outcomeCode.none || isInvalid ? undefined : this.#skip(place, situation);
      if (this.skipped[place] !== skip) this.skipped[place] = skip;
      const done = skip !== undefined || isInvalid || code >= outcomeCode.succeeded;
      this.#done[place] = done ? 1 : 0;
      if (!done) this.#open++;
    }
  }

  /** Also notes whether it is the task's turn. */
  #skip(place: number, whole: RunSituation): SkipReason | undefined {
    const { plan, states } = this.#input;
    const kept = plan.kept.size === 0 ? undefined : plan.kept.get(place);
    if (kept?.type === 'skipped') return kept.reason;
    const situation = plan.kept.size > 0 && this.#isBehindKeptFailure(place) ? { ...whole, stopping: true } : whole;
    let parentsDone = true;
    let parentSkipped = false;
    for (const parent of plan.graph.parents[place] ?? []) {
      if (this.#done[parent] === 0) parentsDone = false;
      else {
        const reason = this.skipped[parent];
        if (reason !== undefined && reason !== skipReasons.when) parentSkipped = true;
      }
    }
    // What nearly every task of a big graph is in nearly every look at it: not its turn, and nothing ends it before.
    if (!parentsDone && !parentSkipped && !situation.stopping && !situation.specStatus && plan.fansOut[place] === 0) return undefined;
    const planned = states[place]?.planned;
    if (planned === undefined) return undefined;
    const skip = skipReason(situation, {
      task: parentsDone ? this.resolved(place) : planned.task,
      parentsDone,
      parentSkipped,
      missingResults: parentsDone && planned.skippable && this.#excused(place, planned.ignoresFailure),
      allowed: this.#allowed,
    });
    if (parentsDone && skip === undefined) this.#ready.push(place);
    return skip;
  }

  #isBehindKeptFailure(place: number): boolean {
    const { plan, states } = this.#input;
    return (plan.graph.parents[place] ?? []).some((parent) => {
      const state = states[parent];
      return state?.kept === true && state.outcome === 'failed' && !state.planned.ignoresFailure;
    });
  }

  /** A result is missing, and either the task itself may fail or the producer was skipped by its guards. */
  #excused(place: number, ignoresFailure: boolean): boolean {
    const resolution = this.#resolution(place);
    if (resolution.ok) return false;
    const producer = this.#input.plan.places.get(resolution.reference.task);
    return producer !== undefined && (ignoresFailure || this.skipped[producer] === skipReasons.when);
  }

  readonly #allowed = (task: PipelineTask): boolean => whenAllows(task.when, this.#input.cel);

  /** Tasks without child whose turn has come, in the pipeline's order. */
  candidates(): readonly number[] {
    return [...this.#ready].sort((a, b) => a - b);
  }

  tasksDone(): boolean {
    return this.#open === 0;
  }

  evaluateFinals(situation: RunSituation): { readonly start: readonly number[]; readonly begins: boolean } {
    const { plan, states } = this.#input;
    const start: number[] = [];
    let begins = false;
    for (let place = plan.graph.parents.length; place < states.length; place++) {
      if (states[place]?.runs.length !== 0) {
        begins = true;
        continue;
      }
      const kept = plan.kept.get(place);
      if (kept?.type === 'skipped') {
        this.skipped[place] = kept.reason;
        continue;
      }
      const missing = !this.#resolution(place).ok;
      // A final task with a missing result never enters upstream's queue, whatever field wants it; it is skipped only for params and when.
      if (!missing) begins = true;
      const skip = finalSkipReason(situation, { task: this.resolved(place), missingResults: missing, allowed: this.#allowed });
      this.skipped[place] = skip;
      if (skip === undefined) start.push(place);
    }
    return { start, begins };
  }

  resolved(place: number): PipelineTask {
    const known = this.#resolved.get(place);
    if (known !== undefined) return known;
    const made = this.#resolve(place);
    this.#resolved.set(place, made);
    return made;
  }

  #resolve(place: number): PipelineTask {
    const planned = this.#input.plan.tasks[place];
    if (planned === undefined) throw new Error(`no task at place ${place} of the plan`);
    const { task, references, isFinal } = planned;
    const waits = isFinal && this.#input.states[place]?.runs.length === 0;
    if (references.length === 0 && !waits) return task;
    const resolution = this.#resolution(place);
    if (!waits) return resolution.ok ? replaceInTaskFields(task, resolution.replacements) : task;
    const withStatuses = replaceInTaskFields(task, this.#taskStatuses());
    return resolution.ok && references.length > 0 ? replaceInTaskFields(withStatuses, resolution.replacements) : withStatuses;
  }

  /** `tasks.T.status`, `tasks.T.reason` and `tasks.status`, for finally tasks. */
  #taskStatuses(): Replacements {
    if (this.#statuses !== undefined) return this.#statuses;
    const { plan, states } = this.#input;
    const builder = replacementsBuilder();
    let aggregate = 'Succeeded';
    for (let place = 0; place < plan.graph.parents.length; place++) {
      const state = states[place];
      if (state === undefined) continue;
      const { name } = state.planned;
      const failed = state.runs.some(hasFailed);
      builder.strings.set(`tasks.${name}.status`, state.outcome === 'succeeded' ? 'Succeeded' : failed ? 'Failed' : 'None');
      builder.strings.set(`tasks.${name}.reason`, reasonOf(state));
      if (failed) aggregate = 'Failed';
      else if (aggregate === 'Succeeded' && this.skipped[place] !== undefined) aggregate = 'Completed';
    }
    builder.strings.set('tasks.status', this.tasksDone() ? aggregate : 'None');
    this.#statuses = builder;
    return builder;
  }
}
