import { type CronField, fiveFields, readField, secondField } from './cron-field.ts';
import { type Failed, failed, quoted } from './schedule-error.ts';

/** The six fields, seconds first, each written plainly. */
export type CronResult = { readonly ok: true; readonly text: string } | Failed;

/** Splits a cron expression and checks its fields. `offset` is where it begins in what the user wrote. */
export function readCron(pattern: string, offset: number): CronResult {
  const words = [...pattern.matchAll(/\S+/g)];
  const fields: readonly CronField[] = words.length === 6 ? [secondField, ...fiveFields] : fiveFields;
  if (words.length !== fields.length) {
    const names = fiveFields.map(({ name }) => name).join(', ');
    const got = words.length === 1 ? '1 field' : `${words.length} fields`;
    return failed(`got ${got} in ${quoted(pattern)}, expected 5 (${names}), or 6 with the second in front`, offset);
  }
  const texts: string[] = words.length === 6 ? [] : ['0'];
  for (const [index, field] of fields.entries()) {
    const word = words[index];
    const read = readField(field, word?.[0] ?? '', offset + (word?.index ?? 0));
    if (!read.ok) return read;
    texts.push(read.text);
  }
  return { ok: true, text: texts.join(' ') };
}
