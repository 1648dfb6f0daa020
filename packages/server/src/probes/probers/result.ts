import { egressErrors, type PeerFacts } from '../../egress/index.ts';
import { PharosError } from '../../kernel/errors.ts';
import type { ProbeResult, ProbeSample } from './types.ts';

const DAY_MS = 86_400_000;

/** A failure with what was seen up to then. */
export function failed(reason: string, samples: readonly ProbeSample[] = []): ProbeResult {
  return { success: false, reason, warning: null, samples };
}

/** What an error says to a reader; never rejects further. */
export function failureOf(error: unknown, samples: readonly ProbeSample[] = []): ProbeResult {
  const reason = error instanceof Error ? error.message : String(error);
  return failed(reason, [...samples, ...refusedPeer(error)]);
}

/** The certificate that ended a connection still has a date. */
function refusedPeer(error: unknown): ProbeSample[] {
  if (!(error instanceof PharosError) || !egressErrors.is(error, 'tls')) return [];
  const expiry = error.details?.['earliestExpiry'];
  return typeof expiry === 'number' ? [expirySample(expiry)] : [];
}

function expirySample(earliestExpiry: number): ProbeSample {
  return { name: 'probe_ssl_earliest_cert_expiry', value: earliestExpiry / 1000 };
}

/** The figures of a certificate chain and its connection. */
export function peerSamples(peer: PeerFacts): ProbeSample[] {
  const info = (name: string, labels: Readonly<Record<string, string>>): ProbeSample => ({
    name,
    labels,
    value: 1,
    detail: true,
  });
  return [
    ...(Number.isNaN(peer.earliestExpiry) ? [] : [expirySample(peer.earliestExpiry)]),
    info('probe_tls_version_info', { version: peer.version.replace('TLSv', 'TLS ') }),
    info('probe_tls_cipher_info', { cipher: peer.cipher }),
    info('probe_ssl_last_chain_info', {
      fingerprint_sha256: peer.fingerprint256.replaceAll(':', '').toLowerCase(),
      subject: `CN=${peer.subject}`,
      issuer: `CN=${peer.issuer}`,
    }),
  ];
}

/** "the certificate expires in 6 days": when it does so within so many days. */
export function expiryWarning(peer: PeerFacts | null, warnDays: number, now: number): string | null {
  if (peer === null || !(peer.earliestExpiry - now < warnDays * DAY_MS)) return null;
  const days = Math.floor((peer.earliestExpiry - now) / DAY_MS);
  const date = new Date(peer.earliestExpiry).toISOString().slice(0, 10);
  if (days < 0) return `the certificate has expired on ${date}`;
  return `the certificate expires ${days === 0 ? 'today' : days === 1 ? 'tomorrow' : `in ${days} days`}, on ${date}`;
}

export function ipProtocol(address: string): ProbeSample {
  return { name: 'probe_ip_protocol', value: address.includes(':') ? 6 : 4, detail: true };
}
