import { describe, expect, it } from 'vitest';
import { matchesGlob, parseImageMap, parseImageMapArguments, serveImage } from './image-map.ts';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

describe('parseImageMapArguments', () => {
  it('reads PATTERN=host and PATTERN=/path', () => {
    expect(parseImageMapArguments(['*=host', 'busybox=/srv/roots/busybox=1'])).toEqual({
      ok: true,
      map: [
        { pattern: '*', serves: 'host' },
        { pattern: 'busybox', serves: '/srv/roots/busybox=1' },
      ],
    });
  });

  it('reports every entry that is wrong', () => {
    expect(parseImageMapArguments(['busybox', '=host', 'a=relative/root', 'b=/'])).toEqual({
      ok: false,
      errors: [
        'image map: images.0.serves: Invalid input: expected string, received undefined',
        'image map: images.1.pattern: Too small: expected string to have >=1 characters',
      ],
    });
    expect(parseImageMapArguments(['a=relative/root', 'b=/'])).toEqual({
      ok: false,
      errors: [
        'image map: images.0 ("a"): got "relative/root", expected "host" or the absolute path of an unpacked image root',
        'image map: images.1 ("b"): got "/", expected "host" if this machine\'s own programs are meant',
      ],
    });
  });
});

describe('parseImageMap', () => {
  it('reads the file form', () => {
    const images = [
      { pattern: 'bash', serves: 'host', entrypoint: ['bash'], cmd: ['-l'], env: { A: 'b' }, user: '1000:1000', workingDir: '/src' },
    ];
    expect(parseImageMap({ images })).toEqual({ ok: true, map: images });
  });

  it('refuses what it does not know', () => {
    expect(parseImageMap({ images: [{ pattern: 'a', serves: 'host', entryPoint: ['x'] }] })).toEqual({
      ok: false,
      errors: ['image map: images.0: Unrecognized key: "entryPoint"'],
    });
    expect(parseImageMap('x')).toMatchObject({ ok: false });
  });
});

describe('serveImage', () => {
  const served = (pattern: string, image: string): boolean => serveImage([{ pattern, serves: 'host' }], image).type === 'served';

  it.each([
    ['*', 'anything/at-all:1'],
    ['busybox', 'busybox'],
    ['busybox', 'busybox:1.36'],
    ['busybox', `docker.io/library/busybox:1.36@${DIGEST}`],
    ['docker.io/library/busybox', 'busybox'],
    ['docker.io/busybox', 'library/busybox'],
    ['busybox:1.*', 'busybox:1.36'],
    ['busybox:latest', 'busybox'],
    ['ghcr.io/*/app', 'ghcr.io/a/b/app:2'],
    [`app@${DIGEST}`, `app@${DIGEST}`],
    ['node:2?', 'node:22'],
  ])('%s covers %s', (pattern, image) => {
    expect(served(pattern, image)).toBe(true);
  });

  it.each([
    ['busybox', 'busybox2'],
    ['busybox', 'team/busybox'],
    ['busybox:1.36', 'busybox:1.37'],
    ['busybox:latest', `busybox@${DIGEST}`],
    ['docker.io/*', 'ghcr.io/a/b'],
    ['node:2?', 'node:220'],
  ])('%s does not cover %s', (pattern, image) => {
    expect(served(pattern, image)).toBe(false);
  });

  it('takes the first that fits', () => {
    expect(
      serveImage(
        [
          { pattern: 'b*', serves: '/one' },
          { pattern: '*', serves: 'host' },
        ],
        'busybox',
      ),
    ).toEqual({ type: 'served', by: { pattern: 'b*', serves: '/one' } });
  });

  it('names the image and the remedy when nothing does', () => {
    expect(serveImage([], 'docker.io/library/golang:1.24')).toEqual({
      type: 'refused',
      reason: 'ImagePullBackOff',
      message:
        'Back-off pulling image "docker.io/library/golang:1.24": nothing on this machine serves it. Say what does with --image-map ' +
        "'golang=host' (this machine's own programs) or --image-map 'golang=/path/to/unpacked/root'.",
    });
  });

  it('tells nonsense from the unknown', () => {
    expect(serveImage([{ pattern: '*', serves: 'host' }], 'Not An Image')).toMatchObject({ reason: 'InvalidImageName' });
  });
});

describe('matchesGlob', () => {
  it('stays fast on patterns made to be slow', () => {
    expect(matchesGlob(`${'*a'.repeat(200)}b`, 'a'.repeat(2_000))).toBe(false);
  });
});
