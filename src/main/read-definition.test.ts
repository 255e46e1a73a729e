import { describe, expect, it } from 'vitest';
import { defaultEngineConfig } from '../resources/engine-config.ts';
import { notADefinition, readDefinition } from './read-definition.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const task = (more = '', spec = 'spec: {steps: [{image: i}]}') =>
  `apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: t${more}}\n${spec}\n`;
const read = (text: string, kind: 'Task' | 'Pipeline' | 'StepAction' = 'Task') => readDefinition(defaultEngineConfig)(bytes(text), kind);

describe('what is fetched', () => {
  it.each([
    ['YAML', task()],
    ['YAML behind a comment and dashes', `# x\n---\n${task()}`],
    ['the first of several documents', `${task()}---\nkind: Secret\n`],
    ['JSON', '{"apiVersion":"tekton.dev/v1","kind":"Task"}'],
    ['an older version', task().replace('/v1', '/v1beta1')],
    ['a StepAction', 'apiVersion: tekton.dev/v1alpha1\nkind: StepAction'],
  ])('may be %s', (_, text) => {
    expect(notADefinition(bytes(text))).toBeUndefined();
  });

  const unsupported =
    /^resolved data is not of a supported type, must be of Group: tekton\.dev, Kinds: \[PipelineRun Pipeline TaskRun Task Run CustomRun StepAction\]$/;
  it.each([
    ['a token', 'ghp_0123456789', unsupported],
    ['nothing', '', unsupported],
    ['a list', '[]', unsupported],
    ['a Secret', 'apiVersion: v1\nkind: Secret', unsupported],
    ['of a group that only looks like ours', 'apiVersion: tekton.dev.evil/v1\nkind: Task', unsupported],
    ['a kind of no group', 'apiVersion: tekton.dev\nkind: Task', unsupported],
    ['no YAML', 'a: [', /^decoding error: [^\n]+$/],
    ['a key twice', 'a: 1\na: 2', /^decoding error: /],
    ['no text', Buffer.from([0xff, 0xfe]).toString('latin1'), unsupported],
  ])('may not be %s', (_, text, error) => {
    expect(notADefinition(bytes(text))).toMatch(error);
  });

  it('may not be bytes that are no text', () => {
    expect(notADefinition(Uint8Array.from([0xff, 0xfe, 0x00]))).toBe('decoding error: not text in UTF-8');
  });

  it('has a name of its own, and no namespace, owner or status that count', () => {
    const text = task(', namespace: elsewhere, labels: {a: b}, ownerReferences: [{apiVersion: v1, kind: Pod, name: p, uid: u}]').concat(
      'status: {x: y}\n',
    );
    expect(read(text.replace('status: {x: y}\n', ''))).toMatchObject({
      type: 'read',
      object: { kind: 'Task', metadata: { name: 't', labels: { a: 'b' } }, spec: { steps: [{ image: 'i' }] } },
    });
    const { object } = read(text.replace('status: {x: y}\n', '')) as { object: { metadata: object } };
    expect(object.metadata).not.toHaveProperty('namespace');
    expect(object.metadata).not.toHaveProperty('ownerReferences');
  });

  it('needs no name, nor one that Kubernetes would take', () => {
    expect(read(task().replace('{name: t}', '{}'))).toMatchObject({ type: 'read' });
    expect(read(task().replace('{name: t}', '{name: Not_A_Name}'))).toMatchObject({
      type: 'read',
      object: { metadata: { name: 'Not_A_Name' } },
    });
  });

  it.each([
    ['of another kind', task(), 'Pipeline', { type: 'another', message: 'resource is not a pipeline' }],
    ['of another kind', task(), 'StepAction', { type: 'another', message: 'resource is not a StepAction' }],
    [
      'with unknown fields',
      task('', 'spec: {steps: [{image: i, imagee: j}], x: 1}'),
      'Task',
      { type: 'unreadable', message: 'strict decoding error: unknown field "spec.steps[0].imagee", unknown field "spec.x"' },
    ],
    [
      'of another shape',
      task('', 'spec: {steps: 1}'),
      'Task',
      { type: 'unreadable', message: 'got a number, expected a list: spec.steps' },
    ],
    [
      'with metadata of another shape',
      task().replace('{name: t}', 'x'),
      'Task',
      { type: 'unreadable', message: 'got a string, expected an object: metadata' },
    ],
  ] as const)('is told as such when it is %s', (_, text, kind, expected) => {
    expect(read(text, kind)).toEqual(expected);
  });
});
