import { isAbsolute, normalize } from 'node:path';
import { z } from '../../resources/zod.ts';
import { parseImageReference, spellings } from './image-reference.ts';

/** What stands in for images whose reference matches `pattern`. */
export interface ImageMapEntry {
  /** `*` stands for any text, `?` for one character. Tag and digest may be left out: `busybox` covers `docker.io/library/busybox:1.36@sha256:…`. */
  readonly pattern: string;
  /** `host`: this machine's own programs. Else the absolute path of a folder an image was unpacked into. */
  readonly serves: string;
  readonly entrypoint?: readonly string[] | undefined;
  readonly cmd?: readonly string[] | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** `uid`, `uid:gid` or a name in the root's `/etc/passwd`. */
  readonly user?: string | undefined;
  readonly workingDir?: string | undefined;
}

/** In order; the first match serves. */
export type ImageMap = readonly ImageMapEntry[];

export type ImageMapParse = { readonly ok: true; readonly map: ImageMap } | { readonly ok: false; readonly errors: readonly string[] };

export type ServedImage =
  | { readonly type: 'served'; readonly by: ImageMapEntry }
  /** `reason` as Kubernetes words it for a waiting container. */
  | { readonly type: 'refused'; readonly reason: 'ImagePullBackOff' | 'InvalidImageName'; readonly message: string };

const entrySchema = z.strictObject({
  pattern: z.string().min(1),
  serves: z.string().min(1),
  entrypoint: z.array(z.string()).optional(),
  cmd: z.array(z.string()).optional(),
  env: z.record(z.string().regex(/^[^=\0]+$/), z.string()).optional(),
  user: z.string().optional(),
  workingDir: z.string().startsWith('/').optional(),
});

/** `PATTERN=host` or `PATTERN=/path/to/root`, as given to `--image-map`. */
export function parseImageMapArguments(values: readonly string[]): ImageMapParse {
  return parseImageMap({
    images: values.map((value) => {
      const split = value.indexOf('=');
      return split < 0 ? { pattern: value } : { pattern: value.slice(0, split), serves: value.slice(split + 1) };
    }),
  });
}

/** The file form, already parsed: `{images: [{pattern, serves, entrypoint?, cmd?, env?, user?, workingDir?}]}`. */
export function parseImageMap(raw: unknown): ImageMapParse {
  const parsed = z.strictObject({ images: z.array(entrySchema) }).safeParse(raw);
  if (!parsed.success) {
    return { ok: false, errors: parsed.error.issues.map((issue) => `image map: ${issue.path.join('.') || 'the file'}: ${issue.message}`) };
  }
  const errors = parsed.data.images.flatMap((entry, index) => {
    const problem = problemOf(entry.serves);
    return problem === undefined ? [] : [`image map: images.${index} (${JSON.stringify(entry.pattern)}): ${problem}`];
  });
  return errors.length > 0 ? { ok: false, errors } : { ok: true, map: parsed.data.images };
}

export function serveImage(map: ImageMap, image: string): ServedImage {
  const reference = parseImageReference(image);
  if (reference === undefined) {
    return {
      type: 'refused',
      reason: 'InvalidImageName',
      message: `Failed to apply default image tag ${JSON.stringify(image)}: couldn't parse image name: invalid reference format`,
    };
  }
  const tag = reference.tag ?? (reference.digest === undefined ? 'latest' : undefined);
  const tails = ['', ...(tag === undefined ? [] : [`:${tag}`]), ...(reference.digest === undefined ? [] : [`@${reference.digest}`])];
  const names = new Set([image, ...spellings(reference).flatMap((name) => tails.map((tail) => name + tail))]);
  const by = map.find((entry) => [...names].some((name) => matchesGlob(entry.pattern, name)));
  if (by !== undefined) return { type: 'served', by };
  return {
    type: 'refused',
    reason: 'ImagePullBackOff',
    message:
      `Back-off pulling image ${JSON.stringify(image)}: nothing on this machine serves it. Say what does with --image-map ` +
      `'${spellings(reference)[0] ?? image}=host' (this machine's own programs) or --image-map '${spellings(reference)[0] ?? image}=/path/to/unpacked/root'.`,
  };
}

/** Greedy with one way back: time grows with the product of the lengths at worst, never exponentially. */
export function matchesGlob(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p++;
      resume = t;
    } else if (pattern[p] === '?' || pattern[p] === text[t]) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++resume;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

function problemOf(serves: string): string | undefined {
  if (serves === 'host') return undefined;
  if (!isAbsolute(serves)) return `got ${JSON.stringify(serves)}, expected "host" or the absolute path of an unpacked image root`;
  if (normalize(serves) === '/') return 'got "/", expected "host" if this machine\'s own programs are meant';
  return undefined;
}
