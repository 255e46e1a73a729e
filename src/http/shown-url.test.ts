import { describe, expect, it } from 'vitest';
import { shownText, shownUrl } from './shown-url.ts';

describe('URLs in messages', () => {
  it.each([
    ['https://example.com:8443/a/b?token=x#y', 'https://example.com:8443/a/b'],
    ['https://user:pass@example.com/', 'https://example.com/'],
    [
      'https://hooks.slack.com/services/T00000000/B00000000/abcdEFGH1234ijklMNOP5678',
      'https://hooks.slack.com/services/T00000000/B00000000/…',
    ],
    ['https://discord.com/api/webhooks/1234567890/aBcD_1234-efgh5678IJKL', 'https://discord.com/api/webhooks/1234567890/…'],
    ['https://api.telegram.org/bot123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11/sendMessage', 'https://api.telegram.org/…/sendMessage'],
    [
      'https://api.github.com/repos/o/r/statuses/ec26c3e57ca3a959ca5aad62de7213c562f8c821',
      'https://api.github.com/repos/o/r/statuses/ec26c3e57ca3a959ca5aad62de7213c562f8c821',
    ],
  ])('%s is shown without what may be secret', (url, shown) => {
    expect(shownUrl(new URL(url))).toBe(shown);
  });

  it.each([
    ['http://[/a?b', 'http://[/a'],
    ['http://user:pass@[/a', '…@[/a'],
    ['http://a@b@[/', '…@[/'],
    ['a\n?secret', 'a\n'],
  ])('%j, which is none, is shown as %j', (text, shown) => {
    expect(shownText(text)).toBe(shown);
  });

  it('are not shown at any length', () => {
    expect(shownUrl(new URL(`https://example.com/${'a/'.repeat(500)}`))).toHaveLength(201);
    expect(shownText('a'.repeat(1_000))).toHaveLength(201);
  });
});
