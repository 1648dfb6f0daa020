import type { X509Certificate } from 'node:crypto';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import type { Clock } from '../kernel/clock.ts';

/** What a chain of certificates says. Times in epoch ms. */
export interface CertificateFacts {
  /** When the first certificate of the chain expires; NaN when none was sent. */
  readonly earliestExpiry: number;
  readonly subject: string;
  readonly issuer: string;
  readonly fingerprint256: string;
}

const NONE: CertificateFacts = { earliestExpiry: Number.NaN, subject: '', issuer: '', fingerprint256: '' };

/** A server may send other intermediates with the same certificate; so much later that is seen. */
const FRESH_MS = 300_000;
const MOST_KNOWN = 10_000;

/**
 * Certificates that were seen lately, by their fingerprint: to read a chain into objects costs as much as half a handshake, and
 * who is asked again and again shows the same.
 */
export class CertificateMemory {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #most: number;
  readonly #known = new Map<string, { readonly facts: CertificateFacts; readonly at: number }>();

  constructor(clock: Pick<Clock, 'monotonic'>, most = MOST_KNOWN) {
    this.#clock = clock;
    this.#most = most;
  }

  /**
   * Of a connection whose handshake is over; once, and nobody must have asked it for its certificates before: OpenSSL's chain lacks
   * its first one after that.
   */
  of(socket: Pick<TLSSocket, 'getPeerX509Certificate'>): CertificateFacts {
    const leaf = socket.getPeerX509Certificate();
    if (leaf === undefined) return NONE;
    const fingerprint = leaf.fingerprint256;
    const now = this.#clock.monotonic();
    const known = this.#known.get(fingerprint);
    if (known !== undefined && now - known.at < FRESH_MS) return known.facts;
    const facts = factsOf(leaf);
    this.#known.delete(fingerprint);
    if (this.#known.size >= this.#most) this.#forgetOld(now);
    if (this.#known.size < this.#most) this.#known.set(fingerprint, { facts, at: now });
    return facts;
  }

  /**
   * The oldest that are not fresh any more. Fresh ones stay, and a new one has to wait: where more are asked in turn than there is
   * room for, each would otherwise be forgotten just before it is asked again.
   */
  #forgetOld(now: number): void {
    for (const [fingerprint, { at }] of this.#known) {
      if (now - at < FRESH_MS) return;
      this.#known.delete(fingerprint);
    }
  }
}

function factsOf(leaf: X509Certificate): CertificateFacts {
  const { subject, issuer } = leaf.toLegacyObject();
  return {
    earliestExpiry: earliest(
      chainOf(leaf, ({ issuerCertificate }) => issuerCertificate),
      'validTo',
    ),
    subject: commonName(subject),
    issuer: commonName(issuer),
    fingerprint256: leaf.fingerprint256,
  };
}

export function certificateFacts(certificate: DetailedPeerCertificate): CertificateFacts {
  const chain = chainOf<Partial<DetailedPeerCertificate>>(certificate, (one) => one.issuerCertificate);
  return {
    earliestExpiry: earliest(chain, 'valid_to'),
    subject: commonName(certificate.subject),
    issuer: commonName(certificate.issuer),
    fingerprint256: certificate.fingerprint256 ?? '',
  };
}

/** A certificate and those above it, each once: a root names itself as its issuer. */
function chainOf<T extends { readonly fingerprint256?: string }>(
  leaf: T,
  above: (one: T) => T | undefined,
): readonly T[] {
  const chain: T[] = [];
  const seen = new Set<string | undefined>();
  for (let one: T | undefined = leaf; one !== undefined && !seen.has(one.fingerprint256); one = above(one)) {
    seen.add(one.fingerprint256);
    chain.push(one);
  }
  return chain;
}

function earliest<Key extends string>(
  chain: readonly { readonly [key in Key]?: string }[],
  key: Key,
): number {
  const times = chain.map((one) => Date.parse(one[key] ?? '')).filter((time) => !Number.isNaN(time));
  return times.length === 0 ? Number.NaN : Math.min(...times);
}

export function commonName(
  name: { readonly CN?: string | string[]; readonly O?: string | string[] } | undefined,
): string {
  const text = name?.CN ?? name?.O ?? '';
  return typeof text === 'string' ? text : text.join(', ');
}
