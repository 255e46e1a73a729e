import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { updatedText } from './update-file.ts';

const TEXT = `# a comment
apiVersion: tappet.dev/v1alpha1
kind: TriggerTest
metadata: {name: first}   # kept
spec:
  expect:
    triggers:
      a:
        verdict: matched
        params: {x: '1'}
        manifests:
          - kind: ConfigMap   # goes
            data:
              text: |
                several
                lines
        match: exact
      b: {verdict: matched, params: {x: '1'}}
---
metadata:
  name: second
spec: {expect: {triggers: {a: {verdict: matched, manifests: []}}}}
`;

describe('updatedText', () => {
  it('changes what has changed, and not a letter besides', () => {
    const updated = updatedText(
      TEXT,
      new Map([
        [
          'first',
          [
            { trigger: 'a', field: 'params', value: { x: '2', y: 'z' } },
            { trigger: 'a', field: 'manifests', value: [{ kind: 'Secret', data: { text: 'one\n\ntwo\n' } }] },
            { trigger: 'b', field: 'params', value: { x: '3' } },
          ],
        ],
        ['second', [{ trigger: 'a', field: 'manifests', value: [{ a: 1 }] }]],
      ]),
    );
    expect(updated).toBe(`# a comment
apiVersion: tappet.dev/v1alpha1
kind: TriggerTest
metadata: {name: first}   # kept
spec:
  expect:
    triggers:
      a:
        verdict: matched
        params:
          x: "2"
          y: z
        manifests:
          - kind: Secret
            data:
              text: |
                one

                two
        match: exact
      b: {verdict: matched, params: {"x":"3"}}
---
metadata:
  name: second
spec: {expect: {triggers: {a: {verdict: matched, manifests: [{"a":1}]}}}}
`);
    expect(parseAllDocuments(updated).flatMap(({ errors }) => errors)).toEqual([]);
  });

  it('leaves what is not there', () => {
    expect(updatedText(TEXT, new Map([['first', [{ trigger: 'c', field: 'params', value: {} }]]]))).toBe(TEXT);
    expect(updatedText(TEXT, new Map())).toBe(TEXT);
  });
});
