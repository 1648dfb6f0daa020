import { BlockList } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AddressKind, inRange, kindOf, parseIp, parseRange } from './address.ts';

const kind = (text: string): AddressKind | null => {
  const ip = parseIp(text);
  return ip === null ? null : kindOf(ip);
};

describe('kindOf', () => {
  it.each<readonly [AddressKind, readonly string[]]>([
    ['public', ['8.8.8.8', '1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00::1']],
    ['private', ['10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.0.1', '100.64.0.1', 'fd12::1']],
    ['loopback', ['127.0.0.1', '127.255.255.254', '::1']],
    ['link-local', ['169.254.1.1', 'fe80::1', 'fe80::1%eth0', 'febf::1']],
    ['metadata', ['169.254.169.254', '169.254.170.2', 'fd00:ec2::254', '100.100.100.200', '168.63.129.16']],
    ['unspecified', ['0.0.0.0', '0.1.2.3', '::']],
    ['multicast', ['224.0.0.1', '239.1.1.1', '255.255.255.255', 'ff02::1']],
    ['reserved', ['192.0.2.1', '198.18.0.1', '240.0.0.1', '2001:db8::1', '64:ff9b:1::a9fe:a9fe']],
  ])('%s', (expected, addresses) => {
    for (const address of addresses) expect([address, kind(address)]).toEqual([address, expected]);
  });

  it('sees the IPv4 address inside an IPv6 one, however it is written', () => {
    for (const address of [
      '::ffff:169.254.169.254',
      '::ffff:a9fe:a9fe',
      '0:0:0:0:0:FFFF:A9FE:A9FE',
      '::169.254.169.254',
      '::ffff:0:169.254.169.254',
      '64:ff9b::169.254.169.254',
      '64:ff9b::a9fe:a9fe',
      '2002:a9fe:a9fe::1',
      '2001:0:4136:e378:8000:63bf:5601:5601',
      '2a00:1:2:3:0:5efe:a9fe:a9fe',
    ])
      expect([address, kind(address)]).toEqual([address, 'metadata']);
    expect([kind('::ffff:127.0.0.1'), kind('64:ff9b::10.0.0.1'), kind('::ffff:8.8.8.8')]).toEqual([
      'loopback',
      'private',
      'public',
    ]);
  });

  it('refuses to read what is no address', () => {
    for (const text of [
      '',
      'localhost',
      '127.1',
      '0x7f000001',
      '2130706433',
      '1.2.3.4.5',
      ':::',
      '1.2.3.256',
    ])
      expect(kind(text)).toBeNull();
  });
});

describe('ranges', () => {
  it('are as node:net reads them, for any address and prefix', () => {
    const v4 = fc.ipV4();
    const v6 = fc.ipV6();
    fc.assert(
      fc.property(
        fc.oneof(fc.tuple(v4, v4, fc.nat(32)), fc.tuple(v6, v6, fc.nat(128))),
        ([base, address, prefix]) => {
          const [ip, start] = [parseIp(address), parseIp(base)];
          if (ip === null || start === null) throw new Error(`${address} or ${base} was not read`);
          const rest = BigInt((start.family === 4 ? 32 : 128) - prefix);
          const range = { ...start, prefix, value: (start.value >> rest) << rest };
          const list = new BlockList();
          list.addSubnet(base, prefix, start.family === 4 ? 'ipv4' : 'ipv6');
          // BlockList looks through mapped addresses, a range of ours is what it says.
          if (ip.family === start.family)
            expect(inRange(ip, range)).toBe(list.check(address, ip.family === 4 ? 'ipv4' : 'ipv6'));
        },
      ),
    );
  });

  it('are refused when they are none', () => {
    for (const text of [
      '10.0.0.0/33',
      '10.0.0.1/8',
      '10.0.0.0/',
      '10.0.0.0/8/8',
      'a/8',
      'fe80::1%eth0/64',
      '',
    ])
      expect(parseRange(text)).toBeNull();
    expect([parseRange('10.0.0.0/8')?.prefix, parseRange('::1')?.prefix, parseRange('::/0')?.prefix]).toEqual(
      [8, 128, 0],
    );
  });
});
