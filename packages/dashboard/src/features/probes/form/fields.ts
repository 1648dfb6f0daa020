import type { ProbeType } from '../contracts.ts';
import {
  headerLines,
  headerPatterns,
  jsonChecks,
  type LineFormat,
  longText,
  tcpSteps,
  words,
} from './lines.ts';

interface Common {
  /** Where in the definition it stands. */
  readonly path: string;
  readonly label: string;
  readonly hint?: string;
  /** An example, or what holds when nothing is written. */
  readonly placeholder?: string;
}
export type Field =
  | (Common & { readonly kind: 'text' | 'secret' | 'number'; readonly required?: boolean })
  | (Common & { readonly kind: 'switch'; readonly initially: boolean })
  | (Common & { readonly kind: 'select'; readonly options: readonly string[]; readonly initially: string })
  | (Common & { readonly kind: 'lines'; readonly format: LineFormat });

export interface FieldGroup {
  readonly title: string;
  readonly fields: readonly Field[];
  /** Folded away until it is asked for, or something in it is wrong. */
  readonly folded?: boolean;
}

const name: Field = { path: 'name', label: 'Name', kind: 'text', required: true, placeholder: 'shop' };
const about: readonly Field[] = [
  {
    path: 'service',
    label: 'Service',
    kind: 'text',
    hint: 'whose state it tells of',
    placeholder: 'order',
  },
  { path: 'tags', label: 'Tags', kind: 'lines', format: words, hint: 'one a line' },
];
const interval = (hint: string, placeholder: string): Field => ({
  path: 'interval',
  label: 'Interval',
  kind: 'text',
  hint,
  placeholder,
});
const retries = (placeholder: string): Field => ({
  path: 'retries',
  label: 'Retries',
  kind: 'number',
  hint: 'before it is unhealthy',
  placeholder,
});
const recoveries: Field = {
  path: 'recoveries',
  label: 'Recoveries',
  kind: 'number',
  hint: 'good looks before it is well again',
  placeholder: '1',
};
const retrying: readonly Field[] = [
  retries('1'),
  { path: 'retry_interval', label: 'Retry after', kind: 'text', placeholder: '5s' },
  recoveries,
];
const looking: readonly Field[] = [
  { path: 'timeout', label: 'Timeout', kind: 'text', placeholder: '10s' },
  { path: 'max_latency', label: 'Too slow from', kind: 'text', placeholder: 'no limit, or 500ms' },
  {
    path: 'ip',
    label: 'Addresses',
    kind: 'select',
    options: ['any', 'ip4', 'ip6'],
    initially: 'any',
  },
];
const schedule: FieldGroup = {
  title: 'When',
  fields: [interval('how often', '60s'), ...looking, ...retrying],
};
const tls: readonly Field[] = [
  { path: 'tls.verify', label: 'Verify the certificate', kind: 'switch', initially: true },
  {
    path: 'tls.warn_days',
    label: 'Warn before expiry',
    kind: 'number',
    hint: 'days',
    placeholder: '14',
  },
  { path: 'tls.server_name', label: 'Server name', kind: 'text', hint: 'when it is not the host' },
  {
    path: 'tls.ca',
    label: 'Authorities',
    kind: 'lines',
    format: longText,
    hint: 'PEM; the machine’s when empty',
  },
];

const target = (label: string, placeholder: string, hint?: string): Field => ({
  path: 'target',
  label,
  kind: 'text',
  required: true,
  placeholder,
  ...(hint === undefined ? {} : { hint }),
});

