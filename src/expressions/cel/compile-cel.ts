import { type CelNode, walk } from './ast.ts';
import { check } from './checker.ts';
import { type Compiled, compile } from './compiler.ts';
import type { CelEnvironment } from './environment.ts';
import { type CelError, celError } from './error.ts';
import { Failure, type SecretReference } from './failure.ts';
import type { Frame } from './frame.ts';
import { type CelLimits, defaultLimits } from './limits.ts';
import { parse } from './parser.ts';
import type { CelProgram, CompileResult, EvaluateOptions, Evaluation } from './program.ts';
import { buildTrace } from './trace.ts';
import { formatType } from './types.ts';
import type { CelValue } from './values.ts';

export interface CompileOptions {
  /** Bounds for compiling, and the defaults for evaluating. */
  readonly limits?: Partial<CelLimits>;
  /** Off leaves undeclared names and mismatches to evaluation. Only conformance tests need it. */
  readonly check?: boolean;
}

/** Parses, checks and compiles. Every problem of the source is in the error; nothing is thrown. */
export function compileCel(source: string, environment: CelEnvironment, options: CompileOptions = {}): CompileResult {
  const limits = { ...defaultLimits, ...options.limits };
  const parsed = parse(source, limits, { escapedFields: environment.escapedFields });
  if (!parsed.ok) return { ok: false, error: celError('parse', source, parsed.issues) };
  const checked = check(parsed.ast, environment);
  const [issue, ...more] = checked.issues;
  if (issue && options.check !== false) return { ok: false, error: celError('check', source, [issue, ...more]) };
  const compileTree = (traced: boolean) =>
    compile({ ast: parsed.ast, references: checked.references, container: environment.container, limits, traced });
  const compiled = compileTree(false);
  if (compiled.failure) return { ok: false, error: failureError('program', source, compiled.failure) };
  return { ok: true, program: makeProgram(source, parsed.ast, formatType(checked.type), limits, compiled, () => compileTree(true)) };
}

function makeProgram(
  source: string,
  ast: CelNode,
  resultType: string,
  limits: CelLimits,
  compiled: Compiled,
  compileTraced: () => Compiled,
): CelProgram {
  let traced: Compiled | undefined;
  const evaluate = (variables: Readonly<Record<string, CelValue>>, options: EvaluateOptions = {}): Evaluation => {
    if (options.trace) traced ??= compileTraced();
    const chosen = options.trace && traced ? traced : compiled;
    const frame: Frame = {
      limits: options.limits ? { ...limits, ...options.limits } : limits,
      steps: 0,
      slots: bind(chosen, variables),
      host: options.host,
      record: options.trace ? [] : undefined,
    };
    const result = chosen.evaluate(frame);
    const trace = frame.record && { trace: buildTrace(source, ast, frame.record) };
    if (result instanceof Failure) return { ok: false, error: failureError('evaluate', source, result), ...trace };
    return { ok: true, value: result, ...trace };
  };
  return { source, ast, resultType, secretReferences: secretsOf(ast), evaluate };
}

function bind(compiled: Compiled, variables: Readonly<Record<string, CelValue>>): (CelValue | undefined)[] {
  const slots: (CelValue | undefined)[] = [];
  for (const name of compiled.variables) slots.push(Object.hasOwn(variables, name) ? variables[name] : undefined);
  for (let slot = slots.length; slot < compiled.slotCount; slot++) slots.push(undefined);
  return slots;
}

function failureError(stage: 'program' | 'evaluate', source: string, failure: Failure): CelError {
  const offset = Math.max(0, failure.offset);
  return celError(stage, source, [{ code: failure.code, message: failure.message, offset }], failure.secret);
}

function secretsOf(ast: CelNode): readonly SecretReference[] {
  const references: SecretReference[] = [];
  walk(ast, (node) => {
    if (node.kind !== 'call' || node.name !== 'compareSecret') return;
    const [key, name] = node.args;
    if (key?.kind !== 'literal' || name?.kind !== 'literal') return;
    if (typeof key.value === 'string' && typeof name.value === 'string') references.push({ name: name.value, key: key.value });
  });
  return references;
}
