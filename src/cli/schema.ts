import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isCustom, type ResourceType, resourceTypes, typeOfGroupKind } from '../resources/registry.ts';
import { editorSchemaOf, editorSchemaOfAll } from '../resources/schemas/editor-schema.ts';
import { CliError, exitCodes } from './cli-error.ts';
import { findKind } from './find-kind.ts';

export interface SchemaOptions {
  readonly output?: string | undefined;
}

/** Prints the JSON Schema of one kind, or of all in one; with a folder writes them all, a file a kind and `all.json`. */
export async function schema(word: string | undefined, { output }: SchemaOptions): Promise<void> {
  const types = resourceTypes.filter(isCustom);
  if (output === undefined) {
    process.stdout.write(`${text(word === undefined ? editorSchemaOfAll(types) : editorSchemaOf(kindOf(word)))}\n`);
    return;
  }
  if (word !== undefined)
    throw new CliError(exitCodes.usage, `--output writes the schemas of all kinds; leave out "${word}", or redirect the output`);
  await mkdir(output, { recursive: true });
  const files = [...types.map((type) => [fileName(type), editorSchemaOf(type)] as const), ['all.json', editorSchemaOfAll(types)] as const];
  for (const [name, content] of files) await writeFile(join(output, name), `${text(content)}\n`);
  process.stdout.write(
    `${files.length} schemas in ${output}; in a YAML file: # yaml-language-server: $schema=${join(output, 'all.json')}\n`,
  );
}

function kindOf(word: string): ResourceType {
  const type = typeOfGroupKind(findKind(word));
  if (type === undefined) throw new CliError(exitCodes.usage, `unknown kind "${word}"`);
  return type;
}

function fileName({ group, kind, version }: ResourceType): string {
  return `${kind.toLowerCase()}-${group}-${version}.json`;
}

function text(content: unknown): string {
  return JSON.stringify(content, undefined, 1);
}
