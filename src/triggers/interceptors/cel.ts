import { celToJson } from '../../expressions/cel/cel-to-json.ts';
import type { CelError } from '../../expressions/cel/error.ts';
import { explain } from '../../expressions/cel/explain.ts';
import type { SecretReference } from '../../expressions/cel/failure.ts';
import type { CelHost } from '../../expressions/cel/frame.ts';
import { showValue } from '../../expressions/cel/preview.ts';
import type { CelProgram, Evaluation } from '../../expressions/cel/program.ts';
import { describeError } from '../../expressions/cel/tekton/describe-error.ts';
import type { CelValue } from '../../expressions/cel/values.ts';
import { goJsonType } from '../../resources/go-format.ts';
import { readSecret } from '../outside.ts';
import { readCelParams } from './cel-params.ts';
import { demandsSecret, headersOfSecrets } from './compared-secrets.ts';
import { filterConditions } from './filter-conditions.ts';
import {
  brokenInterceptor,
  type Extensions,
  type Interceptor,
  type InterceptorAnswer,
  type InterceptorCall,
  type InterceptorFactory,
  type Refusal,
  stop,
  wrong,
} from './interceptor.ts';
import { setPath } from './set-path.ts';

type Variables = Readonly<Record<string, CelValue>>;

interface Overlay {
  readonly key: string;
  readonly program: CelProgram;
}

/** How often an expression may ask for one more secret that no literal of it names. */
const mostSecrets = 20;

/**
 * Upstream's order: body, filter, overlays; texts and codes of reference/triggers.md 3.3. Expressions are compiled once; one that does not
 * compile is this interceptor's answer to every event.
 */
export const cel: InterceptorFactory = (params, { expressions }): Interceptor => {
  const read = readCelParams(params);
  if (!read.ok) return brokenInterceptor('cel', 'InvalidArgument', read.message);

  const filter = read.params.filter === '' ? undefined : expressions.cel(read.params.filter);
  if (filter?.ok === false) return brokenExpression(read.params.filter, filter.error);
  const overlays: Overlay[] = [];
  for (const { key, expression } of read.params.overlays) {
    const compiled = expressions.cel(expression);
    if (!compiled.ok) return brokenExpression(expression, compiled.error);
    overlays.push({ key, program: compiled.program });
  }

  return {
    name: 'cel',
    conditions: filter === undefined ? [] : filterConditions(filter.program.ast),
    guards: (filter !== undefined && demandsSecret(filter.program.ast)) || undefined,
    secretHeaders: [...(filter === undefined ? [] : [filter]), ...overlays].flatMap(({ program }) => headersOfSecrets(program.ast)),
    async intercept(call) {
      const variables = variablesOf(call);
      if (!variables.ok) return variables.refusal;
      const passed = filter === undefined ? undefined : await applyFilter(filter.program, variables.variables, call);
      if (passed !== undefined && passed.outcome !== 'continue') return passed;
      return { ...passed, ...(await applyOverlays(overlays, variables.variables, call)) };
    },
  };
};

function brokenExpression(source: string, error: CelError): Interceptor {
  return brokenInterceptor('cel', 'InvalidArgument', `error evaluating cel expression: ${describeError(source, error)}`);
}

/** `body` is a JSON object; an empty body and `null` are an empty one. */
function variablesOf({
  event,
  extensions,
}: InterceptorCall): { readonly ok: true; readonly variables: Variables } | { readonly ok: false; readonly refusal: Refusal } {
  const decoded = event.json();
  const body = decoded.ok ? (decoded.value ?? {}) : undefined;
  if (!decoded.ok || typeof body !== 'object' || Array.isArray(body)) {
    const reason = decoded.ok ? `json: cannot unmarshal ${goJsonType(body)} into Go value of type map[string]interface {}` : 'invalid JSON';
    const message = `error making the evaluation context: failed to parse the body as JSON: ${reason}`;
    return { ok: false, refusal: stop('InvalidArgument', message) };
  }
  const variables = { body, header: event.headers, extensions, requestURL: event.url };
  return { ok: true, variables: variables as Variables };
}

