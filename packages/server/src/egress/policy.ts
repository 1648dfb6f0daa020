import {
  type AddressKind,
  formsOf,
  type IpAddress,
  type IpRange,
  inRange,
  kindOf,
  parseIp,
} from './address.ts';

/**
 * Who named a target: the operator, in the configuration file; somebody over the API (or another server, by a redirect); or a stranger,
 * who reaches nothing but the public network, whatever is allowed to others.
 */
export type Trust = 'configured' | 'api' | 'stranger';

export interface EgressRules {
  readonly allowPrivate: boolean;
  readonly allowLoopback: boolean;
  readonly allow: readonly IpRange[];
  readonly deny: readonly IpRange[];
}

/** What this process knows of itself. */
export interface OwnPlace {
  /** Addresses of the machine's interfaces. */
  addresses(): readonly string[];
  /** Ports this process listens on. */
  ports(): readonly number[];
}

export type RefusalReason = AddressKind | 'own-listener' | 'denied' | 'not-an-address';

export interface AddressRefusal {
  readonly reason: RefusalReason;
  /** Goes on after "…, which ". */
  readonly message: string;
}

const WHY: Readonly<Record<Exclude<AddressKind, 'public'>, string>> = {
  private: 'is a private address, and egress.allow_private is off',
  loopback: 'is this machine, and egress.allow_loopback is off',
  'link-local': 'is a link-local address',
  metadata: 'is where a cloud hands out credentials (its metadata service)',
  unspecified: 'is the unspecified address',
  multicast: 'is a multicast or broadcast address',
  reserved: 'is reserved, no server has it',
};

/** Whether a connection may be made; null when it may. Addresses must be literal: names are resolved before. */
export function judgeAddress(
  address: string,
  port: number,
  { trust, rules, own }: { readonly trust: Trust; readonly rules: EgressRules; readonly own: OwnPlace },
): AddressRefusal | null {
  const ip = parseIp(address);
  if (ip === null) return { reason: 'not-an-address', message: 'is not an address' };
  if (trust === 'configured') return null;
  const forms = formsOf(ip);
  const listed = (ranges: readonly IpRange[]): boolean =>
    forms.some((form) => ranges.some((range) => inRange(form, range)));
  const kind = kindOf(ip);
  const here = kind === 'loopback' || kind === 'unspecified' || isOwn(forms, own);
  if (here && own.ports().includes(port))
    return { reason: 'own-listener', message: `is Pharos itself on port ${port}` };
  if (listed(rules.deny)) return { reason: 'denied', message: 'is in egress.deny' };
  if (trust === 'stranger')
    return here || kind !== 'public' ? strangersRefusal(here ? 'loopback' : kind) : null;
  if (listed(rules.allow)) return null;
  if (here && kind !== 'unspecified')
    return rules.allowLoopback ? null : { reason: 'loopback', message: WHY.loopback };
  if (kind === 'public' || (kind === 'private' && rules.allowPrivate)) return null;
  return { reason: kind, message: WHY[kind] };
}

function strangersRefusal(kind: AddressKind): AddressRefusal {
  return { reason: kind, message: 'is not an address of the public network' };
}

function isOwn(forms: readonly IpAddress[], own: OwnPlace): boolean {
  return own.addresses().some((text) => {
    const ip = parseIp(text);
    return ip !== null && forms.some((form) => form.family === ip.family && form.value === ip.value);
  });
}
