import type { CelTrace } from './trace.ts';

/** The smallest sub-expression that decided, and what its parts were. */
export interface Explanation {
  readonly source: string;
  /** Source text of each operand that is not a literal, with its value or `error: …`. */
  readonly values: Readonly<Record<string, string>>;
}

/**
 * Why a result is what it is. For a false `a && b` the operand that is false, for a ternary the branch taken, and so on inwards; a false
 * `a || b` was decided by all of its operands.
 */
export function explain(trace: CelTrace): Explanation {
  const deciding = decider(trace);
  const values = new Map<string, string>();
  collect(deciding, values);
  return { source: deciding.source, values: Object.fromEntries(values) };
}

function decider(trace: CelTrace): CelTrace {
  switch (trace.operation) {
    case '&&':
    case '||': {
      const absorbing = trace.operation === '&&' ? 'false' : 'true';
      if (trace.error !== undefined) {
        const failed = trace.children.find((child) => child.error !== undefined);
        return failed ? decider(failed) : trace;
      }
      const decisive = trace.value === absorbing ? trace.children.find((child) => child.value === absorbing) : undefined;
      return decisive ? decider(decisive) : trace;
    }
    case '?:': {
      const [condition, then, otherwise] = trace.children;
      const taken = condition?.value === 'true' ? then : condition?.value === 'false' ? otherwise : condition;
      return taken && taken.operation !== 'literal' ? decider(taken) : trace;
    }
    default: {
      const failed = trace.error === undefined ? undefined : trace.children.find((child) => child.error === trace.error);
      return failed && failed.operation !== 'variable' ? decider(failed) : trace;
    }
  }
}

const LOGICAL: ReadonlySet<string> = new Set(['&&', '||', '!', '?:']);

/** Operands as the user wrote them; through logical operators down to what they compare. */
function collect(trace: CelTrace, values: Map<string, string>): void {
  for (const child of trace.children) {
    if (child.operation === 'literal' || isConstant(child)) continue;
    if (LOGICAL.has(child.operation) || (LOGICAL.has(trace.operation) && child.children.some((inner) => inner.operation !== 'literal'))) {
      if (child.operation === 'select' || child.operation === '[]') note(child, values);
      else collect(child, values);
    } else note(child, values);
  }
}

function note(trace: CelTrace, values: Map<string, string>): void {
  if (trace.value !== undefined) values.set(trace.source, trace.value);
  else if (trace.error !== undefined) values.set(trace.source, `error: ${trace.error}`);
}

function isConstant(trace: CelTrace): boolean {
  return (trace.operation === 'list' || trace.operation === 'map') && trace.children.every((child) => child.operation === 'literal');
}
