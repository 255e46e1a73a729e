import { stat } from 'node:fs/promises';
import { type Applied, apply } from './apply.ts';
import type { CliContext } from './context.ts';
import { findManifestFiles } from './find-manifest-files.ts';
import { cannotRead } from './read-manifests.ts';

export interface ImportOptions {
  readonly files: readonly string[];
  readonly dryRun?: boolean | undefined;
}

/** Applies files that a server has written, folders with all below them: without what that server noted of the objects. */
export async function importAll(context: CliContext, { files, dryRun }: ImportOptions): Promise<readonly Applied[]> {
  const expanded = await Promise.all(
    files.map(async (path) => {
      const isFolder = path !== '-' && (await stat(path).catch(cannotRead(path))).isDirectory();
      return isFolder ? (await findManifestFiles(path)).map((found) => found.path) : [path];
    }),
  );
  return apply(context, { files: expanded.flat(), dryRun, fromServer: true });
}
