import { type CelNode, walk } from './ast.ts';
import { check } from './checker.ts';
import { type Compiled, compile } from './compiler.ts';
import { concealedNodes } from './concealed-nodes.ts';
import type { CelEnvironment } from './environment.ts';
import { type CelError, celError } from './error.ts';
import { Failure, type Result, type SecretReference } from './failure.ts';
import type { Frame } from './frame.ts';
import { type CelLimits, defaultLimits } from './limits.ts';
import { parse } from './parser.ts';
import type { CelProgram, CompileResult, EvaluateOptions, Evaluation } from './program.ts';
import { buildTrace, type CelTrace } from './trace.ts';
import { formatType } from './types.ts';
import type { CelObject, CelValue } from './values.ts';

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
  const concealed = concealedNodes(parsed.ast, environment.conceals);
  const trace = (results: readonly (Result | undefined)[], terse: boolean) =>
    buildTrace({ source, references: checked.references, results, concealed, terse }, parsed.ast);
  const resultType = formatType(checked.type);
  return {
    ok: true,
    program: makeProgram({
      source,
      ast: parsed.ast,
      resultType,
      conceals: concealed.has(parsed.ast.id),
      limits,
      compiled,
      compileTraced: () => compileTree(true),
      trace,
    }),
  };
}

interface ProgramParts {
  readonly source: string;
  readonly ast: CelNode;
  readonly resultType: string;
  readonly conceals: boolean;
  readonly limits: CelLimits;
  readonly compiled: Compiled;
  /** The second set of closures, which record; made when first asked for. */
  readonly compileTraced: () => Compiled;
  readonly trace: (results: readonly (Result | undefined)[], terse: boolean) => CelTrace;
}

function makeProgram(parts: ProgramParts): CelProgram {
  const { source, ast, resultType, conceals, limits, compiled } = parts;
  let traced: Compiled | undefined;
  const run = (
    chosen: Compiled,
    variables: CelObject,
    options: EvaluateOptions | undefined,
    record: (Result | undefined)[] | undefined,
  ): Result => {
    const frame: Frame = {
      limits: options?.limits ? { ...limits, ...options.limits } : limits,
      steps: 0,
      slots: bind(chosen, variables),
      host: options?.host,
      record,
    };
    return chosen.evaluate(frame);
  };
  const evaluate = (variables: CelObject, options?: EvaluateOptions): Evaluation => {
    if (!options?.trace) return evaluation(source, run(compiled, variables, options, undefined));
    traced ??= parts.compileTraced();
    const record: (Result | undefined)[] = [];
    const result = run(traced, variables, options, record);
    return { ...evaluation(source, result), trace: parts.trace(record, result === true) };
  };
  return { source, ast, resultType, conceals, secretReferences: secretsOf(ast), evaluate };
}

function evaluation(source: string, result: Result): Evaluation {
  return result instanceof Failure ? { ok: false, error: failureError('evaluate', source, result) } : { ok: true, value: result };
}

function bind(compiled: Compiled, variables: CelObject): (CelValue | undefined)[] {
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
