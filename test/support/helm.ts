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

/** One that was built of its sources takes a chart for installed on a Kubernetes of long ago. */
const KUBE_VERSION = ['--kube-version', '1.36.0'];

/** What it prints. Throws with what it complained of. */
export function helm(args: readonly string[]): string {
  return execFileSync(HELM, ['template', 'lint'].includes(args[0] ?? '') ? [...args, ...KUBE_VERSION] : args, {
    stdio: 'pipe',
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, KUBECONFIG: '/dev/null' },
  }).toString();
}
