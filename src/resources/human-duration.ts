const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** An age as Kubernetes' tables have it: `45s`, `2m5s`, `18m`, `5h3m`, `3d`, `2y31d` (apimachinery pkg/util/duration, `HumanDuration`). */
export function humanDuration(milliseconds: number): string {
  const whole = Math.floor(milliseconds / SECOND) * SECOND;
  if (whole < -SECOND) return '<invalid>';
  if (whole < 0) return '0s';
  if (whole < 2 * MINUTE) return `${whole / SECOND}s`;
  if (whole < 10 * MINUTE) return two(whole, MINUTE, 'm', SECOND, 's');
  if (whole < 3 * HOUR) return `${Math.floor(whole / MINUTE)}m`;
  if (whole < 8 * HOUR) return two(whole, HOUR, 'h', MINUTE, 'm');
  if (whole < 2 * DAY) return `${Math.floor(whole / HOUR)}h`;
  if (whole < 8 * DAY) return two(whole, DAY, 'd', HOUR, 'h');
  if (whole < 2 * YEAR) return `${Math.floor(whole / DAY)}d`;
  if (whole < 8 * YEAR) return two(whole, YEAR, 'y', DAY, 'd');
  return `${Math.floor(whole / YEAR)}y`;
}

function two(duration: number, large: number, largeUnit: string, small: number, smallUnit: string): string {
  const rest = Math.floor((duration % large) / small);
  return `${Math.floor(duration / large)}${largeUnit}${rest === 0 ? '' : `${rest}${smallUnit}`}`;
}
