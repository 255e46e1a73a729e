import { expect, it } from 'vitest';
import { pathRewriter } from './rewrite-paths.ts';

const mount = (path: string, source: string) => ({ path, source, readOnly: false, isFile: false });
const rewrite = pathRewriter([
  mount('/workspace', '/d/w'),
  mount('/workspace/src', '/claims/$&'),
  mount('/tekton', '/d/t'),
  mount('/a+b', '/d/ab'),
]);

it.each([
  ['/workspace', '/d/w'],
  ['/workspace/x', '/d/w/x'],
  ['/workspace/src/x', '/claims/$&/x'],
  ['/workspace/srcs', '/d/w/srcs'],
  ['cat "/tekton/results/r" > /workspace/out', 'cat "/d/t/results/r" > /d/w/out'],
  ['PATH=$PATH:/workspace/bin', 'PATH=$PATH:/d/w/bin'],
  ['--out=/workspace', '--out=/d/w'],
  ['/a+b/c /aab', '/d/ab/c /aab'],
  [
    '$HOME/workspace ./workspace ${X}/workspace ~/workspace /opt/workspace',
    '$HOME/workspace ./workspace ${X}/workspace ~/workspace /opt/workspace',
  ],
  ['/workspaces /workspace-2 /workspace.old', '/workspaces /workspace-2 /workspace.old'],
])('%s becomes %s', (text, expected) => {
  expect(rewrite(text)).toBe(expected);
});
