import type { PlannedSidecar, PlannedStep, PodPlan } from '../../tasks/pod-plan.ts';
import { ContainerConfigError } from './environment.ts';

/**
 * Refuses, in the kubelet's words, a container that must not run as root and would, or of whose image only a user's name is known. `obeysUser`: false
 * where every container runs as the server's user, whatever it asks for.
 * Follows kubernetes/pkg/kubelet/kuberuntime/security_context.go, `verifyRunAsNonRoot`.
 */
export function refuseRoot(container: PlannedStep | PlannedSidecar, plan: PodPlan, imageUser: string, obeysUser: boolean): void {
  const ofPod = plan.podTemplate?.securityContext;
  const own = container.securityContext;
  if (!(own?.runAsNonRoot ?? ofPod?.runAsNonRoot)) return;
  const refuse = (why: string): ContainerConfigError =>
    new ContainerConfigError(`${why} (pod: "${plan.name}_${plan.namespace}(${plan.uid})", container: ${container.container})`);
  if (!obeysUser) {
    if (process.getuid?.() === 0)
      throw refuse('container has runAsNonRoot and plain processes run as the user of the server, which is root');
    return;
  }
  const asked = own?.runAsUser ?? ofPod?.runAsUser;
  if (asked !== undefined) {
    if (asked === 0) throw refuse("container's runAsUser breaks non-root policy");
    return;
  }
  const [user = ''] = imageUser.split(':');
  if (!/^[0-9]+$/.test(user))
    throw refuse(`container has runAsNonRoot and image has non-numeric user (${user}), cannot verify user is non-root`);
  if (Number(user) === 0) throw refuse('container has runAsNonRoot and image will run as root');
}
