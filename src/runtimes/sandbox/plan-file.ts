import type { PodMaterials } from '../../ports/runtime.ts';
import type { PodPlan } from '../../tasks/pod-plan.ts';
import { readJson, writeAtomically } from './files.ts';

/** An accepted pod, kept so that it can wait for its turn across restarts. Holds secrets: 0600, deleted when the pod has ended. */
export interface AcceptedPod {
  readonly plan: PodPlan;
  readonly materials: PodMaterials;
  readonly acceptedAt: number;
}

type Encoded = readonly (readonly [string, readonly (readonly [string, string])[]])[];

interface PlanFile {
  readonly plan: PodPlan;
  readonly configMaps: Encoded;
  readonly secrets: Encoded;
  readonly credentials?: readonly (readonly [string, string])[];
  readonly acceptedAt: number;
}

export function writePlan(file: string, { plan, materials, acceptedAt }: AcceptedPod): void {
  const { configMaps, secrets, credentials } = materials;
  const contents: PlanFile = {
    plan,
    configMaps: encode(configMaps),
    secrets: encode(secrets),
    ...(credentials && { credentials: [...credentials] }),
    acceptedAt,
  };
  writeAtomically(file, JSON.stringify(contents));
}

export function readPlan(file: string): AcceptedPod | undefined {
  const contents = readJson<PlanFile>(file);
  if (contents === undefined) return undefined;
  const { plan, configMaps, secrets, credentials, acceptedAt } = contents;
  return {
    plan,
    materials: { configMaps: decode(configMaps), secrets: decode(secrets), credentials: new Map(credentials ?? []) },
    acceptedAt,
  };
}

function encode(sources: PodMaterials['secrets']): Encoded {
  return [...sources].map(([name, data]) => [name, [...data].map(([key, value]) => [key, value.toString('base64')])]);
}

function decode(sources: Encoded): PodMaterials['secrets'] {
  return new Map(sources.map(([name, data]) => [name, new Map(data.map(([key, value]) => [key, Buffer.from(value, 'base64')]))]));
}
