// Bundles the server, the command line and the packages they use into dist/: reading some hundreds of small files would cost more than
// half of the start. Only what cannot be bundled stays outside: the native SQLite binding and 9 MB of sample payloads.
import { chmod, readFile, rm } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/** Files named `…-text.ts` read texts that lie beside them; what is built has the texts in it. */
const embeddedTexts = {
  name: 'embedded-texts',
  setup(build) {
    build.onLoad({ filter: /-text\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const reads = /readFileSync\(new URL\('([^']+)', import\.meta\.url\), 'utf8'\)/g;
      const texts = new Map();
      for (const [, file] of source.matchAll(reads)) texts.set(file, await readFile(new URL(file, pathToFileURL(path)), 'utf8'));
      return { loader: 'ts', contents: source.replaceAll(reads, (_whole, file) => JSON.stringify(texts.get(file))) };
    });
  },
};

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
  plugins: [embeddedTexts],
});
if (result.errors.length > 0) process.exit(1);
await chmod('dist/tappet.js', 0o755);
