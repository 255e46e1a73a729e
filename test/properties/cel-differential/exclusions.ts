import type { Outcome } from './outcome.ts';

/** Where both oracles are wrong, or follow no cel-go, in a way that no replacement of one function mends. `ours` is what we make of it. */
interface Exclusion {
  readonly why: string;
  readonly applies: (source: string, ours: Outcome) => boolean;
}

function says(message: string): Exclusion['applies'] {
  return (_source, ours) => ours.kind === 'error' && ours.message === message;
}

export const exclusions: readonly Exclusion[] = [
  { why: 'a double has no order with NaN, which cel-go says in an error; both say false', applies: says('NaN values cannot be ordered') },
  { why: 'cel-spec refuses map keys of other types (fields/map_key_float); both take them', applies: says('unsupported key type') },
  {
    why: 'cel-spec refuses repeated map keys; one takes them as long as they are the same key',
    applies: says('Failed with repeated key: a'),
  },
  { why: 'cel-go refuses has() of a list; both say false', applies: says("unsupported index type 'string' in list") },
  { why: 'cel-go refuses a boolean as index; one takes it for 0 or 1', applies: says("unsupported index type 'bool' in list") },
  { why: 'cel-go’s grammar knows no smallest int behind two minuses; both do', applies: (source) => /--9223372036854775808/.test(source) },
  {
    why: 'two signs cancel out across parentheses in one, whatever the value',
    applies: (source) => /[-!]\(+[-!]/.test(source),
  },
  {
    why: 'one refuses %d of large doubles and does not sort the maps of %s',
    applies: (source) => /%s %d/.test(source) && /dyn\(/.test(source),
  },
  { why: 'has() of what is no map is false in cel-go, an error in one', applies: (source) => /has\(/.test(source) && /dyn\(/.test(source) },
  {
    why: 'a key that no map can have is not in it in cel-go, an error in one',
    applies: (source) => /\bin\b/.test(source) && /dyn\(/.test(source),
  },
  {
    why: 'one rounds a time to milliseconds, upwards, before it asks the calendar',
    applies: (source) => /\.get[A-Z]/.test(source) && /duration\(dyn\(/.test(source),
  },
  { why: 'one cannot negate a duration', applies: (source) => /-\(*dyn\(/.test(source) },
  {
    why: 'has() of null and `in` find no key whose value is null in one',
    applies: (source) => /has\(|\bin\b/.test(source) && /body/.test(source),
  },
];
