import type { EventListener, EventListenerTrigger } from '../resources/event-listener/schema.ts';
import type { Stored } from '../resources/object.ts';
import type { Trigger, TriggerInterceptor, TriggerSpecBinding } from '../resources/trigger/schema.ts';
import type { CliContext } from './context.ts';
import { hang } from './fit.ts';
import { oneLine, type Terminal } from './terminal.ts';

/** Where a listener is reached, and of each trigger what lets an event through, what it binds and what it creates. */
export async function describeListener({ client, terminal }: CliContext, listener: Stored<EventListener>): Promise<readonly string[]> {
  const { namespace = '', name } = listener.metadata;
  const { triggers = [], triggerGroups = [], namespaceSelector, labelSelector } = listener.spec;
  const address = client.ingress === '' ? '' : `Webhooks go to:\n  ${client.ingress}/${namespace}/${name}\n`;
  const lines = await Promise.all(
    triggers.map(async (trigger) => {
      if (trigger.triggerRef === undefined || trigger.triggerRef === '') return triggerLines(nameOf(trigger), trigger, terminal);
      const found = (await client.get('triggers.tekton.dev/Trigger', namespace, trigger.triggerRef)) as Stored<Trigger> | undefined;
      const title = `${trigger.triggerRef} (Trigger)`;
      return found === undefined ? [`  ${title}: not found`] : triggerLines(title, found.spec, terminal);
    }),
  );
  return [
    address,
    lines.length === 0
      ? ''
      : `Triggers:\n${lines
          .flat()
          .map((line) => `${line}\n`)
          .join('')}`,
    triggerGroups.length === 0
      ? ''
      : `Trigger groups:\n${triggerGroups.map((group) => `  ${oneLine(group.name ?? '(unnamed)')}\n`).join('')}`,
    namespaceSelector?.matchNames === undefined ? '' : `Triggers of namespaces:  ${oneLine(namespaceSelector.matchNames.join(', '))}\n`,
    labelSelector === undefined ? '' : `Triggers with labels:  ${oneLine(JSON.stringify(labelSelector))}\n`,
  ];
}

function triggerLines(title: string, trigger: Omit<EventListenerTrigger, 'triggerRef'>, terminal: Terminal): string[] {
  const { interceptors = [], bindings = [], template } = trigger;
  const line = (label: string, text: string): string[] =>
    text === '' ? [] : hang(`    ${label.padEnd(10)}`, oneLine(text), terminal.width);
  return [
    `  ${oneLine(title)}`,
    ...interceptors.flatMap((interceptor) => interceptorLines(interceptor).flatMap(([label, text]) => line(label, text))),
    ...line('bindings', bindings.map(bindingText).join(', ')),
    ...line('template', template?.ref ?? (template?.spec === undefined ? '' : '(written here)')),
  ];
}

/** CEL's filter and overlays each on a line of its own: they are what decides. */
function interceptorLines(interceptor: TriggerInterceptor): [label: string, text: string][] {
  const name = interceptor.ref?.name ?? (interceptor.webhook === undefined ? (interceptor.name ?? '') : 'webhook');
  const params = interceptor.params ?? [];
  if (name !== 'cel') return [[name, params.map((param) => `${param.name}: ${textOf(param.value)}`).join('; ') || '(no params)']];
  return params.flatMap(({ name: param, value }): [string, string][] => {
    if (param === 'filter') return [['filter', textOf(value)]];
    if (param !== 'overlays' || !Array.isArray(value)) return [[`cel ${param}`, textOf(value)]];
    return value.map((overlay: { readonly key?: unknown; readonly expression?: unknown }) => [
      'overlay',
      `${textOf(overlay.key)} = ${textOf(overlay.expression)}`,
    ]);
  });
}

function bindingText({ ref, kind, name, value }: TriggerSpecBinding): string {
  if (ref !== undefined && ref !== '') return kind === 'ClusterTriggerBinding' ? `${ref} (cluster)` : ref;
  return `${name ?? ''}=${value ?? ''}`;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

function nameOf(trigger: EventListenerTrigger): string {
  return trigger.name === undefined || trigger.name === '' ? '(unnamed)' : trigger.name;
}
