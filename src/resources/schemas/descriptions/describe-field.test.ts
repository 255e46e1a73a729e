import { describe, expect, it } from 'vitest';
import { groupKindOf } from '../../object.ts';
import { apiVersionOf, resourceTypes } from '../../registry.ts';
import { type JsonSchema, jsonSchemaOf } from '../json-schema.ts';
import { coreDescriptions } from './core.ts';
import { describeField } from './describe-field.ts';
import { pipelineDescriptions } from './pipelines.ts';
import { podDescriptions } from './pods.ts';
import { triggerDescriptions } from './triggers.ts';

const tables = [pipelineDescriptions, podDescriptions, triggerDescriptions, coreDescriptions].flat();

describe('descriptions of fields', () => {
  it('the longest path that fits wins, the kind in front of it', () => {
    expect(describeField('tekton.dev/PipelineRun', ['spec', 'params', '[]', 'value'])).toBe('Text, a list of texts or a map of texts.');
    expect(describeField('tekton.dev/TaskRun', ['spec', 'status'])).toContain('TaskRunCancelled');
    expect(describeField('tekton.dev/PipelineRun', ['spec', 'status'])).toContain('CancelledRunFinally');
    expect(describeField('tekton.dev/PipelineRun', ['spec', 'params', '[]'])).toBeUndefined();
  });

  it('no path is there twice', () => {
    const paths = tables.map(([path]) => path);
    expect(paths.filter((path, index) => paths.indexOf(path) !== index)).toEqual([]);
  });

  it('are sentences that fit a line or two', () => {
    expect(tables.filter(([, text]) => !/^[A-Z`].{1,150}\.$/s.test(text))).toEqual([]);
  });

  it('none is of a field that is no more', () => {
    const said = new Set<unknown>();
    for (const type of resourceTypes) collect(jsonSchemaOf(groupKindOf({ apiVersion: apiVersionOf(type), kind: type.kind })), said);
    expect(tables.filter(([, text]) => !said.has(text)).map(([path]) => path)).toEqual([]);
  });
});

function collect(schema: JsonSchema | undefined, said: Set<unknown>): void {
  if (schema === undefined) return;
  const { description, properties = {}, items, additionalProperties } = schema as { readonly [part: string]: JsonSchema | undefined };
  said.add(description);
  for (const field of Object.values(properties)) collect(field as JsonSchema, said);
  collect(items, said);
  collect(additionalProperties, said);
}
