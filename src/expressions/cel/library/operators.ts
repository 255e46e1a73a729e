import { invalidArgument } from '../failure.ts';
import { type Overload, universal } from '../functions.ts';

/** Operators are compiled directly, see `compiler.ts`; these declarations are for the checker. */
function operator(name: string, ...signatures: string[]): readonly Overload[] {
  return universal(name, 'fn', signatures, () => invalidArgument(`operator ${name} is not a function`));
}

const ORDERED = ['bool', 'int', 'uint', 'double', 'string', 'bytes', 'timestamp', 'duration'].map((type) => `${type}; ${type} -> bool`);

export const operators: readonly Overload[] = [
  operator('_==_', 'A; A -> bool'),
  operator('_!=_', 'A; A -> bool'),
  ...['_<_', '_<=_', '_>_', '_>=_'].map((name) => operator(name, ...ORDERED)),
  operator(
    '_+_',
    'int; int -> int',
    'uint; uint -> uint',
    'double; double -> double',
    'string; string -> string',
    'bytes; bytes -> bytes',
    'list(A); list(A) -> list(A)',
    'timestamp; duration -> timestamp',
    'duration; timestamp -> timestamp',
    'duration; duration -> duration',
  ),
  operator(
    '_-_',
    'int; int -> int',
    'uint; uint -> uint',
    'double; double -> double',
    'timestamp; timestamp -> duration',
    'timestamp; duration -> timestamp',
    'duration; duration -> duration',
  ),
  operator('_*_', 'int; int -> int', 'uint; uint -> uint', 'double; double -> double'),
  operator('_/_', 'int; int -> int', 'uint; uint -> uint', 'double; double -> double'),
  operator('_%_', 'int; int -> int', 'uint; uint -> uint'),
  // A duration can be negated too, but only where its type is not known.
  operator('-_', 'int -> int', 'double -> double'),
  operator('!_', 'bool -> bool'),
  operator('_?_:_', 'bool; A; A -> A'),
  operator('_[_]', 'list(A); int -> A', 'map(A, B); A -> B'),
  operator('@in', 'A; list(A) -> bool', 'A; map(A, B) -> bool'),
].flat();
