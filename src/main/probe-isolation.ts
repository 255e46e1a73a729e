import { probeBubblewrap } from '../runtimes/sandbox/bubblewrap/probe-bubblewrap.ts';

export type IsolationProbe = { readonly ok: true } | { readonly ok: false; readonly message: string; readonly remedy: string };

/** Whether steps can be put into sandboxes on this machine: found out by making one. */
export function probeIsolation(): Promise<IsolationProbe> {
  return probeBubblewrap();
}
