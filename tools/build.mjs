// Bundles the server, the command line and the packages they use into dist/: reading some hundreds of small files would cost more than
// half of the start. Only what cannot be bundled stays outside: the native SQLite binding and 9 MB of sample payloads.
import { readFileSync } from 'node:fs';
import { chmod, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

/** A file that is read beside its module is not there beside the bundle: its text goes into the program. */
const textsInPlace = {
  name: 'texts in place',
  setup({ onLoad }) {
    const reading = /readFileSync\(new URL\('(\.[^']+)', import\.meta\.url\), 'utf8'\)/g;
    onLoad({ filter: /-text\.ts$/ }, async ({ path }) => ({
      loader: 'ts',
      contents: (await readFile(path, 'utf8')).replace(reading, (_, file) =>
        JSON.stringify(readFileSync(join(dirname(path), file), 'utf8')),
      ),
    }));
  },
};

await rm('dist', { recursive: true, force: true });
const result = await build({
  entryPoints: { tappet: 'src/cli/tappet.ts' },
  outdir: 'dist',
  bundle: true,
  plugins: [textsInPlace],
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
await chmod('dist/tappet.js', 0o755);
