import type { Clock } from '../../ports/clock.ts';
import type { Stored } from '../../resources/object.ts';
import type { Observability } from '../../resources/observability.ts';
import { Counts } from './counts.ts';
import { Histogram } from './histogram.ts';
import { type RunFacts, runFacts } from './run-facts.ts';
import { RunsUnderWay } from './runs-under-way.ts';
import type { Labels } from './series.ts';

const PREFIX = 'tekton_pipelines_controller_';
/** Seconds; upstream's. */
const DURATIONS = [10, 30, 60, 300, 900, 1800, 3600, 5400, 10800, 21600, 43200, 86400];
/** Milliseconds. */
const POD_LATENCIES = [5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000];
/** Seconds: what the engine itself takes. */
const OVERHEADS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

type Stage = 'created' | 'started' | 'running' | 'done';

interface Seen {
  facts: RunFacts;
  stage: Stage;
  /** When it came to that stage; milliseconds. Unknown of what was there before this server looked. */
  since: number | undefined;
}

/**
 * Counts runs in upstream's series (reference/pipelines.md 8.4), and how long the engine takes from one stage of a run to the next in our own. Listens to what
 * the loops' copies of the store hear, and keeps nobody waiting. Holds runs that go on only: of one that is done and was not held, nothing is counted,
 * because it was done before this server looked.
 */
export class RunTally {
  readonly #levels: Observability;
  readonly #clock: Clock;
  /** By uid. */
  readonly #seen = new Map<string, Seen>();
  /** When the last child of a PipelineRun was done, until something follows from it; by the run's uid. */
  readonly #childDone = new Map<string, number>();
  #begun = false;
  readonly #pipelineRuns = new Counts(`${PREFIX}pipelinerun_total`);
  readonly #taskRuns = new Counts(`${PREFIX}taskrun_total`);
  readonly #durations: Readonly<Record<'pipelinerun' | 'pipelinerun_taskrun' | 'taskrun', Histogram | Counts>>;
  readonly #podLatency = new Histogram(`${PREFIX}taskruns_pod_latency_milliseconds`, POD_LATENCIES);
  readonly #transitions = new Histogram('tappet_run_transition_seconds', OVERHEADS);
  readonly #hops = new Histogram('tappet_run_hop_seconds', OVERHEADS);

