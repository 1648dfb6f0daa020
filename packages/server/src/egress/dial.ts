import { connect as connectPlain, isIP, type Socket } from 'node:net';
import {
  type ConnectionOptions,
  checkServerIdentity,
  connect as connectTls,
  type DetailedPeerCertificate,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import type { Clock } from '../kernel/clock.ts';
import {
  type CertificateFacts,
  type CertificateMemory,
  certificateFacts,
  commonName,
} from './certificates.ts';
import { egressErrors } from './errors.ts';

/** How a TLS connection is made. A context is made once and used for all connections: making one costs milliseconds. */
export interface EgressTls {
  readonly context?: SecureContext | undefined;
  /** Whether a certificate that is not trusted, has expired or names another host ends the connection. */
  readonly verify: boolean;
  /** The name to ask for and to check, when it is not the host. */
  readonly serverName?: string | undefined;
}

/** What the other side showed. */
export interface PeerFacts extends CertificateFacts {
  /** Such as `TLSv1.3`. */
  readonly version: string;
  readonly cipher: string;
  /** Why the certificate is not to be trusted, in words; null when it is. */
  readonly problem: string | null;
}

export interface Dialled {
  readonly socket: Socket;
  readonly peer: PeerFacts | null;
  /** Seconds. */
  readonly connect: number;
  readonly tls: number;
}

export interface DialOptions {
  /** A literal address: nothing is resolved any more. */
  readonly address: string;
  readonly port: number;
  /** What the target is called, for TLS and for messages. */
  readonly host: string;
  readonly tls?: EgressTls | undefined;
  readonly signal: AbortSignal;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly certificates: CertificateMemory;
}

/** Connects to one address. Rejects with `connect` or `tls` errors, or with the signal's reason. */
export function dial(options: DialOptions): Promise<Dialled> {
  const { address, port, host, tls, signal, clock, certificates } = options;
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const startedAt = clock.monotonic();
    let connectedAt = 0;
    let identity: DetailedPeerCertificate | null = null;
    const socket =
      tls === undefined
        ? connectPlain({ host: address, port })
        : connectTls(tlsOptions(options, tls, (certificate) => (identity = certificate)));
    // Without a listener an error of a moment when nobody looks would end the process.
    socket.on('error', () => {});
    // A request goes out with the end of the handshake, not when that was acknowledged.
    socket.setNoDelay(true);
    const settle = (): void => {
      signal.removeEventListener('abort', abort);
      socket.off('error', failed);
      socket.off('close', closed);
    };
    const fail = (cause: unknown): void => {
      settle();
      socket.destroy();
      reject(cause);
    };
    const abort = (): void => fail(signal.reason);
    const closed = (): void => failed(new Error('the other side closed the connection'));
    const failed = (cause: Error): void =>
      fail(
        connectedAt === 0
          ? egressErrors.make('connect', `cannot connect to ${placeOf(options)}: ${reasonOf(cause)}`, {
              cause,
            })
          : egressErrors.make('tls', `no TLS with ${placeOf(options)}: ${reasonOf(cause)}`, { cause }),
      );
    signal.addEventListener('abort', abort, { once: true });
    socket.on('error', failed);
    socket.once('close', closed);
    socket.once('connect', () => {
      connectedAt = clock.monotonic();
      if (tls !== undefined) return;
      settle();
      resolve({ socket, peer: null, connect: (connectedAt - startedAt) / 1000, tls: 0 });
    });
    if (tls === undefined) return;
    const secure = socket as TLSSocket; // oxlint-disable-line typescript/no-unsafe-type-assertion -- made by connectTls just above
    secure.once('secureConnect', () => {
      const peer = peerFacts(secure, identity, certificates);
      if (tls.verify && peer.problem !== null) {
        fail(
          egressErrors.make('tls', `the certificate of ${host} is not to be trusted: ${peer.problem}`, {
            details: { earliestExpiry: peer.earliestExpiry },
          }),
        );
        return;
      }
      settle();
      const now = clock.monotonic();
      resolve({
        socket,
        peer,
        connect: (connectedAt - startedAt) / 1000,
        tls: (now - connectedAt) / 1000,
      });
    });
  });
}

function tlsOptions(
  { address, port, host }: DialOptions,
  { context, serverName }: EgressTls,
  seen: (certificate: DetailedPeerCertificate) => void,
): ConnectionOptions {
  const name = serverName ?? host;
  return {
    host: address,
    port,
    ...(isIP(name) === 0 ? { servername: name } : {}),
    ...(context === undefined ? {} : { secureContext: context }),
    ALPNProtocols: ['http/1.1'],
    // Judged after the handshake, so that the facts of a certificate that is refused are known too.
    rejectUnauthorized: false,
    checkServerIdentity: (_, certificate) => {
      seen(certificate as DetailedPeerCertificate); // oxlint-disable-line typescript/no-unsafe-type-assertion -- Node.js passes the detailed form (getPeerCertificate(true))
      return checkServerIdentity(name, certificate);
    },
  };
}

function peerFacts(
  socket: TLSSocket,
  seen: DetailedPeerCertificate | null,
  certificates: CertificateMemory,
): PeerFacts {
  const problem = socket.authorizationError as unknown; // oxlint-disable-line typescript/no-unsafe-type-assertion -- typed as Error, is a code or null at run time
  return {
    // Node.js has read the chain itself where it is trusted.
    ...(seen === null ? certificates.of(socket) : certificateFacts(seen)),
    version: socket.getProtocol() ?? '',
    cipher: socket.getCipher().name,
    problem: problem === null || problem === undefined ? null : problemText(problem, seen),
  };
}

function problemText(problem: unknown, seen: DetailedPeerCertificate | null): string {
  const text = problem instanceof Error ? problem.message : String(problem);
  if (text === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `it is for ${(seen?.subjectaltname ?? commonName(seen?.subject)).slice(0, 300)}`;
  return WORDS[text] ?? text;
}

/** OpenSSL's verdicts that people meet, in words. */
const WORDS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its chain ends in a certificate nobody here trusts',
  UNABLE_TO_GET_ISSUER_CERT: 'its issuer is not known',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its issuer is not known',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its issuer is not known, or an intermediate certificate was not sent',
  CERT_REVOKED: 'it was revoked',
};

function placeOf({ host, address, port }: DialOptions): string {
  const shown = isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
  return host === address ? shown : `${host} (${shown})`;
}

const SYSTEM_WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the other side broke the connection off',
  ENETUNREACH: 'the network cannot be reached',
  EHOSTUNREACH: 'the host cannot be reached',
  ETIMEDOUT: 'no answer',
  EPIPE: 'the other side closed the connection',
};

/** A system error in words, without the address it repeats. */
export function reasonOf(cause: Error): string {
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  return SYSTEM_WORDS[code] ?? cause.message;
}
