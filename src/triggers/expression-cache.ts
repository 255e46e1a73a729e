import { compileCel } from '../expressions/cel/compile-cel.ts';
import type { CompileResult } from '../expressions/cel/program.ts';
import { tektonTriggersEnvironment } from '../expressions/cel/tekton/environment.ts';
import { type BindingValue, compileBindingValue } from '../expressions/jsonpath/binding-value.ts';

/**
 * Compiled expressions by their text. They are stateless, so that triggers with the same one share it, and a listener that is compiled again
 * because one trigger changed does not pay for the others. Keep one for all listeners; dropping it costs time only.
 */
export interface ExpressionCache {
  cel(source: string): CompileResult;
  binding(source: string): BindingValue;
}

/** Of each sort. Reaching it means that most are of objects long gone: everything is let go. */
const mostKept = 50_000;

export function expressionCache(): ExpressionCache {
  return {
    cel: remembering((source) => compileCel(source, tektonTriggersEnvironment)),
    binding: remembering(compileBindingValue),
  };
}

function remembering<T>(compile: (source: string) => T): (source: string) => T {
  const known = new Map<string, T>();
  return (source) => {
    let compiled = known.get(source);
    if (compiled === undefined) {
      if (known.size >= mostKept) known.clear();
      compiled = compile(source);
      known.set(source, compiled);
    }
    return compiled;
  };
}
