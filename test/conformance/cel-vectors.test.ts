import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { celToJson } from '../../src/expressions/cel/cel-to-json.ts';
import { compileCel } from '../../src/expressions/cel/compile-cel.ts';
import type { CelHost } from '../../src/expressions/cel/frame.ts';
import { describeError } from '../../src/expressions/cel/tekton/describe-error.ts';
import { tektonTriggersEnvironment } from '../../src/expressions/cel/tekton/environment.ts';
import type { CelObject, CelValue } from '../../src/expressions/cel/values.ts';

/**
 * What Tekton's CEL interceptor answered when it was run on these inputs. The interceptor around the engine is imitated here as far as the
 * cases need it; the real one has its own tests in `triggers`.
 */
const file = resolve(process.env['TAPPET_CONFORMANCE'] ?? '../shared/conformance', 'triggers-vectors.json');

interface Response {
  readonly continue: boolean;
  readonly extensions?: Readonly<Record<string, unknown>>;
  readonly status: { readonly code?: number; readonly message?: string };
}

interface Case {
  readonly body: string;
  readonly filter?: string;
  readonly overlays?: readonly { readonly key?: string; readonly expression?: string }[];
  readonly extensions?: CelObject;
  readonly response: Response;
}

/** ANTLR goes on after a syntax error and reports more of them; we stop at the first. */
const firstErrorOnly: ReadonlySet<string> = new Set(['body.in == 1']);

const host: CelHost = {
  secret: ({ name, key }) => (name === 'sec' && key === 'k' ? new TextEncoder().encode('v1') : 'missing'),
  equalSecret: (a, b) => a.length > 0 && Buffer.from(a).equals(Buffer.from(b)),
};

class Refusal extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

function evaluate(source: string, variables: CelObject): CelValue {
  const compiled = compileCel(source, tektonTriggersEnvironment);
  if (!compiled.ok) throw new Refusal(3, `error evaluating cel expression: ${describeError(source, compiled.error)}`);
  const result = compiled.program.evaluate(variables, { host });
  if (!result.ok) throw new Refusal(3, `error evaluating cel expression: ${describeError(source, result.error)}`);
  return result.value;
}

function parseBody(text: string): CelObject {
  const body: CelValue = text === '' ? {} : (JSON.parse(text) as CelValue);
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as CelObject;
  const kind = Array.isArray(body) ? 'array' : typeof body;
  const problem = `json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`;
  throw new Refusal(3, `error making the evaluation context: failed to parse the body as JSON: ${problem}`);
}

/** The part of sjson's paths that the cases use. */
function setPath(target: Record<string, unknown>, key: string, value: unknown): void {
  if (/[*?|#]/.test(key)) return;
  const parts = key.match(/(?:\\.|[^.\\])+/g)?.map((part) => part.replace(/^:/, '').replace(/\\(.)/g, '$1')) ?? [];
  const last = parts.pop();
  let object = target;
  for (const part of parts) {
    object[part] ??= {};
    object = object[part] as Record<string, unknown>;
  }
  if (last !== undefined) object[last] = value;
}

function intercept(given: Case): Response {
  try {
    const variables: CelObject = {
      body: parseBody(given.body),
      header: { 'Content-Type': ['application/json'], 'X-Foo': ['a', 'b'] },
      extensions: given.extensions ?? {},
      requestURL: '/foo?x=1',
    };
    if (given.filter && evaluate(given.filter, variables) !== true) throw new Refusal(9, `expression ${given.filter} did not return true`);
    const extensions: Record<string, unknown> = {};
    for (const { key = '', expression = '' } of given.overlays ?? []) {
      const value = evaluate(expression, variables);
      const converted = celToJson(value);
      if (!converted.ok) throw new Refusal(13, `failed to convert overlay result to type: ${converted.message}`);
      if (key === '') throw new Refusal(13, `failed to sjson for key '' to '${String(converted.json)}': path cannot be empty`);
      setPath(extensions, key, converted.json);
    }
    return { continue: true, ...(Object.keys(extensions).length > 0 && { extensions }), status: {} };
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    return { continue: false, status: { code: thrown.code, message: thrown.message } };
  }
}

if (existsSync(file)) {
  const vectors = JSON.parse(readFileSync(file, 'utf8')) as { readonly cel: { readonly cases: readonly Case[] } };
  describe('CEL vectors of Tekton Triggers', () => {
    it.each(vectors.cel.cases.map((given, index) => [index, given.filter ?? given.overlays?.[0]?.expression ?? '', given] as const))(
      '%i: %s',
      (_index, source, given) => {
        const expected = { ...given.response, status: { ...given.response.status } };
        if (firstErrorOnly.has(source)) expected.status.message = expected.status.message?.split('\nERROR:')[0];
        // Responses travel as JSON, which has no negative zero.
        expect(JSON.parse(JSON.stringify(intercept(given)))).toEqual(expected);
      },
    );
  });
} else {
  describe.skip(`CEL vectors of Tekton Triggers: ${file} is absent (set TAPPET_CONFORMANCE)`, () => {
    it('runs when the conformance data is there', () => expect(existsSync(file)).toBe(true));
  });
}
