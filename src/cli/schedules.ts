import { compileSchedule } from '../expressions/schedules/compile-schedule.ts';
import { localTime, localWeekday } from '../expressions/schedules/local-time.ts';
import { admit } from '../resources/admit.ts';
import { defaultEngineConfig } from '../resources/engine-config.ts';
import { groupKindOf } from '../resources/object.ts';
import type { Schedule } from '../resources/schedule/schema.ts';
import { CliError, exitCodes } from './cli-error.ts';
import { time } from './columns.ts';
import type { CliContext } from './context.ts';
import { hang } from './fit.ts';
import { outputFormat, render, span, table } from './output.ts';
import { readManifests } from './read-manifests.ts';
import { oneLine } from './terminal.ts';

const KIND = 'tappet.dev/Schedule';
const FIRES = 5;

export interface SchedulesOptions {
  /** Files to look into instead of asking a server. */
  readonly file?: readonly string[] | undefined;
  readonly allNamespaces?: boolean | undefined;
  readonly output?: string | undefined;
}

/** Schedules with their next five fires, as the clocks of their zones will show them. */
export async function schedules(context: CliContext, options: SchedulesOptions): Promise<void> {
  const format = outputFormat(options.output);
  const found = options.file === undefined ? await served(context, options) : await written(options.file);
  const now = context.clock.now();
  if (format === 'json' || format === 'yaml') {
    context.print(render({ items: found.map((schedule) => summary(schedule, firesOf(schedule, now))) }, format));
    return;
  }
  const everywhere = options.allNamespaces === true;
  if (found.length === 0) context.note(everywhere ? 'No schedules.' : `No schedules in namespace ${context.namespace}.`);
  else context.print(schedulesText(found, now, context.terminal.width, everywhere));
}

/** A line a schedule as in any table, and below each when it fires. */
export function schedulesText(found: readonly Schedule[], now: number, width: number, withNamespace: boolean): string {
  const [header = '', ...lines] = table(
    [...(withNamespace ? ['NAMESPACE'] : []), 'NAME', 'CRON', 'ZONE', 'SUSPENDED', 'LAST'],
    found.map((schedule) => [...(withNamespace ? [schedule.metadata.namespace ?? ''] : []), ...cells(schedule, now)]),
    { width },
  ).split('\n');
  const below = found.map((schedule) => fireLines(schedule, now, width));
  return `${[header, ...found.flatMap((_, index) => [lines[index] ?? '', ...(below[index] ?? [])])].join('\n')}\n`;
}

async function served({ client, namespace }: CliContext, options: SchedulesOptions): Promise<readonly Schedule[]> {
  return (await client.list(KIND, options.allNamespaces === true ? undefined : namespace)).items as unknown as readonly Schedule[];
}

/** Those of files, checked and completed as a server would. */
async function written(files: readonly string[]): Promise<readonly Schedule[]> {
  const { manifests, errors: unreadable } = await readManifests(files);
  const errors = [...unreadable];
  const found: Schedule[] = [];
  for (const { object, at } of manifests) {
    if (typeof object.apiVersion !== 'string' || typeof object.kind !== 'string' || groupKindOf(object) !== KIND) continue;
    const admission = admit(object, defaultEngineConfig);
    if (admission.ok) found.push(admission.object as Schedule);
    else {
      for (const { message, paths, details } of admission.errors) {
        const path = paths[0] ?? '';
        errors.push([at(path), path, message, ...(details === undefined ? [] : [details])].filter(Boolean).map(oneLine).join(': '));
      }
    }
  }
  if (errors.length > 0) throw new CliError(exitCodes.usage, errors.join('\n'));
  if (found.length === 0) throw new CliError(exitCodes.usage, `${files.join(', ')}: no Schedule in there`);
  return found;
}

function firesOf({ spec }: Schedule, now: number): readonly number[] {
  if (spec.suspend === true) return [];
  const compiled = compileSchedule(spec.schedule, spec.timeZone);
  return compiled.ok ? compiled.schedule.upcoming(now, FIRES) : [];
}

function cells({ metadata, spec, status }: Schedule, now: number): readonly string[] {
  const last = time(status?.lastScheduledFor);
  return [
    metadata.name ?? metadata.generateName ?? '',
    spec.schedule,
    spec.timeZone ?? 'UTC',
    spec.suspend === true ? 'yes' : 'no',
    last === undefined ? 'never' : `${span(now - last)} ago`,
  ];
}

/** A schedule's next fires, and what is wrong with it. */
export function fireLines(schedule: Schedule, now: number, width: number): readonly string[] {
  const { spec, status } = schedule;
  const fires = firesOf(schedule, now);
  const zone = spec.timeZone ?? 'UTC';
  const lines = fires.map((fire) => `  ${localWeekday(fire, zone)} ${spaced(localTime(fire, zone))}  in ${span(fire - now)}`);
  if (fires.length === 0) lines.push(spec.suspend === true ? '  does not fire while it is suspended' : '  never fires');
  const jitter = spec.jitter ?? '0s';
  if (fires.length > 0 && jitter !== '0s') lines.push(`  each up to ${jitter} later (jitter)`);
  const broken = (status?.conditions ?? []).find((condition) => condition.type !== 'Suspended' && condition.status === 'False');
  const trouble = broken === undefined ? [] : [`${broken.reason ?? broken.type}: ${broken.message ?? ''}`];
  return [...lines, ...[...trouble, ...missed(status)].flatMap((text) => hang('  ! ', oneLine(text), width))];
}

/** Worth a line only while people may still wonder. */
function missed(status: Schedule['status']): readonly string[] {
  const { lastCatchUp, lastScheduledFor = '' } = status ?? {};
  return lastCatchUp === undefined || lastCatchUp.at < lastScheduledFor ? [] : [lastCatchUp.message];
}

/** `2026-11-24T02:00:00+01:00` for people. */
function spaced(text: string): string {
  return text.replace('T', ' ').replace(/([+-]\d\d:\d\d)$/, ' $1');
}

function summary({ metadata, spec, status }: Schedule, fires: readonly number[]): Record<string, unknown> {
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    schedule: spec.schedule,
    timeZone: spec.timeZone,
    suspend: spec.suspend ?? false,
    jitter: spec.jitter,
    lastScheduledFor: status?.lastScheduledFor,
    lastSuccess: status?.lastSuccess,
    nextFires: fires.map((fire) => localTime(fire, spec.timeZone ?? 'UTC')),
  };
}
