import { readFileSync } from 'node:fs';
import type { TlsConfig } from './config.ts';

const TLS_VERSIONS = { TLS10: 'TLSv1', TLS11: 'TLSv1.1', TLS12: 'TLSv1.2', TLS13: 'TLSv1.3' } as const;

/** Connection options of a `tls_config`. Throws a system error when a file cannot be read. */
export function tlsOptions(tls: TlsConfig): object {
  const read = (text: string | undefined, file: string | undefined): string | undefined =>
    text ?? (file === undefined ? undefined : readFileSync(file, 'utf8'));
  const options = {
    ca: read(tls.ca, tls.ca_file),
    cert: read(tls.cert, tls.cert_file),
    key: read(tls.key, tls.key_file),
    servername: tls.server_name,
    minVersion: tls.min_version === undefined ? undefined : TLS_VERSIONS[tls.min_version],
    maxVersion: tls.max_version === undefined ? undefined : TLS_VERSIONS[tls.max_version],
  };
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(given), rejectUnauthorized: !tls.insecure_skip_verify };
}
