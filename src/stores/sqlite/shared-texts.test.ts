import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Stored } from '../../resources/object.ts';
import { settle } from '../shared/settle.ts';
import { SharedTexts } from './shared-texts.ts';

const base = { apiVersion: 'tekton.dev/v1', kind: 'PipelineRun', metadata: { name: 'r', uid: 'u', resourceVersion: '1' } };
const large = { list: Array.from({ length: 2_000 }, (_, index) => `item ${index}`) };

it('makes of every version the text JSON makes of it', () => {
  const json = fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'a', 'b')), fc.jsonValue());
  fc.assert(
    fc.property(fc.array(fc.record({ spec: json, status: json }), { minLength: 1, maxLength: 5 }), (versions) => {
      const texts = new SharedTexts();
      let previous: Stored | undefined;
      for (const version of versions) {
        const object = settle({ ...base, ...version, large }, previous) as unknown as Stored;
        expect(texts.of(object, previous)).toBe(JSON.stringify(object));
        previous = object;
      }
    }),
  );
});
