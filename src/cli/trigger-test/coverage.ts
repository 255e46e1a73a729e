import { compileConfiguration } from '../../main/compile-configuration.ts';
import type { KubeObject } from '../../resources/object.ts';
import type { TriggerTest } from '../../resources/trigger-test/schema.ts';

/** Which triggers of the configurations no test has an expectation of. */
export class Coverage {
  /** By configuration, which is the same object for all tests that have it. */
  readonly #configurations = new Map<readonly KubeObject[], Map<string, Set<string>>>();

  add(configuration: readonly KubeObject[], { spec }: TriggerTest): void {
    const listeners = this.#configurations.get(configuration) ?? triggersOf(configuration);
    this.#configurations.set(configuration, listeners);
    const subject = spec.listener ?? `schedule/${spec.schedule}`;
    const open = listeners.get(`${spec.namespace ?? 'default'}/${subject}`);
    const named = Object.keys(spec.expect.triggers ?? {});
    for (const trigger of open ?? []) {
      if (named.some((name) => name === trigger || name === nameOf(trigger))) open?.delete(trigger);
    }
  }

  /** `push, tag (EventListener ci/github)`, a text a listener. */
  notCovered(): readonly string[] {
    const lines = new Set<string>();
    for (const listeners of this.#configurations.values()) {
      for (const [listener, triggers] of listeners) {
        if (triggers.size > 0) lines.add(`${[...triggers].map(nameOf).join(', ')} (${describe(listener)})`);
      }
    }
    return [...lines];
  }
}

/** `namespace/name` of each trigger, by listener. */
function triggersOf(configuration: readonly KubeObject[]): Map<string, Set<string>> {
  return new Map(
    compileConfiguration(configuration).map(({ namespace, name, triggers }) => [
      `${namespace}/${name}`,
      new Set(triggers.map((trigger) => `${trigger.namespace}/${trigger.name}`)),
    ]),
  );
}

function nameOf(trigger: string): string {
  return trigger.slice(trigger.indexOf('/') + 1) || '(unnamed)';
}

/** `EventListener ci/github`, `Schedule ci/nightly`. */
function describe(listener: string): string {
  const [namespace = '', ...name] = listener.split('/');
  return name[0] === 'schedule' ? `Schedule ${namespace}/${name[1] ?? ''}` : `EventListener ${listener}`;
}
