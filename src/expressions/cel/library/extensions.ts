import type { Overload } from '../functions.ts';
import { encoders } from './encoders.ts';
import { lists } from './lists.ts';
import { math } from './math.ts';
import { sets } from './sets.ts';
import { strings } from './strings.ts';

/** The cel-go extension libraries that Tekton Triggers enables. */
export const extensionLibraries: readonly Overload[] = [...strings, ...encoders, ...sets, ...lists, ...math];
