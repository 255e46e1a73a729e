/** RE2 repeats nothing more often. */
const MOST_TIMES = 1_000;

/**
 * About how many instructions a pattern compiles to, without compiling it: a repetition counts as often as it repeats what it repeats.
 * Never much too low; anything for a malformed pattern, which is refused anyway.
 */
export function patternSize(pattern: string): number {
  /** Sums of the groups that are open around. */
  const outer: number[] = [];
  let sum = 0;
  /** What a repetition here would repeat. */
  let last = 0;
  for (let offset = 0; offset < pattern.length; ) {
    const character = pattern.charAt(offset);
    const end = endOfAtom(pattern, offset);
    if (character === '(') {
      outer.push(sum);
      sum = 0;
    } else if (character === ')') {
      last = sum + 2;
      sum = (outer.pop() ?? 0) + last;
    } else if (character === '{' && end > offset + 1) {
      const times = timesOf(pattern.slice(offset, end));
      sum += last * (times - 1);
      last *= times;
    } else {
      last = pattern.startsWith('\\Q', offset) ? end - offset : 1;
      sum += last;
    }
    offset = end;
  }
  return outer.reduce((total, size) => total + size, sum);
}

function endOfAtom(pattern: string, offset: number): number {
  switch (pattern.charAt(offset)) {
    case '\\': {
      if (pattern.charAt(offset + 1) !== 'Q') return offset + 2;
      const end = pattern.indexOf('\\E', offset);
      return end < 0 ? pattern.length : end + 2;
    }
    case '[':
      return endOfClass(pattern, offset);
    case '{': {
      const repetition = /\{\d+(?:,\d*)?\}/y;
      repetition.lastIndex = offset;
      return repetition.test(pattern) ? repetition.lastIndex : offset + 1;
    }
    default:
      return offset + 1;
  }
}

/** Behind the `]`. One directly after `[` or `[^` is a member, and so is what stands in `[:…:]`. */
function endOfClass(pattern: string, start: number): number {
  let offset = start + (pattern.startsWith('[^', start) ? 2 : 1);
  if (pattern.charAt(offset) === ']') offset += 1;
  while (offset < pattern.length) {
    if (pattern.charAt(offset) === ']') return offset + 1;
    const named = pattern.startsWith('[:', offset) ? pattern.indexOf(':]', offset + 2) : -1;
    if (named >= 0) offset = named + 2;
    else offset += pattern.charAt(offset) === '\\' ? 2 : 1;
  }
  return pattern.length;
}

/** Of `{3}`, `{3,}` or `{3,5}`. */
function timesOf(repetition: string): number {
  const counts = repetition.match(/\d+/g) ?? [];
  return Math.min(MOST_TIMES, Math.max(1, ...counts.map(Number)));
}
