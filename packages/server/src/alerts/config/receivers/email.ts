import { type HostPort, hostPort } from '../addresses.ts';
import type { GlobalSettings } from '../global.ts';
import { type TlsSettings, tlsSettings } from '../http-client.ts';
import {
  atMostOne,
  filePath,
  flag,
  given,
  mapOf,
  type Struct,
  secret,
  struct,
  text,
} from '../yaml/decode.ts';
import type { Place } from '../yaml/place.ts';
import { common, type Entry, firstSecret, receiverKind, type SecretSource } from './kind.ts';

export interface EmailSettings {
  readonly to: string;
  readonly from: string;
  /** The name we give ourselves. */
  readonly hello: string;
  readonly smarthost: HostPort;
  readonly username: string;
  readonly password: SecretSource;
  /** For CRAM-MD5. */
  readonly authSecret: SecretSource;
  readonly identity: string;
  /** By canonical name (`Reply-To`); each is a template. */
  readonly headers: ReadonlyMap<string, string>;
  readonly html: string;
  readonly text: string;
  readonly requireTls: boolean;
  /** TLS from the first byte; undefined leaves it to the port (465). */
  readonly implicitTls: boolean | undefined;
  readonly tls: TlsSettings | undefined;
  /** Whether messages of one group hang together in a mail program. */
  readonly isThreaded: boolean;
  /** A new thread each day. */
  readonly isThreadedByDay: boolean;
}

const SUBJECT = '{{ template "email.default.subject" . }}';
const HTML = '{{ template "email.default.html" . }}';
/** Alertmanager's mails have none; without it, some programs show nothing and some filters think of spam. */
const TEXT = '{{ template "email.default.text" . }}';

const fields = {
  ...common,
  to: text,
  from: text,
  hello: text,
  smarthost: hostPort,
  auth_username: text,
  auth_password: secret,
  auth_password_file: filePath,
  auth_secret: secret,
  auth_secret_file: filePath,
  auth_identity: text,
  headers: mapOf(text),
  html: text,
  text,
  require_tls: flag,
  force_implicit_tls: flag,
  tls_config: tlsSettings,
  threading: struct({ enabled: flag, thread_by_date: text }),
} as const;

/** `email_configs` */
export const email = receiverKind(fields, (written, global): Entry<'email', EmailSettings> | undefined => {
  const { place } = written;
  if (!given(written.to)) place.refuse('missing to address in email config');
  atMostOne(place, { auth_password: written.auth_password, auth_password_file: written.auth_password_file });
  atMostOne(place, { auth_secret: written.auth_secret, auth_secret_file: written.auth_secret_file });
  const smarthost = written.smarthost ?? global.smtp_smarthost;
  if (smarthost === undefined) return place.refuse('no global SMTP smarthost set');
  const from = given(written.from) ? written.from : global.smtp_from;
  if (!given(from)) return place.refuse('no global SMTP from set');
  const settings: EmailSettings = {
    to: written.to ?? '',
    from,
    hello: written.hello ?? global.smtp_hello ?? 'localhost',
    smarthost,
    ...loginOf(written, global),
    headers: headersOf(place, written.headers ?? new Map()),
    html: written.html ?? HTML,
    text: written.text ?? TEXT,
    requireTls: written.require_tls ?? global.smtp_require_tls ?? true,
    implicitTls: written.force_implicit_tls ?? global.smtp_force_implicit_tls,
    tls: written.tls_config ?? global.smtp_tls_config,
    isThreaded: written.threading?.enabled ?? false,
    isThreadedByDay: written.threading?.thread_by_date !== 'none',
  };
  return { kind: 'email', sendResolved: written.send_resolved ?? false, http: undefined, settings };
});

function loginOf(
  written: Struct<typeof fields>,
  global: GlobalSettings,
): Pick<EmailSettings, 'username' | 'password' | 'authSecret' | 'identity'> {
  const password = firstSecret(
    { value: written.auth_password, file: written.auth_password_file },
    { value: global.smtp_auth_password, file: global.smtp_auth_password_file },
  );
  const authSecret = firstSecret(
    { value: written.auth_secret, file: written.auth_secret_file },
    { value: global.smtp_auth_secret, file: global.smtp_auth_secret_file },
  );
  return {
    username: written.auth_username ?? global.smtp_auth_username ?? '',
    password: password ?? {},
    authSecret: authSecret ?? {},
    identity: written.auth_identity ?? global.smtp_auth_identity ?? '',
  };
}

/** Names of headers say the same in any case. */
function headersOf(place: Place, written: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const [name, value] of written) {
    const canonical = name.toLowerCase().replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase());
    if (headers.has(canonical)) place.at('headers').refuse(`duplicate header "${canonical}" in email config`);
    headers.set(canonical, value);
  }
  if (!headers.has('Subject')) headers.set('Subject', SUBJECT);
  return headers;
}