/** Evaluated once, recording: that costs three microseconds more than without, and each trigger can say why it did what it did. */
async function applyFilter(program: CelProgram, variables: Variables, call: InterceptorCall): Promise<InterceptorAnswer> {
  const host = new SecretsHost(call);
  const result = await evaluate(program, variables, host, true);
  const { trace } = result;
  if (result.ok && result.value === true) return { outcome: 'continue', filter: trace };
  const evidence = trace === undefined ? {} : { filter: trace, because: explain(trace) };
  if (result.ok) return stop('FailedPrecondition', `expression ${program.source} did not return true`, evidence);
  const message = `error evaluating cel expression: ${describeError(program.source, result.error)}`;
  // Events of other kinds lack keys all the time; running out of budget or of secrets is another matter.
  const isData = result.error.code !== 'LimitExceeded' && result.error.code !== 'NeedSecret' && !host.missedSecret;
  return isData ? stop('InvalidArgument', message, evidence) : wrong('InvalidArgument', message, evidence);
}

/** Each overlay sees the event as it came, not what overlays before it added. */
async function applyOverlays(overlays: readonly Overlay[], variables: Variables, call: InterceptorCall): Promise<InterceptorAnswer> {
  let added: unknown = {};
  const told: { key: string; value: string }[] = [];
  for (const { key, program } of overlays) {
    const result = await evaluate(program, variables, new SecretsHost(call), false);
    if (!result.ok) {
      return wrong('InvalidArgument', `error evaluating cel expression: ${describeError(program.source, result.error)}`, {
        overlays: told,
      });
    }
    const converted = celToJson(result.value);
    if (!converted.ok) return wrong('Internal', `failed to convert overlay result to type: ${converted.message}`, { overlays: told });
    const set = setPath(added, key, converted.json);
    if (!set.ok) {
      const what = `failed to sjson for key '${key}' to '${program.conceals ? '(hidden)' : shorten(converted.json)}'`;
      return wrong('Internal', `${what}: ${set.error}`, { overlays: told });
    }
    added = set.value;
    told.push({ key, value: showValue(result.value, program.conceals) });
  }
  const extensions = added as Extensions;
  if (told.length === 0) return { outcome: 'continue' };
  return Object.keys(extensions).length === 0
    ? { outcome: 'continue', overlays: told }
    : { outcome: 'continue', overlays: told, extensions };
}

function shorten(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

async function evaluate(program: CelProgram, variables: Variables, host: SecretsHost, trace: boolean): Promise<Evaluation> {
  for (const reference of program.secretReferences) await host.read(reference);
  let result = program.evaluate(variables, { host, trace });
  for (let asked = 0; !result.ok && result.error.secret !== undefined && asked < mostSecrets; asked++) {
    await host.read(result.error.secret);
    result = program.evaluate(variables, { host, trace });
  }
  return result;
}

/** Secrets of the trigger's namespace, read before they are asked for: CEL itself never waits. */
class SecretsHost implements CelHost {
  missedSecret = false;
  private readonly call: InterceptorCall;
  private readonly known = new Map<string, Uint8Array | 'missing'>();

  constructor(call: InterceptorCall) {
    this.call = call;
  }

  async read(reference: SecretReference): Promise<void> {
    const found = await readSecret(this.call.outside, this.call.namespace, reference.name, reference.key);
    this.known.set(identityOf(reference), found ?? 'missing');
  }

  secret(reference: SecretReference): Uint8Array | 'missing' | undefined {
    const found = this.known.get(identityOf(reference));
    if (found === 'missing') this.missedSecret = true;
    return found;
  }

  equalSecret(a: Uint8Array, b: Uint8Array): boolean {
    return this.call.outside.equalSecret(a, b);
  }
}

function identityOf({ name, key }: SecretReference): string {
  return `${name}\u0000${key}`;
}
