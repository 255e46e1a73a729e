import { goQuote } from '../../expressions/variables/go-quote.ts';

/** How far a sender's clock and ours may be apart, either way: what Slack and Standard Webhooks ask of receivers. Milliseconds. */
const TOLERANCE_MS = 5 * 60 * 1_000;

/**
 * What is wrong with the time a sender has signed, in seconds since 1970. A signature that is good for ever could be sent again by whoever has
 * once seen it. `now` in milliseconds.
 */
export function staleTime(header: string, value: string, now: number): string | undefined {
  if (!/^\d{1,12}$/.test(value)) return `${header} is ${goQuote(value.slice(0, 100))}, expected seconds since 1970`;
  const ahead = Number(value) * 1_000 - now;
  if (Math.abs(ahead) <= TOLERANCE_MS) return undefined;
  const distance = `${Math.ceil(Math.abs(ahead) / 1_000)} s ${ahead > 0 ? 'ahead of' : 'behind'} this server's clock`;
  return `${header} is ${distance}, expected at most ${TOLERANCE_MS / 1_000} s: an old request sent again, or a clock that is wrong`;
}
