import { mapEntries } from './maps.ts';
import { formatDuration, formatTimestamp } from './time-text.ts';
import { type CelValue, Duration, emptyMessage, isList, isMap, Timestamp, TypeValue, Uint } from './values.ts';

const LONGEST = 300;
const DEEPEST = 8;

/** A value as JSON for people, cut to a few hundred characters without rendering the rest. */
export function preview(value: CelValue): string {
  const writer = { text: '' };
  write(writer, value, 0);
  return writer.text.length > LONGEST ? `${writer.text.slice(0, LONGEST)}…` : writer.text;
}

export const HIDDEN = '(hidden)';

/** `preview`, or that there is something which must not be shown. A mere yes, no or number is too little to give a secret away. */
export function showValue(value: CelValue, concealed: boolean): string {
  return concealed && !isPlain(value) ? HIDDEN : preview(value);
}

function isPlain(value: CelValue): boolean {
  return value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'bigint';
}

function write(writer: { text: string }, value: CelValue, depth: number): void {
  if (writer.text.length > LONGEST) return;
  if (isList(value)) writeMany(writer, '[', ']', value, depth, (element) => write(writer, element, depth + 1));
  else if (isMap(value)) {
    writeMany(writer, '{', '}', mapEntries(value), depth, ([key, entry]) => {
      write(writer, key, depth + 1);
      writer.text += ':';
      write(writer, entry, depth + 1);
    });
  } else writer.text += scalar(value);
}

function writeMany<T>(
  writer: { text: string },
  open: string,
  close: string,
  items: Iterable<T>,
  depth: number,
  one: (item: T) => void,
): void {
  writer.text += open;
  let first = true;
  for (const item of items) {
    if (!first) writer.text += ',';
    first = false;
    if (depth >= DEEPEST || writer.text.length > LONGEST) {
      writer.text += '…';
      break;
    }
    one(item);
  }
  writer.text += close;
}

function scalar(value: CelValue): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, LONGEST));
  if (value instanceof Uint) return `${value.value}u`;
  if (value instanceof Timestamp) return JSON.stringify(formatTimestamp(value));
  if (value instanceof Duration) return JSON.stringify(formatDuration(value));
  if (value instanceof TypeValue) return value.name;
  if (value === emptyMessage) return `${emptyMessage.typeName}{}`;
  if (value instanceof Uint8Array) return `bytes(${value.length})`;
  return String(value);
}
