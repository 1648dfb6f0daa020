import type { EgressTls } from '../../egress/index.ts';
import { withDeadline } from './deadline.ts';
import { expiryWarning, failed, failureOf, ipProtocol, peerSamples } from './result.ts';
import type { FamilyChoice, Prober } from './types.ts';

export interface TlsSpec extends FamilyChoice {
  readonly host: string;
  readonly port: number;
  readonly tls: EgressTls;
  /** Days before its expiry at which a certificate is warned of, and at which it fails. */
  readonly warnDays: number;
  readonly failDays: number;
}

const DAY_MS = 86_400_000;

/** A handshake: is the certificate to be trusted, does it name the host, how long is it valid. */
export const probeTls: Prober<TlsSpec> = async (spec, context) => {
  const { egress, trust, purpose, timeoutMs } = context;
  try {
    const { peer, resolve, address } = await withDeadline(
      egress.clock,
      timeoutMs,
      `${spec.host}:${spec.port}`,
      async (signal) => {
        const opened = await egress.open({
          host: spec.host,
          port: spec.port,
          trust,
          purpose,
          signal,
          family: spec.family,
          fallback: spec.fallback,
          // Judged here: the dates of a certificate that is not to be trusted are worth knowing too.
          tls: { ...spec.tls, verify: false },
        });
        opened.socket.destroy();
        return opened;
      },
    );
    if (peer === null) return failed('the server sent no certificate');
    const samples = [
      { name: 'probe_dns_lookup_time_seconds', value: resolve },
      ipProtocol(address),
      ...peerSamples(peer),
    ];
    if (spec.tls.verify && peer.problem !== null)
      return failed(`the certificate of ${spec.host} is not to be trusted: ${peer.problem}`, samples);
    const warning = expiryWarning(peer, Math.max(spec.warnDays, spec.failDays), context.now());
    if (warning !== null && !(peer.earliestExpiry - context.now() >= spec.failDays * DAY_MS))
      return failed(warning, samples);
    return { success: true, reason: '', warning, samples };
  } catch (error) {
    return failureOf(error);
  }
};
