import { readFileSync } from 'node:fs';

/** What pods get of the entrypoint. The build puts the files' texts here. */
const json = readFileSync(new URL('./json.sh', import.meta.url), 'utf8');
const turn = readFileSync(new URL('./turn.sh', import.meta.url), 'utf8');
const entrypoint = readFileSync(new URL('./entrypoint.sh', import.meta.url), 'utf8');
const resultsLog = readFileSync(new URL('./results-log.sh', import.meta.url), 'utf8');
const substitute = readFileSync(new URL('./substitute.awk', import.meta.url), 'utf8');
const artifacts = readFileSync(new URL('./artifacts.awk', import.meta.url), 'utf8');

/** Every pod is stored with it: comments and indentation stay at home. Nothing in the scripts spans lines within quotes but text that has neither. */
export const entrypointText = stripped(json + turn + entrypoint);
export const resultsLogText = stripped(json + turn + resultsLog);
export const substituteText = stripped(substitute + artifacts);

function stripped(script: string): string {
  return script
    .replace(/^[ \t]*#.*\n/gm, '')
    .replace(/^ +/gm, '')
    .replace(/\n{2,}/g, '\n')
    .trimStart();
}
