import type { MountTable } from '../mounts.ts';

/**
 * Replaces a container's paths by this machine's, where a whole path begins: `/workspace/x` and `"$(cat /tekton/results/y)"`, but not
 * `$HOME/workspace`, `./workspace` or `/workspaces`. Text that puts a path together at run time is out of reach.
 */
export function pathRewriter(mounts: MountTable): (text: string) => string {
  const sources = new Map(mounts.map(({ path, source }) => [path, source]));
  const paths = [...sources.keys()].sort((a, b) => b.length - a.length).map((path) => path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  if (paths.length === 0) return (text) => text;
  const pattern = new RegExp(`(?<![A-Za-z0-9_.~})/-])(?:${paths.join('|')})(?![A-Za-z0-9_.-])`, 'g');
  return (text) => text.replace(pattern, (path) => sources.get(path) ?? path);
}
