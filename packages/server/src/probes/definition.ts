import { z } from 'zod';
import { durationMs } from '../kernel/config/values.ts';
import { compilePattern } from './checks/body.ts';
import { parseJsonPath } from './checks/json-path.ts';
import { RECORD_TYPES, type RecordType } from './probers/dns-message.ts';

/** A duration stays text: what is stored and shown is what was written. */
const between = (least: string, most: string) =>
  z.string().refine(
    (text) => {
      const ms = durationMs(text);
      return ms !== undefined && ms >= (durationMs(least) ?? 0) && ms <= (durationMs(most) ?? 0);
    },
    { error: ({ input }) => `"${String(input)}" is not a duration from ${least} to ${most}, such as 20s` },
  );

const pattern = z
  .string()
  .min(1)
  .max(1000)
  .superRefine((source, context) => {
    try {
      compilePattern(source);
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
    }
  });
const word = z.string().min(1).max(1000);
const list = <T extends z.ZodType>(item: T) => z.array(item).max(20).default([]);

const jsonPath = z
  .string()
  .max(500)
  .refine((source) => parseJsonPath(source) !== null, {
    error: ({ input }) => `"${String(input)}" is not a path into JSON; write it like $.checks[0].status`,
  });

const common = {
  name: z.string().min(1).max(200),
  /** The service whose state it tells of. */
  service: z.string().min(1).max(200).optional(),
  tags: z.array(z.string().min(1).max(60)).max(20).default([]),
  interval: between('1s', '1d').default('60s'),
  /** Failed looks after the first before it is called unhealthy. */
  retries: z.number().int().min(0).max(20).default(1),
  retry_interval: between('1s', '1h').default('5s'),
  /** Good looks in a row before an unhealthy target is well again. */
  recoveries: z.number().int().min(1).max(20).default(1),
  paused: z.boolean().default(false),
};
const looking = {
  ...common,
  timeout: between('100ms', '2m').default('10s'),
  max_latency: between('1ms', '2m').optional(),
  ip: z.enum(['any', 'ip4', 'ip6']).default('any'),
};
const host = z
  .string()
  .max(260)
  .regex(
    /^(\[[0-9a-f:.]+\]|[^\s:/[\]@]+)$/i,
    'expected a name or an address, such as order.example or [::1]',
  );
const hostPort = z
  .string()
  .max(260)
  .regex(/^(\[[0-9a-f:.]+\]|[^\s:/[\]@]+):\d{1,5}$/i, 'expected a host and a port, such as order.example:443')
  .refine((text) => Number(text.split(':').at(-1)) <= 65_535, 'expected a port up to 65535');
const tls = z
  .strictObject({
    verify: z.boolean().default(true),
    /** Certificates to trust instead of the machine's, PEM. */
    ca: z.string().max(100_000).optional(),
    server_name: z.string().max(255).optional(),
    warn_days: z.number().min(0).max(3650).default(14),
  })
  .prefault({});

const statusRange = z
  .string()
  .regex(/^([1-5]xx|[1-5]\d\d(-[1-5]\d\d)?)$/, 'expected a status such as 200, 2xx or 200-399');

const headers = z
  .record(
    z.string(),
    z
      .string()
      .max(8000)
      .regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'expected no line breaks'),
  )
  .superRefine((all, context) => {
    for (const name of Object.keys(all))
      if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}$/.test(name))
        context.addIssue({
          code: 'custom',
          path: [name],
          message: `"${name.slice(0, 200)}": expected a header name`,
        });
  })
  .default({});

const httpProbe = z.strictObject({
  type: z.literal('http'),
  ...looking,
  target: z.url({ protocol: /^https?$/, error: 'expected an http or https address' }).max(2000),
  method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']).default('GET'),
  headers,
  body: z.string().max(100_000).optional(),
  basic_auth: z.strictObject({ username: z.string().max(500), password: z.string().max(500) }).optional(),
  bearer_token: z.string().max(8000).optional(),
  follow_redirects: z.boolean().default(true),
  tls,
  expect: z
    .strictObject({
      status: z.array(statusRange).min(1).max(20).default(['2xx']),
      contains: list(word),
      not_contains: list(word),
      matches: list(pattern),
      not_matches: list(pattern),
      json: list(
        z.strictObject({
          path: jsonPath,
          equals: z.union([z.string().max(1000), z.number(), z.boolean(), z.null()]).optional(),
          matches: pattern.optional(),
          min: z.number().optional(),
          max: z.number().optional(),
        }),
      ),
      headers: list(z.strictObject({ name: z.string().min(1).max(200), matches: pattern })),
    })
    .prefault({}),
});

const tcpProbe = z.strictObject({
  type: z.literal('tcp'),
  ...looking,
  target: hostPort,
  secure: z.boolean().default(false),
  tls,
  steps: z
    .array(
      z.strictObject({
        expect: pattern.optional(),
        send: z.string().max(10_000).optional(),
        starttls: z.boolean().default(false),
      }),
    )
    .max(20)
    .default([]),
});

const recordTypes = Object.keys(RECORD_TYPES).filter((name): name is RecordType =>
  Object.hasOwn(RECORD_TYPES, name),
);

const dnsProbe = z.strictObject({
  type: z.literal('dns'),
  ...looking,
  /** The name to ask for. */
  target: z
    .string()
    .min(1)
    .max(255)
    .regex(/^[^\s/@]+$/, 'expected a name'),
  /** Where to ask: a host, or host and port. */
  server: z.union([hostPort, host]),
  record: z.enum(recordTypes).default('A'),
  transport: z.enum(['udp', 'tcp']).default('udp'),
  rcode: z
    .array(z.string().regex(/^[A-Z0-9]{1,20}$/))
    .min(1)
    .max(10)
    .default(['NOERROR']),
  /** Each pattern must match a record, shown as `name ttl IN type value` with tabs. */
  answers: list(pattern),
});

const tlsProbe = z.strictObject({
  type: z.literal('tls'),
  ...looking,
  target: hostPort,
  tls,
  fail_days: z.number().min(0).max(3650).default(0),
});

const icmpProbe = z.strictObject({
  type: z.literal('icmp'),
  ...looking,
  target: host,
  bytes: z.number().int().min(8).max(1400).default(56),
});

const heartbeatProbe = z.strictObject({
  type: z.literal('heartbeat'),
  ...common,
  retries: z.number().int().min(0).max(20).default(0),
  /** How often it is heard of. */
  interval: between('1s', '1y').default('5m'),
  /** How much later than that it may be. */
  grace: between('0s', '30d').default('1m'),
});

/** A probe as it is written in the configuration file and over the API. */
export const probeDefinition = z.discriminatedUnion('type', [
  httpProbe,
  tcpProbe,
  dnsProbe,
  tlsProbe,
  icmpProbe,
  heartbeatProbe,
]);

export type ProbeDefinition = z.output<typeof probeDefinition>;
/** One that goes out and looks. */
export type LookingProbe = Exclude<ProbeDefinition, { type: 'heartbeat' }>;
