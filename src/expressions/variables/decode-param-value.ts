import type { ParamValue } from './param-value.ts';

/**
 * The value behind raw JSON text, also used for result files. Only the very first character decides: `[` a list of strings, `{` a map of
 * strings; whatever does not decode as that, or begins otherwise (a blank included), is a string: the decoded JSON string if it is
 * one, else the raw text. Source: ParamValue.UnmarshalJSON; as in Go a `null` decodes to the empty string.
 */
export function decodeParamValue(rawText: string): ParamValue {
  if (rawText === '') return '';
  const parsed = parse(rawText);
  if (parsed === undefined) return rawText;
  if (rawText.startsWith('[') || rawText.startsWith('{')) return stringsOnly(parsed.value) ?? rawText;
  if (typeof parsed.value === 'string') return parsed.value;
  return parsed.value === null ? '' : rawText;
}

/**
 * The value behind already parsed JSON or YAML. Numbers and booleans become their text, lists and maps that hold anything but strings
 * become their JSON text, as when YAML reaches upstream by way of JSON.
 */
export function paramValueFromJson(parsed: unknown): ParamValue {
  if (typeof parsed === 'string') return parsed;
  if (parsed === null || parsed === undefined) return '';
  if (typeof parsed === 'bigint') return parsed.toString();
  return stringsOnly(parsed) ?? JSON.stringify(parsed, bigintAsNumber) ?? '';
}

function parse(rawText: string): { readonly value: unknown } | undefined {
  const first = rawText.charCodeAt(0);
  // Most result files are plain text: do not pay for an exception to learn it.
  if (!startsJson(first)) return undefined;
  try {
    return { value: JSON.parse(rawText) };
  } catch {
    return undefined;
  }
}

/** `[`, `{`, `"`, `n` of null, or blank before any of them. */
function startsJson(code: number): boolean {
  return (
    code === 0x5b || code === 0x7b || code === 0x22 || code === 0x6e || code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d
  );
}

/** A Go `null` inside a list or map of strings leaves the zero value, the empty string. */
function stringsOnly(value: unknown): ParamValue | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) {
    if (!value.every(isStringOrNull)) return undefined;
    return value.map((element) => element ?? '');
  }
  const entries: [string, string][] = [];
  for (const [key, member] of Object.entries(value)) {
    if (!isStringOrNull(member)) return undefined;
    entries.push([key, member ?? '']);
  }
  return Object.fromEntries(entries);
}

function isStringOrNull(value: unknown): value is string | null {
  return typeof value === 'string' || value === null;
}

function bigintAsNumber(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}