const REQUEST: readonly Field[] = [
  {
    path: 'method',
    label: 'Method',
    kind: 'select',
    options: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    initially: 'GET',
  },
  { path: 'headers', label: 'Headers', kind: 'lines', format: headerLines, placeholder: 'Accept: text/html' },
  { path: 'body', label: 'Body', kind: 'lines', format: longText },
  { path: 'bearer_token', label: 'Bearer token', kind: 'secret' },
  { path: 'basic_auth.username', label: 'User', kind: 'text' },
  { path: 'basic_auth.password', label: 'Password', kind: 'secret' },
  { path: 'follow_redirects', label: 'Follow redirects', kind: 'switch', initially: true },
];
const EXPECTED: readonly Field[] = [
  {
    path: 'expect.status',
    label: 'Status',
    kind: 'lines',
    format: words,
    placeholder: '2xx',
    hint: '200, 2xx or 200-399',
  },
  { path: 'expect.contains', label: 'Body contains', kind: 'lines', format: words },
  { path: 'expect.not_contains', label: 'Body lacks', kind: 'lines', format: words },
  { path: 'expect.matches', label: 'Body matches', kind: 'lines', format: words, hint: 'RE2' },
  { path: 'expect.not_matches', label: 'Body does not match', kind: 'lines', format: words, hint: 'RE2' },
  {
    path: 'expect.json',
    label: 'JSON',
    kind: 'lines',
    format: jsonChecks,
    placeholder: '$.db.status = "up"',
    hint: '=, ~, >= or <=; a path alone: something is there',
  },
  {
    path: 'expect.headers',
    label: 'Headers match',
    kind: 'lines',
    format: headerPatterns,
    placeholder: 'Content-Type ~ ^text/',
  },
];

/** What the form of each type asks for; a missing type does not compile. */
export const FIELDS: Readonly<Record<ProbeType, readonly FieldGroup[]>> = {
  http: [
    { title: 'What', fields: [name, target('Address', 'https://shop.example/health'), ...about] },
    { title: 'What is expected', fields: EXPECTED },
    schedule,
    { title: 'Request', fields: REQUEST, folded: true },
    { title: 'TLS', fields: tls, folded: true },
  ],
  tcp: [
    { title: 'What', fields: [name, target('Host and port', 'mail.example:25'), ...about] },
    {
      title: 'What is expected',
      fields: [
        { path: 'secure', label: 'TLS from the first byte', kind: 'switch', initially: false },
        {
          path: 'steps',
          label: 'Steps',
          kind: 'lines',
          format: tcpSteps,
          placeholder: 'expect ^220',
          hint: 'expect a line (RE2), send a text, starttls',
        },
      ],
    },
    schedule,
    { title: 'TLS', fields: tls, folded: true },
  ],
  dns: [
    { title: 'What', fields: [name, target('Name to ask for', 'shop.example'), ...about] },
    {
      title: 'What is expected',
      fields: [
        {
          path: 'server',
          label: 'Name server',
          kind: 'text',
          required: true,
          placeholder: '10.0.0.2 or 10.0.0.2:5353',
        },
        {
          path: 'record',
          label: 'Record',
          kind: 'select',
          options: ['A', 'AAAA', 'CNAME', 'MX', 'NS', 'SOA', 'SRV', 'TXT', 'PTR', 'CAA', 'ANY'],
          initially: 'A',
        },
        { path: 'transport', label: 'Over', kind: 'select', options: ['udp', 'tcp'], initially: 'udp' },
        { path: 'rcode', label: 'Answer code', kind: 'lines', format: words, placeholder: 'NOERROR' },
        {
          path: 'answers',
          label: 'Answers match',
          kind: 'lines',
          format: words,
          hint: 'RE2; each must match one record',
        },
      ],
    },
    schedule,
  ],
  tls: [
    { title: 'What', fields: [name, target('Host and port', 'shop.example:443'), ...about] },
    {
      title: 'What is expected',
      fields: [
        {
          path: 'fail_days',
          label: 'Fail before expiry',
          kind: 'number',
          hint: 'days',
          placeholder: '0',
        },
        ...tls,
      ],
    },
    schedule,
  ],
  icmp: [
    { title: 'What', fields: [name, target('Host', '10.0.0.1'), ...about] },
    schedule,
    {
      title: 'Echo',
      fields: [{ path: 'bytes', label: 'Bytes', kind: 'number', placeholder: '56' }],
      folded: true,
    },
  ],
  heartbeat: [
    { title: 'What', fields: [name, ...about] },
    {
      title: 'When',
      fields: [
        interval('how often it is heard of', '5m'),
        {
          path: 'grace',
          label: 'Grace',
          kind: 'text',
          hint: 'how much later it may come',
          placeholder: '1m',
        },
        retries('0'),
        recoveries,
      ],
    },
  ],
};

/** A problem's place in a body, as the path of the field that shows it; `null` when no field of the type does. */
export function fieldOf(type: ProbeType, place: string): string | null {
  const path = place.replace(/^body\.?/, '').replaceAll('/', '.');
  const fields = FIELDS[type].flatMap((group) => group.fields);
  return fields.find((field) => path === field.path || path.startsWith(`${field.path}.`))?.path ?? null;
}
