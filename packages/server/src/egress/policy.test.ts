import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRange } from './address.ts';
import { egressSection } from './config.ts';
import { type EgressRules, judgeAddress, type Trust } from './policy.ts';

const own = { addresses: () => ['10.0.0.5', '127.0.0.1', 'fe80::5'], ports: () => [8000] };
const ranges = (...texts: string[]) => texts.flatMap((text) => parseRange(text) ?? []);
const RULES: EgressRules = { allowPrivate: true, allowLoopback: false, allow: [], deny: [] };

const reason = (address: string, rules: Partial<EgressRules> = {}, port = 80, trust: Trust = 'api') =>
  judgeAddress(address, port, { trust, rules: { ...RULES, ...rules }, own })?.reason ?? null;

describe('judgeAddress', () => {
  it('lets public and private addresses pass, and refuses this machine, link-local and metadata', () => {
    expect(['1.1.1.1', '10.0.0.6', 'fd00::1'].map((address) => reason(address))).toEqual([null, null, null]);
    expect(
      [
        '127.0.0.1',
        '::1',
        '::ffff:127.0.0.1',
        '10.0.0.5',
        '::ffff:10.0.0.5',
        '169.254.169.254',
        'fd00:ec2::254',
      ].map((address) => reason(address)),
    ).toEqual(['loopback', 'loopback', 'loopback', 'loopback', 'loopback', 'metadata', 'metadata']);
    expect(
      ['169.254.0.1', 'fe80::1', '0.0.0.0', '224.0.0.1', '240.0.0.1'].map((address) => reason(address)),
    ).toEqual(['link-local', 'link-local', 'unspecified', 'multicast', 'reserved']);
  });

  it('follows the settings, of which deny is the strongest', () => {
    expect(reason('10.1.1.1', { allowPrivate: false })).toBe('private');
    expect(reason('10.1.1.1', { allowPrivate: false, allow: ranges('10.1.0.0/16') })).toBeNull();
    expect(reason('127.0.0.1', { allowLoopback: true })).toBeNull();
    expect(reason('169.254.169.254', { allow: ranges('169.254.169.254') })).toBeNull();
    expect(reason('::ffff:10.1.1.1', { deny: ranges('10.0.0.0/8') })).toBe('denied');
    expect(reason('10.1.1.1', { allow: ranges('10.1.1.1'), deny: ranges('10.0.0.0/8') })).toBe('denied');
  });

  it('never lets the API reach our own listeners, by no setting and no spelling', () => {
    const open = { allowLoopback: true, allow: ranges('0.0.0.0/0', '::/0') };
    for (const address of [
      '127.0.0.1',
      '127.9.9.9',
      '::1',
      '10.0.0.5',
      '0.0.0.0',
      '::',
      '::ffff:127.0.0.1',
      '::ffff:0.0.0.0',
    ])
      expect([address, reason(address, open, 8000)]).toEqual([address, 'own-listener']);
    expect(reason('10.0.0.6', open, 8000)).toBeNull();
  });

  it('trusts the configuration file', () => {
    for (const address of ['127.0.0.1', '169.254.169.254', '10.0.0.5'])
      expect(reason(address, {}, 8000, 'configured')).toBeNull();
  });

  it('lets strangers reach the public network alone, whatever is allowed to others', () => {
    const open = { allowLoopback: true, allowPrivate: true, allow: ranges('0.0.0.0/0', '::/0') };
    const all = [
      '10.0.0.6',
      '127.0.0.1',
      '10.0.0.5',
      '169.254.169.254',
      'fd00::1',
      '::ffff:10.0.0.6',
      '0.0.0.0',
    ];
    for (const address of all)
      expect([address, reason(address, open, 80, 'stranger') === null]).toEqual([address, false]);
    expect(reason('1.1.1.1', {}, 80, 'stranger')).toBeNull();
    expect(reason('1.1.1.1', { deny: ranges('1.1.1.1') }, 80, 'stranger')).toBe('denied');
  });

  it('has a message for every address, and never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), fc.nat(65_535), (address, port) => {
        const refusal = judgeAddress(address, port, { trust: 'api', rules: RULES, own });
        if (refusal !== null) expect(refusal.message).toMatch(/^is /);
      }),
    );
  });
});

describe('the section egress', () => {
  it('names a range that is none', () => {
    const parsed = egressSection.schema.safeParse({ allow: ['10.0.0.1/8'] });
    expect(parsed.error?.issues[0]?.message).toContain('"10.0.0.1/8" is not a range of addresses');
    expect(egressSection.schema.parse({ deny: ['10.0.0.0/8'] }).deny).toEqual(ranges('10.0.0.0/8'));
  });
});
