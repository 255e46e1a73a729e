// Bundles the server, the command line and the packages they use into dist/: reading some hundreds of small files would cost more than
// half of the start. Only what cannot be bundled stays outside: the native SQLite binding and 9 MB of sample payloads.
import { chmod, copyFile, rm } from 'node:fs/promises';
import { build } from 'esbuild';

await rm('dist', { recursive: true, force: true });
const result = await build({
  entryPoints: { tappet: 'src/cli/tappet.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  external: ['libsql', '@octokit/webhooks-examples'],
  sourcemap: true,
  legalComments: 'linked',
  chunkNames: 'chunks/[name]-[hash]',
  // Packages written as CommonJS ask for Node's own modules with `require`, which an ES module does not have.
  banner: {
    js: "#!/usr/bin/env node\nimport { createRequire as createRequireOfBundle } from 'node:module'; const require = createRequireOfBundle(import.meta.url);",
  },
  logLevel: 'warning',
});
if (result.errors.length > 0) process.exit(1);
// Beside the chunk that reads them.
for (const file of ['entrypoint.sh', 'substitute.awk']) await copyFile(`src/runtimes/kubernetes/entrypoint/${file}`, `dist/chunks/${file}`);
await chmod('dist/tappet.js', 0o755);
