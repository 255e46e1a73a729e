import type { Clock } from '../ports/clock.ts';

/** Rejections that may be written at once, and how fast that allowance grows again. */
const BURST = 60;
const PER_SECOND = 1;

/**
 * Whoever can reach the ingress can make rejections; what is written of them is bounded, so that nobody fills the disk with them. One allowance for each
 * listener, and listeners are ours, so the map is bounded too.
 */
export function rejectionLimit(clock: Clock): (listener: string) => boolean {
  const allowances = new Map<string, { left: number; at: number }>();
  return (listener) => {
    const now = clock.now();
    const allowance = allowances.get(listener) ?? { left: BURST, at: now };
    allowance.left = Math.min(BURST, allowance.left + (Math.max(0, now - allowance.at) / 1_000) * PER_SECOND);
    allowance.at = now;
    allowances.set(listener, allowance);
    if (allowance.left < 1) return false;
    allowance.left--;
    return true;
  };
}
