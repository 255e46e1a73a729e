import { type CelEnvironment, createEnvironment } from '../environment.ts';
import { operators } from '../library/operators.ts';
import { headerFunctions } from './header.ts';

/** Interceptor expressions, as Tekton Triggers' CEL interceptor sets them up. */
export const tektonTriggersEnvironment: CelEnvironment = createEnvironment({
  variables: {
    body: 'map(string, dyn)',
    header: 'map(string, dyn)',
    extensions: 'map(string, dyn)',
    requestURL: 'string',
  },
  libraries: [operators, headerFunctions],
});
