import { describe, expect, it } from 'vitest';
import { resourceTypes } from '../registry.ts';
import { servedVersions } from './openapi.ts';
import { swaggerOf } from './swagger.ts';
import { encodeSwagger } from './swagger-protobuf.ts';

const types = resourceTypes.flatMap(servedVersions);
const document = swaggerOf(types, { title: 'Tappet', version: '1' });

describe('OpenAPI 2.0', () => {
  it('has every kind in every version it is served in, and refers to nothing else', () => {
    expect(Object.keys(document.definitions)).toHaveLength(types.length);
    expect(document.definitions).toHaveProperty(['dev.tekton.v1.Task']);
    expect(document.definitions).toHaveProperty(['dev.tekton.v1beta1.Task', 'description'], expect.stringContaining('converted to v1'));
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]*)"/g)].map(([, reference]) => reference);
    const definitions = new Set(Object.keys(document.definitions).map((name) => `#/definitions/${name}`));
    expect(references.filter((reference) => !definitions.has(reference ?? ''))).toEqual([]);
  });

  it('says of each operation what it takes', () => {
    const path = document.paths['/apis/tekton.dev/v1/namespaces/{namespace}/tasks/{name}'];
    expect(path?.parameters).toEqual([
      { name: 'namespace', in: 'path', type: 'string', required: true },
      { name: 'name', in: 'path', type: 'string', required: true },
    ]);
    expect(path?.patch).toMatchObject({
      'x-kubernetes-group-version-kind': { group: 'tekton.dev', version: 'v1', kind: 'Task' },
      consumes: ['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml'],
      parameters: expect.arrayContaining([
        { name: 'dryRun', in: 'query', type: 'string' },
        { name: 'body', in: 'body', required: true, schema: { $ref: '#/definitions/dev.tekton.v1.Task' } },
      ]),
    });
  });
});

describe('OpenAPI 2.0 in protobuf', () => {
  const whole = fieldsOf(encodeSwagger(document));

  it('is a Document with all paths and definitions', () => {
    expect(textOf(whole.get(1)?.[0])).toBe('2.0');
    expect(namesIn(fieldsOf(whole.get(8)?.[0]).get(2))).toEqual(Object.keys(document.paths));
    expect(namesIn(fieldsOf(whole.get(9)?.[0]).get(1))).toEqual(Object.keys(document.definitions));
  });

  it('has each part of a schema where the message has it', () => {
    const definitions = fieldsOf(whole.get(9)?.[0]).get(1) ?? [];
    const schema = definitions.map(fieldsOf).find((entry) => textOf(entry.get(1)?.[0]) === 'dev.tappet.v1alpha1.RunAction');
    const action = property(property(schema?.get(2)?.[0], 'spec'), 'action');
    expect(textOf(fieldsOf(action).get(4)?.[0])).toContain('`Cancel`');
    expect(textOf(fieldsOf(fieldsOf(action).get(22)?.[0]).get(1)?.[0])).toBe('string');
    expect(
      fieldsOf(action)
        .get(20)
        ?.map((value) => textOf(fieldsOf(value).get(2)?.[0])),
    ).toEqual(['"Cancel"', '"CancelRunFinally"', '"StoppedRunFinally"', '"Rerun"']);
    expect(
      fieldsOf(property(schema?.get(2)?.[0], 'spec'))
        .get(19)
        ?.map(textOf),
    ).toEqual(['action', 'selector']);
    const [extension] = fieldsOf(schema?.get(2)?.[0]).get(31) ?? [];
    expect(textOf(fieldsOf(extension).get(1)?.[0])).toBe('x-kubernetes-group-version-kind');
  });
});

type Fields = ReadonlyMap<number, readonly Uint8Array[]>;

/** Fields of a message by number; flags as their one byte. */
function fieldsOf(message: Uint8Array | undefined): Fields {
  const fields = new Map<number, Uint8Array[]>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message?.[at++] ?? 0;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < (message?.length ?? 0)) {
    const tag = varint();
    const length = (tag & 7) === 2 ? varint() : 1;
    const list = fields.get(tag >>> 3) ?? [];
    list.push(message!.subarray(at, at + length));
    fields.set(tag >>> 3, list);
    at += length;
  }
  return fields;
}

function textOf(value: Uint8Array | undefined): string {
  return new TextDecoder().decode(value);
}

function namesIn(entries: readonly Uint8Array[] | undefined): string[] {
  return (entries ?? []).map((entry) => textOf(fieldsOf(entry).get(1)?.[0]));
}

/** The schema of a field, from `properties` of another. */
function property(schema: Uint8Array | undefined, name: string): Uint8Array | undefined {
  const entries = fieldsOf(fieldsOf(schema).get(25)?.[0]).get(1) ?? [];
  return entries
    .map(fieldsOf)
    .find((entry) => textOf(entry.get(1)?.[0]) === name)
    ?.get(2)?.[0];
}
