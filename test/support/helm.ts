import { execFileSync } from 'node:child_process';

const HELM = process.env['TAPPET_TEST_HELM'] ?? 'helm';

/** Whether there is a `helm`: the one that TAPPET_TEST_HELM names, or on the path. */
export function hasHelm(): boolean {
  try {
    helm(['version']);
    return true;
  } catch {
    return false;
  }
}

/** What it prints. Throws with what it complained of. */
export function helm(args: readonly string[]): string {
  return execFileSync(HELM, args, {
    stdio: 'pipe',
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, KUBECONFIG: '/dev/null' },
  }).toString();
}
