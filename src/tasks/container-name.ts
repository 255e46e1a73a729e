const longest = 63;

/** `step-build`, `step-unnamed-0`: upstream's container name for a step, cut to a DNS label. */
export function stepContainerName(name: string | undefined, index: number): string {
  return cut(name ? `step-${name}` : `step-unnamed-${index}`);
}

/** `sidecar-db`. */
export function sidecarContainerName(name: string | undefined, index: number): string {
  return cut(name ? `sidecar-${name}` : `sidecar-unnamed-${index}`);
}

/** The step's name as statuses show it: `build`, `unnamed-0`. */
export function stepName(name: string | undefined, index: number): string {
  return stepContainerName(name, index).slice('step-'.length);
}

export function sidecarName(name: string | undefined, index: number): string {
  return sidecarContainerName(name, index).slice('sidecar-'.length);
}

function cut(name: string): string {
  return name.slice(0, longest).replace(/[^a-zA-Z0-9]+$/, '');
}
