import { isIP } from 'node:net';

/** An IP address as a number; zone identifiers (`%eth0`) are dropped. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly value: bigint;
}

export interface IpRange extends IpAddress {
  /** Length of the prefix in bits. */
  readonly prefix: number;
}

/** What an address stands for, as far as it matters to who may be asked to connect to it. */
export type AddressKind =
  | 'public'
  | 'private'
  | 'loopback'
  | 'link-local'
  | 'metadata'
  | 'unspecified'
  | 'multicast'
  | 'reserved';

/** Null when the text is no IPv4 address in dotted form and no IPv6 address. */
export function parseIp(text: string): IpAddress | null {
  const bare = text.split('%')[0] ?? '';
  const family = isIP(bare);
  if (family === 4) return { family, value: ipv4Value(bare) };
  return family === 6 ? { family, value: ipv6Value(bare) } : null;
}

/** `10.0.0.0/8`, `fd00::/8`, or one address. Null when it is none, or when bits beyond the prefix are set. */
export function parseRange(text: string): IpRange | null {
  const [address = '', length, ...rest] = text.split('/');
  const ip = address.includes('%') ? null : parseIp(address);
  if (ip === null || rest.length > 0) return null;
  const bits = bitsOf(ip);
  if (length === undefined) return { ...ip, prefix: bits };
  const prefix = /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN;
  if (!(prefix <= bits)) return null;
  const range = { ...ip, prefix };
  return masked(ip.value, range) === ip.value ? range : null;
}

export function inRange(ip: IpAddress, range: IpRange): boolean {
  return ip.family === range.family && masked(ip.value, range) === range.value;
}

/**
 * The kind of an address. One that carries an IPv4 address (mapped, NAT64, 6to4, Teredo, ...) is what that address is: a router or the
 * kernel may well turn it into it.
 */
export function kindOf(ip: IpAddress): AddressKind {
  const known = KINDS.find(({ ranges }) => ranges.some((range) => inRange(ip, range)));
  if (known !== undefined) return known.kind;
  const inner = embeddedIpv4(ip);
  return inner === null ? 'public' : kindOf(inner);
}

/** The address and the one it carries: lists of ranges are held against both. */
export function formsOf(ip: IpAddress): readonly IpAddress[] {
  const inner = embeddedIpv4(ip);
  return inner === null ? [ip] : [ip, inner];
}

function bitsOf({ family }: IpAddress): number {
  return family === 4 ? 32 : 128;
}

function masked(value: bigint, range: IpRange): bigint {
  const rest = BigInt(bitsOf(range) - range.prefix);
  return (value >> rest) << rest;
}

function ipv4Value(text: string): bigint {
  return text.split('.').reduce((sum, part) => (sum << 8n) | BigInt(Number(part)), 0n);
}

function ipv6Value(text: string): bigint {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const low = dotted === null ? null : ipv4Value(dotted[2] ?? '');
  const plain =
    low === null ? text : `${dotted?.[1]}${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}`;
  const [head = '', tail] = plain.split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}

const LOW_32 = 0xffff_ffffn;

/** Where IPv6 addresses carry an IPv4 one. */
const EMBEDDED: readonly { readonly range: IpRange; readonly inner: (value: bigint) => bigint }[] = [
  // IPv4-mapped (RFC 4291), IPv4-compatible (deprecated), IPv4-translated (RFC 7915), NAT64 (RFC 6052).
  { range: range('::ffff:0:0/96'), inner: (value) => value & LOW_32 },
  { range: range('::/96'), inner: (value) => value & LOW_32 },
  { range: range('::ffff:0:0:0/96'), inner: (value) => value & LOW_32 },
  { range: range('64:ff9b::/96'), inner: (value) => value & LOW_32 },
  // 6to4 (RFC 3056): the router's address; Teredo (RFC 4380): the client's, inverted.
  { range: range('2002::/16'), inner: (value) => (value >> 80n) & LOW_32 },
  { range: range('2001::/32'), inner: (value) => (value & LOW_32) ^ LOW_32 },
];
/** Interface identifiers of ISATAP (RFC 5214): 0000:5efe or 0200:5efe, then the IPv4 address. */
const ISATAP: readonly bigint[] = [0x0000_5efen, 0x0200_5efen];

function embeddedIpv4({ family, value }: IpAddress): IpAddress | null {
  if (family === 4) return null;
  const form = EMBEDDED.find((candidate) => inRange({ family, value }, candidate.range));
  if (form !== undefined) return { family: 4, value: form.inner(value) };
  return ISATAP.includes((value >> 32n) & LOW_32) ? { family: 4, value: value & LOW_32 } : null;
}

/** First match wins. Sources: the special-purpose registries of RFC 6890; metadata addresses as their clouds document them. */
const KINDS: readonly { readonly kind: AddressKind; readonly ranges: readonly IpRange[] }[] = [
  {
    kind: 'metadata',
    ranges: [
      '169.254.169.254',
      // Task roles of Amazon ECS and EKS.
      '169.254.170.2',
      '169.254.170.23',
      // Alibaba, Oracle's old one, Azure's host.
      '100.100.100.200',
      '192.0.0.192',
      '168.63.129.16',
      'fd00:ec2::254',
      'fd00:ec2::23',
      // Google, Alibaba.
      'fd20:ce::254',
      'fd00:100:100:100::200',
    ].map(range),
  },
  { kind: 'unspecified', ranges: ['0.0.0.0/8', '::/128'].map(range) },
  { kind: 'loopback', ranges: ['127.0.0.0/8', '::1/128'].map(range) },
  { kind: 'link-local', ranges: ['169.254.0.0/16', 'fe80::/10'].map(range) },
  { kind: 'multicast', ranges: ['224.0.0.0/4', '255.255.255.255', 'ff00::/8'].map(range) },
  {
    kind: 'private',
    // The last of IPv4: carriers' shared space (RFC 6598), which overlay networks hand out too.
    ranges: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'].map(range),
  },
  {
    kind: 'reserved',
    ranges: [
      '192.0.0.0/24',
      '192.0.2.0/24',
      '192.88.99.0/24',
      '198.18.0.0/15',
      '198.51.100.0/24',
      '203.0.113.0/24',
      '240.0.0.0/4',
      // NAT64 prefixes of one's own (RFC 8215): where the IPv4 address stands is not known.
      '64:ff9b:1::/48',
      '100::/64',
      '2001:db8::/32',
      '3fff::/20',
      '5f00::/16',
      'fec0::/10',
    ].map(range),
  },
];

function range(text: string): IpRange {
  const parsed = parseRange(text);
  if (parsed === null) throw new Error(`"${text}" is not a range of addresses`);
  return parsed;
}
