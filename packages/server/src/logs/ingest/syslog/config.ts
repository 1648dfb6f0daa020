import { isIP } from 'node:net';
import { z } from 'zod';
import { tlsSchema } from '../../../http/config.ts';
import { size } from '../../../kernel/config/values.ts';

/** Where syslog is listened for. */
export interface SyslogAddress {
  readonly host: string;
  readonly port: number;
}

const LOOPBACK = '127.0.0.1';

/** A port alone is loopback's: the protocol knows no login, so any other address must be named. */
const address = z.union([z.number().int(), z.string()]).transform((value, context): SyslogAddress => {
  const match = /^(?:(?:\[([0-9A-Fa-f:]+)\]|([^:[\]\s]+)):)?(\d{1,5})$/.exec(String(value));
  const port = Number(match?.[3]);
  const host = match?.[1] ?? match?.[2] ?? LOOPBACK;
  if (match !== null && port <= 65_535 && (isIP(host) !== 0 || /^[a-zA-Z]/.test(host))) return { host, port };
  context.addIssue({
    code: 'custom',
    message: `"${value}" is no address to listen on; write a port (of 127.0.0.1) or an address and port, such as 0.0.0.0:5514 or [::]:5514`,
  });
  return z.NEVER;
});

const addresses = z.union([z.array(address), address.transform((one) => [one])]).default([]);

/** Minutes east of UTC; null for this machine's zone. */
const timeZone = z.string().transform((text, context): number | null => {
  if (text === 'local') return null;
  if (text === 'UTC') return 0;
  const match = /^([+-])(\d{2}):(\d{2})$/.exec(text);
  const minutes = Number(match?.[2]) * 60 + Number(match?.[3]);
  if (match !== null && minutes <= 14 * 60) return match[1] === '-' ? -minutes : minutes;
  context.addIssue({ code: 'custom', message: `"${text}" is no time zone here; write local, UTC or +02:00` });
  return z.NEVER;
});

/** Listeners for syslog; none unless configured. */
export const syslogSchema = z
  .strictObject({
    udp: addresses,
    tcp: addresses,
    /** Over TLS (RFC 5425), with the certificate of `tls_server_config`. */
    tls: addresses,
    tls_server_config: tlsSchema.optional(),
    /** Longer messages are cut. */
    max_message: size
      .refine((bytes) => bytes >= 480 && bytes <= 2 ** 20, { message: 'expected 480 bytes to 1MB' })
      .prefault('64KB'),
    max_connections: z.number().int().positive().default(200),
    /** Datagrams that wait for the store; over it they are dropped and counted. */
    queue: size.prefault('8MB'),
    /** Of RFC 3164's timestamps, which name none. */
    time_zone: timeZone.prefault('local'),
  })
  .refine(({ tls, tls_server_config }) => tls.length === 0 || tls_server_config !== undefined, {
    path: ['tls_server_config'],
    error: 'is needed to listen over TLS: cert_file and key_file',
  })
  .prefault({});

export type SyslogConfig = z.output<typeof syslogSchema>;
