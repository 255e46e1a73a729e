import type { Stored } from '../resources/object.ts';
import { runOutcome } from '../resources/run-outcome.ts';
import { runContext } from './run-context.ts';
import { runSpans } from './run-spans.ts';
import type { Span } from './span.ts';

/**
 * Makes spans of PipelineRuns and TaskRuns when they end. Listens to what the loops' copies of the store hear. Of a run that had ended before this
 * server looked nothing is told: it has been told, or nobody knows.
 */
export class RunTracer {
  readonly #export: (spans: readonly Span[]) => void;
  /** Traces of runs that go on, by uid. */
  readonly #traces = new Map<string, string>();

  constructor(exportSpans: (spans: readonly Span[]) => void) {
    this.#export = exportSpans;
  }

  begin(): void {}

  end(): void {
    this.#traces.clear();
  }

  /** The informers' listener. */
  changed(now: Stored | undefined, before: Stored | undefined): void {
    const run = now ?? before;
    if (run === undefined || (run.kind !== 'PipelineRun' && run.kind !== 'TaskRun')) return;
    const { uid } = run.metadata;
    if (now === undefined) {
      this.#traces.delete(uid);
      return;
    }
    const goesOn = runOutcome(now) === 'running';
    const known = this.#traces.get(uid);
    if (!goesOn && known === undefined) return;
    const { traceId, parentSpanId } = runContext(now, (owner) => this.#traces.get(owner));
    if (goesOn) this.#traces.set(uid, known ?? traceId);
    else {
      this.#traces.delete(uid);
      this.#export(runSpans(now, { traceId: known ?? traceId, parentSpanId }));
    }
  }
}
