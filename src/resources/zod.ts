import { config, z } from 'zod';

/**
 * Zod compiles fast parsers with `Function` unless told not to. We never evaluate generated code, so every schema of ours
 * imports `z` from here, after this line has run.
 */
config({ jitless: true });

export { z };
