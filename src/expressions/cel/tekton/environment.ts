import { type CelEnvironment, createEnvironment } from '../environment.ts';
import { extensionLibraries } from '../library/extensions.ts';
import { standardLibrary } from '../library/standard.ts';
import { headerFunctions } from './header.ts';
import { isCredentialHeader } from './header-name.ts';
import { jsonFunctions } from './json.ts';
import { stringFunctions } from './strings.ts';
import { translateFunctions } from './translate.ts';
import { urlFunctions } from './url.ts';
import { yamlFunctions } from './yaml.ts';

/** Interceptor expressions, as Tekton Triggers' CEL interceptor sets them up. */
export const tektonTriggersEnvironment: CelEnvironment = createEnvironment({
  variables: {
    body: 'map(string, dyn)',
    /** Canonical names to lists of values. */
    header: 'map(string, dyn)',
    extensions: 'map(string, dyn)',
    /** Path and query. */
    requestURL: 'string',
  },
  libraries: [
    standardLibrary,
    extensionLibraries,
    headerFunctions,
    stringFunctions,
    jsonFunctions,
    yamlFunctions,
    urlFunctions,
    translateFunctions,
  ],
  conceals: ([variable, name]) => variable === 'header' && (name === undefined || isCredentialHeader(name)),
});
