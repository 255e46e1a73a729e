import { hashedName } from '../../resources/naming/hashed-name.ts';
import type { KubeObject, Stored } from '../../resources/object.ts';
import type { RunAction } from '../../resources/run-action/schema.ts';
import { RUN_ACTION } from '../../resources/run-annotations.ts';
import { again, generateNameOf } from '../rerun/again.ts';
import { EVENT_ID, label } from './selected-runs.ts';

/**
 * The whole run once more. It belongs to the action's event, if that has one. Its name is always the same for the same action and run.
 */
export function rerunOf(run: Stored, action: Stored<RunAction>): KubeObject {
  const event = label(action, EVENT_ID);
  const next = again(run);
  return {
    ...next,
    metadata: {
      ...next.metadata,
      name: hashedName(generateNameOf(run), [action.metadata.uid, run.kind, run.metadata.name]),
      labels: { ...next.metadata.labels, ...(event === '' ? {} : { [EVENT_ID]: event }), [RUN_ACTION]: action.metadata.uid },
    },
  };
}
