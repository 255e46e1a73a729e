/** Milliseconds in each unit a Go duration may be written in. */
const unitMs = new Map([
  ['ns', 1e-6],
  ['us', 1e-3],
  ['µs', 1e-3],
  ['μs', 1e-3],
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
]);

/** Go counts nanoseconds in 63 bits: about 292 years. */
const longestMs = 9_223_372_036_854.775;

const part = /([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)/y;

/**
 * Milliseconds of a Go duration (`1h30m`, `300ms`, `-1.5h`, `0`); `undefined` when it is not one. May have a fraction: `1ns` is 1e-6.
 * Same grammar as Go's `time.ParseDuration`.
 */
export function parseDuration(text: string): number | undefined {
  const negative = text.startsWith('-');
  const magnitude = negative || text.startsWith('+') ? text.slice(1) : text;
  if (magnitude === '0') return 0;
  if (magnitude === '') return undefined;

  let total = 0;
  for (let position = 0; position < magnitude.length; position = part.lastIndex) {
    part.lastIndex = position;
    const match = part.exec(magnitude);
    const [, amount, unit] = match ?? [];
    const ms = unit === undefined ? undefined : unitMs.get(unit);
    if (amount === undefined || ms === undefined) return undefined;
    total += Number(amount) * ms;
  }
  if (total > longestMs) return undefined;
  return negative && total > 0 ? -total : total;
}

/**
 * A duration as Go prints it: `0s`, `300ms`, `1.5s`, `1m0s`, `1h0m0s`. Same as Go's `time.Duration.String`.
 */
export function formatDuration(ms: number): string {
  const sign = ms < 0 ? '-' : '';
  const magnitude = Math.abs(ms);
  if (magnitude === 0) return '0s';
  if (magnitude < 1e-3) return `${sign}${decimal(magnitude * 1e6)}ns`;
  if (magnitude < 1) return `${sign}${decimal(magnitude * 1e3)}µs`;
  if (magnitude < 1000) return `${sign}${decimal(magnitude)}ms`;

  const hours = Math.floor(magnitude / 3_600_000);
  const minutes = Math.floor((magnitude % 3_600_000) / 60_000);
  const seconds = decimal((magnitude % 60_000) / 1000);
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}s`;
  return minutes > 0 ? `${sign}${minutes}m${seconds}s` : `${sign}${seconds}s`;
}

/** At most nine places, no trailing zeros, never an exponent. */
function decimal(value: number): string {
  return value.toFixed(9).replace(/\.?0+$/, '');
}
