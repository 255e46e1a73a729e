import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyJsonPatch, JsonPatchError } from './json-patch.ts';

const document = { a: { b: [1, 2, 3] }, 'x/y': 1, '~z': 2 };

describe('JSON patch (RFC 6902)', () => {
  it.each<[string, unknown[], unknown]>([
    ['adds a member', [{ op: 'add', path: '/c', value: 1 }], { ...document, c: 1 }],
    ['inserts into a list', [{ op: 'add', path: '/a/b/1', value: 9 }], { ...document, a: { b: [1, 9, 2, 3] } }],
    ['appends', [{ op: 'add', path: '/a/b/-', value: 9 }], { ...document, a: { b: [1, 2, 3, 9] } }],
    ['replaces', [{ op: 'replace', path: '/a/b/0', value: null }], { ...document, a: { b: [null, 2, 3] } }],
    ['replaces all', [{ op: 'replace', path: '', value: { n: 1 } }], { n: 1 }],
    [
      'replaces a member that is not there',
      [{ op: 'replace', path: '/a/status', value: 'Cancelled' }],
      { ...document, a: { b: [1, 2, 3], status: 'Cancelled' } },
    ],
    ['finds null where there is nothing', [{ op: 'test', path: '/a/status', value: null }], document],
    [
      'removes, by escaped names',
      [
        { op: 'remove', path: '/x~1y' },
        { op: 'remove', path: '/~0z' },
      ],
      { a: { b: [1, 2, 3] } },
    ],
    ['moves', [{ op: 'move', from: '/a/b/0', path: '/first' }], { ...document, a: { b: [2, 3] }, first: 1 }],
    ['copies', [{ op: 'copy', from: '/a/b', path: '/c' }], { ...document, c: [1, 2, 3] }],
    [
      'goes on where a test holds',
      [
        { op: 'test', path: '/a', value: { b: [1, 2, 3] } },
        { op: 'remove', path: '/a/b/2' },
      ],
      { ...document, a: { b: [1, 2] } },
    ],
  ])('%s', (_, patch, expected) => {
    const before = structuredClone(document);
    expect(applyJsonPatch(document, patch)).toEqual(expected);
    expect(document).toEqual(before);
  });

  it.each<[string, unknown[], string, boolean]>([
    ['a test that fails', [{ op: 'test', path: '/x~1y', value: 2 }], 'operation 0: testing value "/x~1y" failed', false],
    ['nothing there', [{ op: 'remove', path: '/nope/deeper' }], 'operation 0: nothing at "/nope"', false],
    ['beyond a list', [{ op: 'add', path: '/a/b/7', value: 1 }], 'operation 0: cannot add at index 7 of a list of 3', false],
    ['an index with a zero in front', [{ op: 'remove', path: '/a/b/01' }], 'operation 0: nothing at "01" to remove', false],
    ['into itself', [{ op: 'move', from: '/a', path: '/a/b' }], 'operation 0: cannot move a value into itself', true],
    ['no value', [{ op: 'add', path: '/c' }], 'operation 0: value: required', true],
    ['no pointer', [{ op: 'add', path: 'c', value: 1 }], 'operation 0: path: got "c", expected a JSON pointer like /metadata/labels', true],
    [
      'no operation',
      [{ op: 'merge', path: '/c' }],
      'operation 0: op: got "merge", expected add, remove, replace, move, copy or test',
      true,
    ],
    ['no object', [7], 'operation 0: expected an object with op and path', true],
    ['a prototype', [{ op: 'replace', path: '/__proto__/x', value: 1 }], 'operation 0: nothing at "/__proto__"', false],
  ])('%s is told', (_, patch, message, malformed) => {
    expect(() => applyJsonPatch(document, patch)).toThrow(new JsonPatchError(message, malformed));
  });

  it('sets a member of any name as its own', () => {
    const patched = applyJsonPatch({}, [{ op: 'add', path: '/__proto__', value: { admin: true } }]);
    expect(Object.keys(patched as object)).toEqual(['__proto__']);
    expect((patched as { admin?: boolean }).admin).toBeUndefined();
  });

  it('what is added and removed again leaves nothing', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), fc.jsonValue(), (target, key, value) => {
        fc.pre(!Object.hasOwn(target, key));
        const path = `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
        expect(
          applyJsonPatch(target, [
            { op: 'add', path, value },
            { op: 'test', path, value },
            { op: 'remove', path },
          ]),
        ).toEqual(target);
      }),
    );
  });
});
