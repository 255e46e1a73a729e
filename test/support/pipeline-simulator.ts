import type { ParamValue } from '../../src/expressions/variables/param-value.ts';
import { decide, decidePipelineRun } from '../../src/pipelines/decide.ts';
import type { PipelineRunDecision, PipelineRunFacts } from '../../src/pipelines/decisions.ts';
import { type PlanOutcome, planPipelineRun } from '../../src/pipelines/plan.ts';
import type { ReusedFacts } from '../../src/pipelines/rerun/kept-tasks.ts';
import { parseDuration } from '../../src/resources/duration.ts';
import { defaultEngineConfig, type EngineConfig } from '../../src/resources/engine-config.ts';
import type { Condition, KubeObject } from '../../src/resources/object.ts';
import type { Pipeline } from '../../src/resources/pipeline/schema.ts';
import type { PipelineRun } from '../../src/resources/pipeline-run/schema.ts';
import type { Resolved } from '../../src/resources/resolved.ts';
import type { Task } from '../../src/resources/task/schema.ts';

/** What a child does once it is there. Seconds count from its creation. */
export interface ChildScript {
  /** Seconds until it ends; without it, at the next step of the clock. */
  readonly after?: number | undefined;
  readonly outcome?: 'succeeds' | 'fails' | 'hangs' | undefined;
  /** Of a failure; `Failed` when absent. */
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  /** Attempts that fail before the one that counts, each as long as that; more than the child's retries, and it fails for good. */
  readonly failsFirst?: number | undefined;
  /** Goes on whatever its run says. */
  readonly ignoresCancel?: boolean | undefined;
  /** Emitted whatever the outcome. */
  readonly results?: Readonly<Record<string, ParamValue>> | undefined;
}

export interface SimulatorOptions {
  readonly run: PipelineRun;
  readonly pipelines?: readonly Pipeline[] | undefined;
  readonly tasks?: readonly Task[] | undefined;
  readonly config?: EngineConfig | undefined;
  /** Of a rerun: what it keeps tasks from. */
  readonly reused?: ReusedFacts | undefined;
  /** Milliseconds since the epoch. */
  readonly now?: number | undefined;
  /** What a child does, by its pipeline task and name. */
  readonly script?: ((task: string, name: string) => ChildScript | undefined) | undefined;
  /** Whether the plan is kept between decisions, as a controller does. */
  readonly cachePlan?: boolean | undefined;
  /** Sees every list of decisions before it is applied. */
  readonly before?: ((world: PipelineSimulator, decisions: readonly PipelineRunDecision[]) => void) | undefined;
}

interface Child {
  object: KubeObject;
  readonly script: ChildScript;
  /** When the attempt under way ends. */
  endsAt: number | undefined;
  /** Attempts that have failed. */
  failures: number;
}

/**
 * A PipelineRun's world in memory: it applies the engine's decisions, moves scripted children and a hand-driven clock. It breaks with an
 * error on a decision no engine may take: a child that exists already, a claim for nobody, a cancelled child that is done.
 */
export class PipelineSimulator {
  run: PipelineRun;
  now: number;
  /** Every decision taken, in order. */
  readonly log: PipelineRunDecision[] = [];
  readonly #options: SimulatorOptions;
  readonly #children = new Map<string, Child>();
  readonly #claims = new Map<string, KubeObject>();
  #wakeAt: number | undefined;
  #plan: PlanOutcome | undefined;

  constructor(options: SimulatorOptions) {
    this.#options = options;
    this.run = options.run;
    this.now = options.now ?? Date.parse('2026-01-01T00:00:00Z');
  }

