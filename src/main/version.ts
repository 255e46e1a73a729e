import packageJson from '../../package.json' with { type: 'json' };

/** Tappet's own version; the bundler puts it into the program. */
export const VERSION: string = packageJson.version;
