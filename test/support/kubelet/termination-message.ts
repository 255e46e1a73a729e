import { readFileSync } from 'node:fs';
import type { Container, Pod } from './pod.ts';

/** Of one container, of all of a pod together (kubernetes pkg/kubelet/container/runtime.go), and of a log that stands in for it. */
const MOST_BYTES = 4096;
const MOST_POD_BYTES = 12 * 1024;
const MOST_LOG_BYTES = 2048;
const MOST_LOG_LINES = 80;

/**
 * A container's last words: the end of its file, or of its log where the policy says so and it failed without any. The status keeps the beginning of
 * them, an equal part for every container. Follows kubernetes pkg/kubelet/kuberuntime/kuberuntime_container.go, `getTerminationMessage`, and
 * pkg/kubelet/status/status_manager.go, `normalizeStatus`.
 */
export function terminationMessage(pod: Pod, container: Container, file: string, exitCode: number, log: string): string | undefined {
  const { initContainers = [], containers } = pod.spec;
  const share = Math.floor(MOST_POD_BYTES / (initContainers.length + containers.length));
  const written = lastBytes(readFileSync(file), MOST_BYTES);
  const fallsBack = container.terminationMessagePolicy === 'FallbackToLogsOnError' && written.length === 0 && exitCode !== 0;
  const message = fallsBack ? lastBytes(Buffer.from(lastLines(log)), MOST_LOG_BYTES) : written;
  return message.length === 0 ? undefined : message.subarray(0, share).toString();
}

function lastBytes(text: Buffer, count: number): Buffer {
  return text.subarray(Math.max(0, text.length - count));
}

function lastLines(log: string): string {
  const lines = log.split(/(?<=\n)/);
  return lines.slice(-MOST_LOG_LINES).join('');
}
