import { describe, expect, it } from 'vitest';
import { z } from '../zod.ts';
import { normaliseFieldNames } from './field-names.ts';

const inner = z.object({ mountPath: z.string().optional(), readOnly: z.boolean().optional() });
const schema = z.object({
  name: z.string(),
  labels: z.record(z.string(), z.string()).optional(),
  mounts: z.array(inner).optional(),
  byName: z.record(z.string(), inner).optional(),
  loose: z.looseObject({ known: inner.optional() }).optional(),
  anything: z.unknown().optional(),
  get self(): z.ZodOptional<typeof schema> {
    return schema.optional();
  },
});

const normalise = (value: unknown) => normaliseFieldNames(schema, value);

describe('normaliseFieldNames', () => {
  it('gives a well-spelled object back as it is', () => {
    const value = { name: 'x', mounts: [{ mountPath: '/a' }], labels: { A: 'b' }, self: { name: 'y' } };
    expect(normalise(value).value).toBe(value);
  });

  it.each([
    ['any case', { NAME: 'x', mounts: [{ mountpath: '/a' }] }, { name: 'x', mounts: [{ mountPath: '/a' }] }],
    ['null is absent', { name: 'x', labels: null, mounts: [{ readOnly: null }] }, { name: 'x', mounts: [{}] }],
    ['null of a required field stays', { name: null }, { name: null }],
    ['keys of maps stay', { labels: { Mountpath: 'a', NAME: 'b' } }, { labels: { Mountpath: 'a', NAME: 'b' } }],
    ['values of maps do not', { byName: { X: { READONLY: true } } }, { byName: { X: { readOnly: true } } }],
    [
      'loose objects keep what they do not know',
      { loose: { Known: { mountpath: '/' }, other: { mountpath: 1 } } },
      { loose: { known: { mountPath: '/' }, other: { mountpath: 1 } } },
    ],
    ['raw values stay', { anything: { NAME: { mountpath: null } } }, { anything: { NAME: { mountpath: null } } }],
    ['schemas that contain themselves', { self: { Self: { Name: 'z' } } }, { self: { self: { name: 'z' } } }],
    ['other shapes pass through', { mounts: 'x', labels: [1], self: 3 }, { mounts: 'x', labels: [1], self: 3 }],
    ['the later of two spellings wins', { name: 'a', NAME: 'b' }, { name: 'b' }],
  ])('%s', (_name, before, after) => {
    expect(normalise(before)).toEqual({ value: after, errors: [] });
  });

  it('does not change what it was given', () => {
    const value = { NAME: 'x', mounts: [{ mountpath: '/a' }] };
    normalise(value);
    expect(value).toEqual({ NAME: 'x', mounts: [{ mountpath: '/a' }] });
  });

  it.each([
    ['at the root', { nam: 'x' }, 'nam', 'name'],
    ['in a list', { mounts: [{}, { mountPaths: '/' }] }, 'mounts[1].mountPaths', 'mountPath'],
    ['two letters swapped', { mounts: [{ readOnyl: true }] }, 'mounts[0].readOnyl', 'readOnly'],
    ['far from everything', { self: { colour: 'red' } }, 'self.colour', undefined],
    ['a key with dots', { 'a.b/c': 1 }, '[a.b/c]', undefined],
    ['a dangerous key', JSON.parse('{"__proto__": {"name": 1}}') as object, '__proto__', undefined],
    ['an inherited name', { constructor: 1 }, 'constructor', undefined],
  ])('refuses an unknown field %s', (_name, value, path, similar) => {
    const field = path.replace(/.*\.(?=\w+$)/, '').replace(/^\[(.*)\]$/, '$1');
    const expected = {
      message: `json: unknown field "${field}"`,
      paths: [path],
      ...(similar && { details: `did you mean "${similar}"?` }),
    };
    expect(normalise(value).errors).toEqual([expected]);
  });
});
