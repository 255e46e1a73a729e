import { execFileSync } from 'node:child_process';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { completion } from './completion.ts';

const program = new Command('tappet');
program.command('serve').description('run the server').option('--api <host:port>', "the API's address");
program.command('get').description('list').argument('<kind>').option('-o, --output <format>', 'format');
program.command('schedules').description('schedules').command('run');

/** What bash offers for the last of these words. */
function offered(...words: string[]): string[] {
  const script = `${completion(program, 'bash')}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')})
COMP_CWORD=${words.length - 1}
_tappet
printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', script]).toString().split('\n').filter(Boolean);
}

describe('completion', () => {
  it('offers commands, options, kinds and commands below', () => {
    expect(offered('tappet', '')).toEqual(['serve', 'get', 'schedules']);
    expect(offered('tappet', 's')).toEqual(['serve', 'schedules']);
    expect(offered('tappet', 'serve', '--')).toEqual(['--api']);
    expect(offered('tappet', 'get', 'pipe')).toEqual(['pipelines', 'pipelineruns']);
    expect(offered('tappet', 'schedules', '')).toEqual(['run']);
    expect(offered('tappet', 'serve', 'some-file')).toEqual([]);
  });

  it('speaks to zsh and fish', () => {
    expect(completion(program, 'zsh')).toContain('bashcompinit');
    expect(completion(program, 'fish')).toContain(
      "complete -c tappet -n '__fish_seen_subcommand_from serve' -l api -d 'the API\\'s address'",
    );
    expect(() => completion(program, 'csh')).toThrow('completion: got "csh", expected bash, zsh or fish');
  });
});