  constructor(options: { readonly clock: Clock; readonly observability: Observability }) {
    this.#clock = options.clock;
    this.#levels = options.observability;
    const durations = (name: string, key: 'metrics.pipelinerun.duration-type' | 'metrics.taskrun.duration-type') =>
      this.#levels[key] === 'histogram'
        ? new Histogram(`${PREFIX}${name}_duration_seconds`, DURATIONS)
        : new Counts(`${PREFIX}${name}_duration_seconds`, 'gauge');
    this.#durations = {
      pipelinerun: durations('pipelinerun', 'metrics.pipelinerun.duration-type'),
      pipelinerun_taskrun: durations('pipelinerun_taskrun', 'metrics.taskrun.duration-type'),
      taskrun: durations('taskrun', 'metrics.taskrun.duration-type'),
    };
  }

  /** Call once, when all is listed: what is seen from now on happens now. */
  begin(): void {
    this.#begun = true;
  }

  /** What is under way is told anew, to whoever it belongs to then; what was counted stays. */
  end(): void {
    this.#begun = false;
    this.#seen.clear();
    this.#childDone.clear();
  }

  /** The informers' listener. */
  changed(now: Stored | undefined, before: Stored | undefined): void {
    const run = now ?? before;
    if (run === undefined || (run.kind !== 'PipelineRun' && run.kind !== 'TaskRun')) return;
    const { uid } = run.metadata;
    if (now === undefined) {
      this.#forget(uid);
      return;
    }
    const facts = runFacts(now);
    const known = this.#seen.get(uid);
    const stage = stageOf(facts);
    if (known === undefined && stage !== 'done') this.#first(uid, facts, stage);
    if (known === undefined) return;
    known.facts = facts;
    if (known.stage === stage) return;
    this.#moved(known, stage);
    if (stage === 'done') this.#done(uid, facts);
  }

  text(): string {
    const metrics = [
      this.#pipelineRuns,
      this.#taskRuns,
      ...Object.values(this.#durations),
      this.#podLatency,
      new RunsUnderWay(
        [...this.#seen.values()].map(({ facts }) => facts),
        this.#levels,
      ),
      this.#transitions,
      this.#hops,
    ];
    return metrics
      .flatMap((metric) => [...metric.lines(), ''])
      .filter((line) => line !== '')
      .join('\n')
      .concat('\n');
  }

  #first(uid: string, facts: RunFacts, stage: Stage): void {
    const at = this.#clock.now();
    this.#seen.set(uid, { facts, stage, since: this.#begun ? at : undefined });
    if (facts.owner !== undefined && this.#begun) this.#followed(facts.owner.uid, 'child', at);
  }

  #moved(seen: Seen, stage: Stage): void {
    const at = this.#clock.now();
    if (seen.since !== undefined)
      this.#transitions.observe({ kind: seen.facts.kind, from: seen.stage, to: stage }, (at - seen.since) / 1000);
    const { firstStepAt, startedAt } = seen.facts;
    if (seen.facts.kind === 'TaskRun' && seen.stage !== 'running' && firstStepAt !== undefined && startedAt !== undefined)
      this.#podLatency.observe(this.#taskLabels(seen.facts), Math.max(0, firstStepAt - startedAt));
    seen.stage = stage;
    seen.since = at;
  }

  #done(uid: string, facts: RunFacts): void {
    const at = this.#clock.now();
    if (facts.owner !== undefined) this.#childDone.set(facts.owner.uid, at);
    this.#followed(uid, 'end', at);
    this.#forget(uid);
    const status = { status: facts.outcome, ...(this.#levels['metrics.count.enable-reason'] ? { reason: facts.reason } : {}) };
    (facts.kind === 'PipelineRun' ? this.#pipelineRuns : this.#taskRuns).add(status);
    if (facts.startedAt === undefined || facts.endedAt === undefined) return;
    const seconds = (facts.endedAt - facts.startedAt) / 1000;
    const own = facts.kind === 'PipelineRun' ? this.#pipelineLabels(facts.definition, facts.name) : this.#taskLabels(facts);
    const parent =
      facts.kind === 'TaskRun' && facts.owner !== undefined ? this.#pipelineLabels(facts.owner.pipeline, facts.owner.name) : {};
    const metric = facts.kind === 'PipelineRun' ? 'pipelinerun' : facts.owner === undefined ? 'taskrun' : 'pipelinerun_taskrun';
    const labels = { namespace: facts.namespace, ...status, ...parent, ...own };
    const durations = this.#durations[metric];
    if (durations instanceof Histogram) durations.observe(labels, seconds);
    else durations.set(labels, seconds);
  }

  /** Something followed from the end of a child: the time between is the engine's own. */
  #followed(parent: string, by: 'child' | 'end', at: number): void {
    const done = this.#childDone.get(parent);
    if (done === undefined) return;
    this.#childDone.delete(parent);
    this.#hops.observe({ to: by }, (at - done) / 1000);
  }

  #forget(uid: string): void {
    this.#seen.delete(uid);
    this.#childDone.delete(uid);
  }

  #pipelineLabels(pipeline: string, name: string): Labels {
    const level = this.#levels['metrics.pipelinerun.level'];
    if (level === 'namespace') return {};
    return level === 'pipeline' ? { pipeline } : { pipeline, pipelinerun: name };
  }

  #taskLabels({ definition, name }: RunFacts): Labels {
    const level = this.#levels['metrics.taskrun.level'];
    if (level === 'namespace') return {};
    return level === 'task' ? { task: definition } : { task: definition, taskrun: name };
  }
}

function stageOf(facts: RunFacts): Stage {
  if (facts.outcome !== 'running') return 'done';
  if (facts.firstStepAt !== undefined || (facts.kind === 'PipelineRun' && facts.reason === 'Running')) return 'running';
  return facts.startedAt === undefined ? 'created' : 'started';
}
