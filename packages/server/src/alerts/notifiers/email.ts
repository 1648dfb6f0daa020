import type { EmailSettings } from '../config/receivers/email.ts';
import type { SentEntry } from '../config/receivers/sent-kinds.ts';
import { given as isGiven } from '../config/yaml/decode.ts';
import { refusedForGood } from '../outbox/send-result.ts';
import { given } from './given.ts';
import { groupHash } from './group-hash.ts';
import type { Message, Notifier } from './notifier.ts';
import { deliver, type Mail, type MailAuth, type MailDelivery } from './smtp.ts';

const SUBJECT = '{{ template "email.default.subject" . }}';
const HTML = '{{ template "email.default.html" . }}';
const TEXT = '{{ template "email.default.text" . }}';

/** A mail to some addresses, in HTML and in plain text. Every attempt is the same mail to mail programs, by its `Message-ID`. */
export const email: Notifier<SentEntry<'email'>> = async ({ settings }, message, deps) => {
  const auth = await authOf(settings, deps.http.readText);
  if (typeof auth === 'string') return refusedForGood(auth);
  const { texts } = message;
  const envelope = { from: texts.exact('sender', settings.from), to: texts.exact('recipients', settings.to) };
  return await deliver(
    {
      smarthost: settings.smarthost,
      hello: settings.hello,
      encryption: encryptionOf(settings),
      tls: settings.tls,
      auth,
      mail: { ...mailOf(settings, message, envelope), date: new Date(deps.clock.now()) },
      without: message.done ?? [],
    },
    deps,
  );
};

/** Headers that stand in fields of their own; all others are as they are written. */
const OWN_FIELDS: ReadonlySet<string> = new Set([
  'From',
  'To',
  'Subject',
  'Message-Id',
  'References',
  'In-Reply-To',
]);

interface Envelope {
  readonly from: string;
  readonly to: string;
}

function mailOf(settings: EmailSettings, message: Message, { from, to }: Envelope): Mail {
  const { texts } = message;
  const headers = new Map(
    [...settings.headers].map(([name, template]) => [
      name,
      oneLine(texts.shown(`header ${name}`, template, name === 'Subject' ? SUBJECT : '')),
    ]),
  );
  const id = idOf(settings, message.id.replaceAll(/[^A-Za-z0-9._-]/g, '-'), from);
  const thread = settings.isThreaded ? idOf(settings, threadOf(settings, message), from) : undefined;
  return {
    envelope: { from, to },
    from: headers.get('From') ?? from,
    to: headers.get('To') ?? to,
    subject: headers.get('Subject') ?? '',
    messageId: headers.get('Message-Id') ?? id,
    ...given('references', thread ?? headers.get('References') ?? ''),
    ...given('inReplyTo', thread ?? headers.get('In-Reply-To') ?? ''),
    headers: {
      // No out-of-office replies (RFC 3834).
      'Auto-Submitted': 'auto-generated',
      'X-Pharos-Delivery': message.id,
      ...(message.mayBeDuplicate && { 'X-Pharos-Possible-Duplicate': 'true' }),
      ...Object.fromEntries([...headers].filter(([name]) => !OWN_FIELDS.has(name))),
    },
    ...(settings.text !== '' && { text: texts.shown('text', settings.text, TEXT) }),
    ...(settings.html !== '' && { html: texts.html('html', settings.html, HTML) }),
  };
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*[\r\n]+\s*/g, ' ').trim();
}

/** What mails of one group, or of one group and day, answer: there is no such mail, and mail programs do not mind. */
function threadOf({ isThreadedByDay }: EmailSettings, { groupKey, notification }: Message): string {
  const began = Math.min(...notification.alerts.map(({ startsAt }) => startsAt));
  const day =
    isThreadedByDay && Number.isFinite(began) ? `-${new Date(began).toISOString().slice(0, 10)}` : '';
  return `alert-${groupHash(groupKey).slice(0, 32)}${day}`;
}

function idOf({ hello }: EmailSettings, name: string, from: string): string {
  const domain = /@([A-Za-z0-9.-]+)/.exec(from)?.[1];
  return `<${name}@${hello === 'localhost' && domain !== undefined ? domain : hello}>`;
}

function encryptionOf({ implicitTls, requireTls, smarthost }: EmailSettings): MailDelivery['encryption'] {
  if (implicitTls ?? smarthost.port === '465') return 'at-once';
  return requireTls ? 'starttls' : 'none';
}

/** What is needed to log in; null for nobody, a text for why it cannot be had. */
async function authOf(
  settings: EmailSettings,
  readText: (path: string) => Promise<string>,
): Promise<MailAuth | null | string> {
  const { username, password, authSecret, smarthost } = settings;
  if (username === '') return null;
  const isChallenge = !isGiven(password.value) && !isGiven(password.file);
  const { value, file } = isChallenge ? authSecret : password;
  let secret = value;
  if (!isGiven(secret) && isGiven(file))
    try {
      secret = (await readText(file)).trim();
    } catch {
      return `cannot read ${file}`;
    }
  if (!isGiven(secret)) return `there is no password for ${username}`;
  if (encryptionOf(settings) === 'none' && !isChallenge && !LOCAL.test(smarthost.host))
    return 'its password would go over the network for everybody to read: set require_tls, or auth_secret for CRAM-MD5';
  return { username, secret, isChallenge };
}

/** As Go's: who listens there can read it anyway. */
const LOCAL = /^(?:localhost|127\.\d+\.\d+\.\d+|::1)$/;