  get facts(): PipelineRunFacts {
    const { pipelines = [], tasks = [], config = defaultEngineConfig, reused } = this.#options;
    const name = this.run.spec.pipelineRef?.name;
    const pipeline = pipelines.find((each) => each.metadata.name === name);
    const missing: Resolved<Pipeline> = { type: 'missing', message: `pipelines.tekton.dev "${name ?? ''}" not found` };
    return {
      run: this.run,
      pipeline: name === undefined || this.run.status?.pipelineSpec ? undefined : pipeline ? { type: 'found', object: pipeline } : missing,
      tasks: new TaskTable(tasks),
      childPipelines: new Map(pipelines.map((each) => [each.metadata.name ?? '', { type: 'found', object: each }])),
      children: [...this.#children.values()].map((child) => child.object),
      reused,
      config,
    };
  }

  get children(): readonly KubeObject[] {
    return [...this.#children.values()].map((child) => child.object);
  }

  /** Children that have not ended, of the tasks asked for. */
  liveChildren(of: (task: string) => boolean = () => true): readonly KubeObject[] {
    return this.children.filter((child) => !isDone(child) && of(taskOf(child)));
  }

  /** How a pipeline task stands, by its children. */
  standing(task: string): 'none' | 'running' | 'succeeded' | 'failed' {
    const children = this.children.filter((child) => taskOf(child) === task);
    if (children.length === 0) return 'none';
    if (!children.every(isDone)) return 'running';
    return children.every((child) => conditionsOf(child).some((condition) => condition.status === 'True')) ? 'succeeded' : 'failed';
  }

  get claims(): readonly KubeObject[] {
    return [...this.#claims.values()];
  }

  get condition(): Condition | undefined {
    return this.run.status?.conditions?.find((condition) => condition.type === 'Succeeded');
  }

  get ended(): boolean {
    return this.condition !== undefined && this.condition.status !== 'Unknown';
  }

  /** The decisions the engine takes on what is to be seen now, not applied. */
  peek(): readonly PipelineRunDecision[] {
    if (this.#options.cachePlan !== true) return decidePipelineRun(this.facts, this.now);
    const facts = this.facts;
    if (this.#plan === undefined || this.#plan.type === 'waiting') this.#plan = planPipelineRun(facts);
    return decide(this.#plan, facts, this.now);
  }

  /** What an engine that has just been started knows: nothing but what is stored. */
  restart(): void {
    this.#plan = undefined;
  }

  /** Lets the engine decide and applies what it says. Returns it. */
  reconcile(): readonly PipelineRunDecision[] {
    const decisions = this.peek();
    this.#options.before?.(this, decisions);
    for (const decision of decisions) this.#apply(decision);
    this.log.push(...decisions);
    return decisions;
  }

  /** Until nothing changes at this instant. */
  settle(): void {
    for (let round = 0; round < 1000; round++) {
      const changes = this.reconcile().filter((decision) => decision.type !== 'check-again-at');
      if (changes.length === 0) return;
    }
    throw new Error('the engine does not come to rest: 1,000 rounds without the clock moving');
  }

  /** To the end of the run, or to where nothing will ever happen again. */
  runToEnd(): void {
    for (let round = 0; round < 100_000; round++) {
      this.settle();
      if (this.ended) return;
      const next = this.#nextEvent();
      if (next === undefined) return;
      this.advanceTo(next);
    }
    throw new Error('the run does not end');
  }

  /** Plays up to an instant, which is settled too; less far when nothing happens any more. */
  runUntil(time: number): void {
    for (;;) {
      this.settle();
      const next = this.#nextEvent();
      if (next === undefined || next > time) break;
      this.advanceTo(next);
    }
    this.advanceTo(time);
    this.settle();
  }

  /** Moves the clock and ends the children whose time has come. */
  advanceTo(time: number): void {
    this.now = Math.max(this.now, time);
    for (const child of this.#children.values()) {
      while (child.endsAt !== undefined && child.endsAt <= this.now && !isDone(child.object)) this.#endAttempt(child);
    }
  }

  advance(seconds: number): void {
    this.advanceTo(this.now + seconds * 1000);
  }

  /** As a user's `kubectl patch` of `spec.status`. */
  setSpecStatus(status: string | undefined): void {
    this.run = { ...this.run, spec: { ...this.run.spec, status } };
  }

  /** A child ends now, whatever its script says. */
  endChild(name: string, script?: ChildScript): void {
    const child = this.#children.get(name);
    if (child === undefined) throw new Error(`no child ${name}`);
    child.object = this.#ended(script === undefined ? child : { ...child, script });
  }

  /** As a user's cancel of one child. */
  cancelChild(name: string): void {
    const kind = this.#children.get(name)?.object.kind;
    this.#cancel(name, kind === 'TaskRun' ? 'TaskRunCancelled' : kind === 'CustomRun' ? 'RunCancelled' : 'Cancelled', '');
  }

  deleteChild(name: string): void {
    this.#children.delete(name);
  }

  #nextEvent(): number | undefined {
    const times = [...this.#children.values()].filter((child) => !isDone(child.object)).flatMap((child) => child.endsAt ?? []);
    if (this.#wakeAt !== undefined && this.#wakeAt > this.now) times.push(this.#wakeAt);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  #apply(decision: PipelineRunDecision): void {
    switch (decision.type) {
      case 'set-status':
        this.run = { ...this.run, status: decision.status };
        return;
      case 'set-metadata':
        this.run = { ...this.run, metadata: { ...this.run.metadata, labels: decision.labels, annotations: decision.annotations } };
        return;
      case 'create-claim':
        this.#claims.set(decision.claim.metadata.name ?? '', decision.claim);
        return;
      case 'share-claim':
        return;
      case 'create-child':
        this.#create(decision.child);
        return;
      case 'cancel-child':
        if (this.#isTold(decision)) throw new Error(`child ${decision.name} is told the same twice`);
        this.#cancel(decision.name, decision.status, decision.statusMessage);
        return;
      case 'check-again-at':
        this.#wakeAt = decision.at;
        return;
    }
  }

  #isTold({ name, status, statusMessage }: Extract<PipelineRunDecision, { type: 'cancel-child' }>): boolean {
    const told = this.#children.get(name)?.object['spec'] as { readonly status?: string; readonly statusMessage?: string } | undefined;
    return told?.status === status && told.statusMessage === statusMessage;
  }

  #create(object: KubeObject): void {
    const name = object.metadata.name ?? '';
    if (this.#children.has(name)) throw new Error(`child ${name} is created a second time`);
    const task = taskOf(object);
    const script = this.#options.script?.(task, name) ?? {};
    const metadata = { ...object.metadata, uid: `uid-of-${name}`, creationTimestamp: rfc3339(this.now) };
    const child: Child = {
      object: { ...object, metadata, status: { conditions: [runningCondition] } },
      script,
      endsAt: undefined,
      failures: 0,
    };
    child.endsAt = this.#endOfAttempt(child);
    this.#children.set(name, child);
  }

  /** By its script or by its own timeout; it is its own engine's to see to both. */
  #endOfAttempt({ object, script }: Child): number | undefined {
    const length = script.outcome === 'hangs' ? Number.POSITIVE_INFINITY : (script.after ?? 0) * 1000;
    const end = Math.min(length, timeoutOf(object));
    return end === Number.POSITIVE_INFINITY ? undefined : this.now + end;
  }

  #endAttempt(child: Child): void {
    const { object, script } = child;
    const length = script.outcome === 'hangs' ? Number.POSITIVE_INFINITY : (script.after ?? 0) * 1000;
    const timedOut = length > timeoutOf(object);
    const fails = timedOut || script.outcome === 'fails' || child.failures < (script.failsFirst ?? 0);
    if (fails && child.failures < retriesOf(object)) {
      child.failures++;
      const again: Condition = { type: 'Succeeded', status: 'Unknown', reason: 'ToBeRetried', message: 'failed as scripted' };
      child.object = { ...object, status: { conditions: [again] } };
      child.endsAt = this.#endOfAttempt(child);
      return;
    }
    const reason = timedOut ? (object.kind === 'PipelineRun' ? 'PipelineRunTimeout' : `${object.kind}Timeout`) : script.reason;
    child.object = this.#ended({ ...child, script: { ...script, outcome: fails ? 'fails' : 'succeeds', reason } });
  }

  /** The child's own engine would end it at once. */
  #cancel(name: string, status: string, statusMessage: string): void {
    const child = this.#children.get(name);
    if (child === undefined) return;
    if (isDone(child.object)) throw new Error(`child ${name} is cancelled after its end`);
    const { object, script } = child;
    const told = object['spec'] as { readonly status?: string; readonly statusMessage?: string };
    child.object = { ...object, spec: { ...told, status, statusMessage } };
    if (script.ignoresCancel) return;
    const reason = object.kind === 'PipelineRun' ? 'Cancelled' : `${object.kind}Cancelled`;
    const message = `${object.kind} "${name}" was cancelled. ${statusMessage}`;
    child.object = { ...child.object, status: this.#status({ outcome: 'fails', reason, message, results: script.results }) };
  }

  #ended(child: Child): KubeObject {
    return { ...child.object, status: this.#status(child.script) };
  }

  #status({ outcome = 'succeeds', reason, message, results }: ChildScript): object {
    const time = rfc3339(this.now);
    const condition: Condition =
      outcome === 'fails'
        ? {
            type: 'Succeeded',
            status: 'False',
            reason: reason ?? 'Failed',
            message: message ?? 'failed as scripted',
            lastTransitionTime: time,
          }
        : {
            type: 'Succeeded',
            status: 'True',
            reason: 'Succeeded',
            message: 'All Steps have completed executing',
            lastTransitionTime: time,
          };
    const list = Object.entries(results ?? {}).map(([name, value]) => ({ name, type: typeOf(value), value }));
    return { conditions: [condition], completionTime: time, ...(list.length > 0 && { results: list }) };
  }
}

/** Answers for every name: tasks that do not exist are missing. */
class TaskTable extends Map<string, Resolved<Task>> {
  constructor(tasks: readonly Task[]) {
    super(tasks.map((task) => [task.metadata.name ?? '', { type: 'found', object: task }]));
  }

  override get(name: string): Resolved<Task> {
    return super.get(name) ?? { type: 'missing', message: `tasks.tekton.dev "${name}" not found` };
  }
}

const runningCondition: Condition = {
  type: 'Succeeded',
  status: 'Unknown',
  reason: 'Running',
  message: 'Not all Steps in the Task have finished executing',
};

function taskOf(child: KubeObject): string {
  return child.metadata.labels?.['tekton.dev/pipelineTask'] ?? '';
}

function conditionsOf(object: KubeObject): readonly Condition[] {
  return (object['status'] as { readonly conditions: readonly Condition[] }).conditions;
}

function isDone(object: KubeObject): boolean {
  return conditionsOf(object).some((condition) => condition.type === 'Succeeded' && condition.status !== 'Unknown');
}

function typeOf(value: ParamValue): string {
  if (typeof value === 'string') return 'string';
  return Array.isArray(value) ? 'array' : 'object';
}

/** Milliseconds; an hour for who has none of its own. */
function timeoutOf({ spec }: KubeObject): number {
  const { timeout } = spec as { readonly timeout?: string };
  const own = timeout === undefined ? undefined : parseDuration(timeout);
  return own === undefined ? 3_600_000 : own === 0 ? Number.POSITIVE_INFINITY : own;
}

function retriesOf({ spec }: KubeObject): number {
  return (spec as { readonly retries?: number }).retries ?? 0;
}

function rfc3339(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}
