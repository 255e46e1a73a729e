import { type CelEnvironment, createEnvironment } from '../environment.ts';
import type { Overload } from '../functions.ts';
import { conversions } from './conversions.ts';
import { operators } from './operators.ts';
import { text } from './text.ts';
import { time } from './time.ts';

/** CEL's standard library. */
export const standardLibrary: readonly Overload[] = [...operators, ...conversions, ...text, ...time];

/** Plain CEL without variables, as `when.cel` of a pipeline task has it. */
export const standardEnvironment: CelEnvironment = createEnvironment({ libraries: [standardLibrary] });
