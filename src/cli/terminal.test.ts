import { describe, expect, it } from 'vitest';
import { oneLine, plainOutput, printable, terminalOf } from './terminal.ts';

const tty = { isTTY: true, columns: 80, rows: 24 } as NodeJS.WriteStream;
const pipe = {} as NodeJS.WriteStream;

describe('terminalOf', () => {
  it.each([
    ['a terminal', tty, {}, [true, 80, '\u001b[31mx\u001b[0m']],
    ['NO_COLOR', tty, { NO_COLOR: '1' }, [true, 80, 'x']],
    ['an empty NO_COLOR, which counts for nothing', tty, { NO_COLOR: '' }, [true, 80, '\u001b[31mx\u001b[0m']],
    ['a dumb terminal', tty, { TERM: 'dumb' }, [false, Number.POSITIVE_INFINITY, 'x']],
    ['a pipe', pipe, {}, [false, Number.POSITIVE_INFINITY, 'x']],
  ])('%s', (_, stream, environment, expected) => {
    const terminal = terminalOf(stream, environment);
    expect([terminal.interactive, terminal.width, terminal.paint('red', 'x')]).toEqual(expected);
  });
});

describe('what steps write', () => {
  const hostile = 'a\u001b[31mred\u001b[0m\u001b]0;title\u0007b\u001b[2Jc\u001b[1;1Hd\u0008\u009b5n';

  it('keeps colours in a terminal, and nothing else that could move it', () => {
    expect(terminalOf(tty, {}).output(hostile)).toBe('a\u001b[31mred\u001b[0mbcd\ufffd\ufffd5n\u001b[0m');
  });

  it('has no colours where the user wants none', () => {
    expect(terminalOf(tty, { NO_COLOR: '1' }).output(hostile)).toBe('aredbcd\ufffd\ufffd5n');
  });

  it('is passed on as it is when piped', () => {
    expect(terminalOf(pipe, {}).output(hostile)).toBe(hostile);
  });

  it.each([
    ['10%\r50%\r100%', '100%'],
    ['100%\r', '100%'],
    ['windows\r\r', 'windows'],
    ['\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\', 'link'],
    ['\u001b]0;never ended', ''],
    ['\u001b', '\ufffd'],
  ])('%j shows as %j', (line, shown) => {
    expect(plainOutput(line)).toBe(shown);
  });
});

describe('foreign text', () => {
  it('has no control characters left, nor any that turn the direction of writing', () => {
    expect(printable('a\u001b[2Jb\u0000c\u009bd\u202ee\u2066f\r')).toBe('a\ufffd[2Jb\ufffdc\ufffdd\ufffde\ufffdf\ufffd');
  });

  it('keeps line breaks, or becomes one line', () => {
    expect([printable('a\n\tb'), oneLine(' a \r\n\tb\u2028c\n')]).toEqual(['a\n  b', 'a b c']);
  });
});
