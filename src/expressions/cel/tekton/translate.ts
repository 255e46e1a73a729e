import type { RE2JS } from 're2js';
import { Failure, noSuchFunctionOverload, type Result } from '../failure.ts';
import type { Frame } from '../frame.ts';
import { type Call, method, type Overload, withPrepare } from '../functions.ts';
import { lengthWithin, spend, spendRead, spendString } from '../limits.ts';
import { matchingCost, patternOrFailure, spendCompiling } from '../pattern.ts';
import type { CelValue } from '../values.ts';

/** A replacement in Go's template notation, split into text and groups (by number or name). */
type Template = readonly (string | { readonly group: string })[];

/** `$1`, `$name` (as many word characters as there are), `${name}`, `$$`; any other `$` is itself. */
function readTemplate(text: string): Template {
  const parts: (string | { group: string })[] = [];
  let offset = 0;
  for (const match of text.matchAll(/\$(?:\$|([A-Za-z0-9_]+)|\{([A-Za-z0-9_]+)\})/g)) {
    parts.push(text.slice(offset, match.index));
    const group = match[1] ?? match[2];
    parts.push(group === undefined ? '$' : { group });
    offset = match.index + match[0].length;
  }
  parts.push(text.slice(offset));
  return parts;
}

function compile(pattern: string): RE2JS | Failure {
  const compiled = patternOrFailure(pattern);
  if (!(compiled instanceof Failure)) return compiled;
  return new Failure(compiled.code, `failed to parse regular expression for translation: ${compiled.message}`);
}

function translate(text: string, pattern: RE2JS, template: Template, frame: Frame): Result {
  const spent = spend(frame, matchingCost(text, pattern));
  if (spent) return spent;
  const groups = new Map(Object.entries(pattern.namedGroups()));
  const matcher = pattern.matcher(text);
  const count = pattern.groupCount();
  const groupText = (name: string): string => {
    const number = /^[0-9]+$/.test(name) ? Number(name) : groups.get(name);
    return number === undefined || number > count ? '' : (matcher.group(number) ?? '');
  };
  const rescans = mayRescan(pattern.pattern());
  const parts: string[] = [];
  let length = 0;
  let offset = 0;
  let previousEnd = -1;
  while (matcher.find()) {
    const start = matcher.start();
    const end = matcher.end();
    const searched = spend(frame, 2 + (rescans ? matchingCost(text, pattern, offset) : 0));
    if (searched) return searched;
    // Go skips an empty match directly after the previous one.
    if (start === end && start === previousEnd) continue;
    const piece = template.map((part) => (typeof part === 'string' ? part : groupText(part.group))).join('');
    parts.push(text.slice(offset, start), piece);
    length += start - offset + piece.length;
    const long = spendString(frame, piece.length) ?? lengthWithin(frame, length);
    if (long) return long;
    offset = end;
    previousEnd = end;
  }
  parts.push(text.slice(offset));
  return spendString(frame, length + text.length - offset) ?? parts.join('');
}

/**
 * Whether finding a match may read on far behind it, in hope of a better one (`a*?b|a` reads all a's each time), so that finding all
 * may take time with the square of the length. It cannot where nothing repeats without end, nor in a mere sequence of greedy repetitions
 * of single characters, where what is read is matched.
 */
function mayRescan(pattern: string): boolean {
  const bare = pattern.replace(/\\./gs, 'x').replace(/\[\^?\]?[^\]]*\]/g, 'x');
  const endless = /[*+]|\{\d+,\}/.test(bare);
  return endless && /[()|]|[*+?}]\?/.test(bare);
}

const overload = method('translate', ['string', 'string', 'string'], 'string', (text, pattern, template, frame) => {
  const compiled = spendCompiling(frame, pattern) ?? spendRead(frame, template.length * 16) ?? compile(pattern);
  return compiled instanceof Failure ? compiled : translate(text, compiled, readTemplate(template), frame);
});

export const translateFunctions: readonly Overload[] = withPrepare([overload], ([, pattern, template], compiling) => {
  if (typeof pattern !== 'string' || typeof template !== 'string') return undefined;
  const compiled = spendCompiling(compiling, pattern) ?? compile(pattern);
  // Upstream compiles the pattern at evaluation, so that a bad one is an error of the evaluation.
  if (compiled instanceof Failure) return compiled.fatal ? compiled : undefined;
  const parts = readTemplate(template);
  const call: Call = (text, _pattern, _template, frame) => {
    return typeof text === 'string'
      ? translate(text, compiled, parts, frame as Frame)
      : noSuchFunctionOverload('translate', [text as CelValue]);
  };
  return call;
});
