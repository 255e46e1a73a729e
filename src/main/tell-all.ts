import type { RunAudience } from './start-engine.ts';

/** Several that listen, as one. */
export function tellAll(audiences: readonly (RunAudience | undefined)[]): RunAudience {
  const all = audiences.filter((audience) => audience !== undefined);
  return {
    changed(now, before) {
      for (const audience of all) audience.changed(now, before);
    },
    begin(engine) {
      for (const audience of all) audience.begin(engine);
    },
    end() {
      for (const audience of all) audience.end();
    },
  };
}
