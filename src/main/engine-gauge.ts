import { gaugeText } from '../server/metrics/series.ts';
import type { EngineLoad, RunAudience } from './start-engine.ts';

/** How much the engine has to do, while there is one. */
export class EngineGauge implements RunAudience {
  #engine: EngineLoad | undefined;

  changed(): void {}

  begin(engine: EngineLoad): void {
    this.#engine = engine;
  }

  end(): void {
    this.#engine = undefined;
  }

  text(): string {
    const { depth = 0, held = 0 } = this.#engine ?? {};
    return gaugeText('tappet_work_queue_depth', depth) + gaugeText('tappet_objects_held', held);
  }
}
