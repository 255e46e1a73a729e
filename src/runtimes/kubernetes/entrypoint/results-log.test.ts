import { describe, expect, it } from 'vitest';
import { busybox, EntrypointWorld, type Shell, whereIs } from '../../../../test/support/entrypoint-world.ts';

const shells: readonly (readonly [string, Shell])[] = [
  ['busybox sh', [busybox ?? 'busybox', 'sh']],
  ['dash', [whereIs('dash') ?? 'dash']],
];

describe.skipIf(busybox === undefined).each(shells)('the log of results under %s', (_name, shell) => {
  it('prints what is there when the last step has ended, byte by byte', async () => {
    const world = new EntrypointWorld(shell);
    const odd = 'quote " back \\ tab \t ü 😀 \r\n\n';
    world.write('results/r', odd);
    world.write('steps/step-s0/results/mine.json', '[]');
    world.write('steps/step-s0/artifacts/provenance.json', '{}');
    const flags = ['-limit', '4096', '-results', 'r,absent', '-step_results', 'step-s0/mine.json,step-s0/no', '-steps', 'step-s0,step-s1'];
    const log = world.startResultsLog(2, flags);
    await world.run(0, ['true'], { flags: ['-results', 'r', '-results_elsewhere'] });
    expect(log.said()).toBe('');
    const last = await world.run(1, ['false'], { flags: ['-results', 'r', '-results_elsewhere'] });
    expect(last.termination?.taskResults).toEqual({});
    const ended = await log.ended;
    expect([ended.exitCode, lines(ended.output)]).toEqual([
      0,
      [
        { name: 'r', type: 'task', value: odd },
        { name: 'step-s0.mine.json', type: 'step', value: '[]' },
        { name: 'step-s0', type: 'stepArtifact', value: '{}' },
        { name: '', type: 'end', value: '' },
      ],
    ]);
  });

  it('names what is too large, and does not print it', async () => {
    const world = new EntrypointWorld(shell);
    // A line may be 100 bytes long, with name and type in it.
    for (const [name, bytes] of [
      ['fits', 60],
      ['just-not', 57],
      ['huge', 3_000_000],
    ] as const)
      world.write(`results/${name}`, 'x'.repeat(bytes));
    world.write('run/0/out', '');
    const { output } = await world.startResultsLog(1, ['-limit', '100', '-results', 'fits,just-not,huge']).ended;
    expect(output.split('\n')[0]).toHaveLength(100);
    expect(lines(output).slice(1)).toEqual([
      { name: 'just-not', type: 'task', bytes: 101, limit: 100 },
      { name: 'huge', type: 'task', bytes: 3_000_000, limit: 100 },
      { name: '', type: 'end', value: '' },
    ]);
  });

  it('goes on behind a last step that was killed, and ends when it is told to', async () => {
    const world = new EntrypointWorld(shell);
    const step = world.start(0, ['sh', '-c', 'echo up; exec sleep 30 > /dev/null 2>&1']);
    await step.says('up');
    const log = world.startResultsLog(1, []);
    const told = world.startResultsLog(1, []);
    await world.isOpen('run/0/ended', 'cat', 2);
    told.process.kill('SIGTERM');
    expect((await told.ended).exitCode).toBe(143);
    step.process.kill('SIGKILL');
    expect((await log.ended).exitCode).toBe(0);
  });
});

function lines(output: string): readonly unknown[] {
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}
