import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAllowRule } from '../../src/http/allow-rule.ts';
import { locate } from '../../src/http/destination.ts';

/** The property of the outbound client: no way of writing a refused address gets past the check. */

const nobody = { allow: [], allowPrivate: false };

const refused4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const;

const number4 = (text: string): number => text.split('.').reduce((value, part) => value * 256 + Number(part), 0);

/** An IPv4 address of a refused range, as a number. */
const address4 = fc.constantFrom(...refused4).chain(([base, bits]) => {
  const size = 2 ** (32 - bits);
  return fc.integer({ min: 0, max: size - 1 }).map((offset) => number4(base) + offset);
});

type Radix = 8 | 10 | 16;
const radix = fc.constantFrom<Radix>(8, 10, 16);

function inRadix(value: number, base: Radix): string {
  return base === 10 ? String(value) : `${base === 8 ? '0' : '0x'}${value.toString(base)}`;
}

/** `parts` numbers, of which the last has what is left: `127.1`, `0x7f000001`. */
function inetAton(value: number, bases: readonly Radix[], parts: number): string {
  const bytes = [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256);
  const last = value % 2 ** (8 * (5 - parts));
  return [...bytes.slice(0, parts - 1), last].map((part, index) => inRadix(part, bases[index] ?? 10)).join('.');
}

const dotted = (value: number): string => inetAton(value, [], 4);
const hex4 = (value: number): string => [Math.floor(value / 65_536), value % 65_536].map((group) => group.toString(16)).join(':');

const text4 = fc
  .tuple(address4, fc.array(radix, { minLength: 4, maxLength: 4 }), fc.integer({ min: 1, max: 4 }))
  .chain(([value, bases, parts]) => {
    const plain = inetAton(value, bases, parts);
    return fc.constantFrom(
      plain,
      `${plain}.`,
      plain.toUpperCase().replaceAll('0X', '0x'),
      plain.replaceAll('.', '。'),
      plain.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
      plain.replace(/./g, (character) => `%${character.charCodeAt(0).toString(16)}`),
      `[::ffff:${dotted(value)}]`,
      `[::FFFF:${hex4(value)}]`,
      `[0:0:0:0:0:ffff:${hex4(value)}]`,
      `[::${dotted(value)}]`,
      `[::ffff:0:${hex4(value)}]`,
      `[64:ff9b::${dotted(value)}]`,
      `[64:ff9b::${hex4(value)}]`,
      `[2002:${hex4(value)}::]`,
      `[2002:${hex4(value)}:1:2:3:4:5]`,
    );
  });

/** Prefixes of refused IPv6 ranges, up to a group's border, and how the first group may differ. */
const address6 = fc
  .tuple(
    fc.oneof(
      fc.integer({ min: 0xfc00, max: 0xfdff }),
      fc.integer({ min: 0xfe80, max: 0xfeff }),
      fc.integer({ min: 0xff00, max: 0xffff }),
      fc.integer({ min: 0x0100, max: 0x1fff }),
      fc.integer({ min: 0x4000, max: 0xfbff }),
    ),
    fc.array(fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xffff }) }), {
      minLength: 7,
      maxLength: 7,
    }),
  )
  .map(([first, rest]) => [first, ...rest]);

const text6 = fc.tuple(address6, fc.constantFrom('full', 'padded', 'short', 'dotted'), fc.boolean()).map(([groups, form, upper]) => {
  const hex = groups.map((group) => group.toString(16).padStart(form === 'padded' ? 4 : 1, '0'));
  const plain = hex.join(':');
  const tail = dotted((groups[6] ?? 0) * 65_536 + (groups[7] ?? 0));
  const text =
    form === 'short' ? plain.replace(/(^|:)0(:0)+(:|$)/, '::') : form === 'dotted' ? `${hex.slice(0, 6).join(':')}:${tail}` : plain;
  return `[${upper ? text.toUpperCase() : text}]`;
});

const refusedText = fc.oneof(text4, text6, fc.constantFrom('[::1]', '[::]', '[0000:0000::0001]', '[::0.0.0.1]'));

async function verdict(host: string, resolve = async (): Promise<never> => Promise.reject(new Error('asked'))): Promise<string> {
  const url = URL.canParse(`http://${host}:8080/`) ? new URL(`http://${host}:8080/`) : undefined;
  if (url === undefined) return 'no URL';
  const located = await locate(url, { policy: nobody, privateNetwork: false, resolve });
  return located.ok ? 'called' : located.code;
}

describe('outbound addresses', () => {
  it('refuses every address of a refused range in every form, and asks no resolver about it', async () => {
    await fc.assert(
      fc.asyncProperty(refusedText, async (host) => {
        expect(await verdict(host)).toBe('Refused');
      }),
      { numRuns: 2_000 },
    );
  });

  it('refuses a name that has such an address, beside others and in whatever place', async () => {
    const bare = fc.oneof(
      address4.map(dotted),
      text6.map((text) => text.slice(1, -1)),
    );
    await fc.assert(
      fc.asyncProperty(
        bare,
        fc.array(fc.constantFrom<string>('8.8.8.8', '2606:4700::1111'), { maxLength: 3 }),
        fc.nat(3),
        async (bad, good, at) => {
          const addresses = good.toSpliced(at, 0, bad).map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
          const located = await locate(new URL('http://name.test/'), {
            policy: nobody,
            privateNetwork: false,
            resolve: async () => addresses,
          });
          expect(located).toMatchObject({ ok: false, code: 'Refused' });
        },
      ),
    );
  });

  it('never lets metadata through for a private network, nor by a range or a name that is allowed', async () => {
    const rules = ['0.0.0.0/0', '::/0', 'name.test'].map((text) => parseAllowRule(text)!);
    const metadata = ['169.254.169.254', '169.254.170.2', '100.100.100.200', '168.63.129.16', 'fd00:ec2::254', '::ffff:169.254.169.254'];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...metadata), fc.boolean(), fc.boolean(), async (address, privateNetwork, allowPrivate) => {
        const policy = { allow: rules, allowPrivate };
        const resolve = async (): Promise<{ address: string; family: number }[]> => [{ address, family: address.includes(':') ? 6 : 4 }];
        for (const host of ['name.test', address.includes(':') ? `[${address}]` : address])
          expect(await locate(new URL(`http://${host}/`), { policy, privateNetwork, resolve })).toMatchObject({ code: 'Refused' });
      }),
    );
  });
});
