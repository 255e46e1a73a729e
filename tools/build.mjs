// Bundles the server and the command line into dist/: one file to start, the heavy and native packages stay outside and are loaded on demand.
import { chmod, rm } from 'node:fs/promises';
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
  packages: 'external',
  sourcemap: true,
  chunkNames: 'chunks/[name]-[hash]',
  banner: { js: '#!/usr/bin/env node' },
  logLevel: 'warning',
});
if (result.errors.length > 0) process.exit(1);
await chmod('dist/tappet.js', 0o755);
