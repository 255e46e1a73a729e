import { type CelValue, typeNameOf } from './values.ts';

/** Identity of an error. The text may change, the code may not. */
export type CelErrorCode =
  | 'Syntax'
  | 'UndeclaredReference'
  | 'NoMatchingOverload'
  | 'TypeMismatch'
  | 'NoSuchKey'
  | 'NoSuchOverload'
  | 'NoSuchAttribute'
  | 'IndexOutOfBounds'
  | 'DivisionByZero'
  | 'Overflow'
  | 'InvalidArgument'
  | 'LimitExceeded'
  | 'NeedSecret';

/** One key of a Secret that an expression compares with. */
export interface SecretReference {
  readonly name: string;
  readonly key: string;
}

/** Messages quote what was given, which may be megabytes. */
const LONGEST_MESSAGE = 2_000;

/**
 * An evaluation error as a value. Errors travel as values because in CEL they are ordinary: `body.missing == 1 || true` is true, and a
 * filter over foreign events meets missing keys all the time. No stack is captured.
 */
export class Failure {
  readonly code: CelErrorCode;
  readonly message: string;
  /** Set for `NeedSecret`. */
  readonly secret: SecretReference | undefined;
  /** Offset of the sub-expression that failed; filled in by the innermost node that knows it. */
  offset = -1;

  constructor(code: CelErrorCode, message: string, secret?: SecretReference) {
    this.code = code;
    this.message = message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)}…` : message;
    this.secret = secret;
  }

  /** Not absorbed by `&&` and `||`: an exhausted budget stops everything, and a secret that was not read yet may still turn out false. */
  get fatal(): boolean {
    return this.code === 'LimitExceeded' || this.code === 'NeedSecret';
  }
}

export type Result = CelValue | Failure;

export function noSuchKey(key: string): Failure {
  return new Failure('NoSuchKey', `no such key: ${key}`);
}

/** cel-go's operators say only this; functions add their signature, see `noSuchFunctionOverload`. */
export function noSuchOverload(): Failure {
  return new Failure('NoSuchOverload', 'no such overload');
}

export function noSuchFunctionOverload(name: string, values: readonly CelValue[]): Failure {
  return new Failure('NoSuchOverload', `no such overload: ${name}(${values.map(typeNameOf).join(', ')})`);
}

export function invalidArgument(message: string): Failure {
  return new Failure('InvalidArgument', message);
}

export function limitExceeded(message: string): Failure {
  return new Failure('LimitExceeded', message);
}

/** Notes where a failure arose, unless an inner node did so already. */
export function locate(result: Result, at: number): Result {
  if (result instanceof Failure && result.offset < 0) result.offset = at;
  return result;
}
