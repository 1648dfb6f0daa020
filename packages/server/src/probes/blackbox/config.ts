import { z } from 'zod';
import { duration, size } from '../../kernel/config/values.ts';
import { compilePattern } from '../checks/body.ts';
import { RECORD_TYPES, type RecordType } from '../probers/dns-message.ts';

const pattern = z.string().superRefine((source, context) => {
  try {
    compilePattern(source);
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
  }
});
const patterns = z.array(pattern).default([]);

const family = {
  preferred_ip_protocol: z.enum(['ip4', 'ip6']).default('ip6'),
  ip_protocol_fallback: z.boolean().default(true),
};

const tlsConfig = z
  .strictObject({
    ca: z.string().optional(),
    ca_file: z.string().optional(),
    cert: z.string().optional(),
    cert_file: z.string().optional(),
    key: z.string().optional(),
    key_file: z.string().optional(),
    server_name: z.string().optional(),
    insecure_skip_verify: z.boolean().default(false),
  })
  .prefault({});

export type ModuleTls = z.output<typeof tlsConfig>;

const headerMatch = z.strictObject({
  header: z.string().min(1),
  regexp: pattern,
  allow_missing: z.boolean().default(false),
});

const http = z
  .strictObject({
    ...family,
    valid_status_codes: z.array(z.number().int().min(100).max(599)).default([]),
    valid_http_versions: z.array(z.string()).default([]),
    method: z
      .string()
      .regex(/^[A-Z]{1,20}$/, 'expected a method such as GET')
      .default('GET'),
    headers: z.record(z.string(), z.string()).default({}),
    body: z.string().optional(),
    body_size_limit: size.optional(),
    compression: z.enum(['gzip', 'br', 'deflate', 'identity']).optional(),
    follow_redirects: z.boolean().default(true),
    /** The old name of the above, turned round. */
    no_follow_redirects: z.boolean().default(false),
    fail_if_ssl: z.boolean().default(false),
    fail_if_not_ssl: z.boolean().default(false),
    fail_if_body_matches_regexp: patterns,
    fail_if_body_not_matches_regexp: patterns,
    fail_if_header_matches: z.array(headerMatch).default([]),
    fail_if_header_not_matches: z.array(headerMatch).default([]),
    tls_config: tlsConfig,
    basic_auth: z
      .strictObject({
        username: z.string(),
        password: z.string().default(''),
        password_file: z.string().optional(),
      })
      .optional(),
    bearer_token: z.string().optional(),
    bearer_token_file: z.string().optional(),
    authorization: z
      .strictObject({
        type: z.string().default('Bearer'),
        credentials: z.string().optional(),
        credentials_file: z.string().optional(),
      })
      .optional(),
    /** Accepted for existing files; targets are asked over HTTP/1.1. */
    enable_http2: z.boolean().default(true),
  })
  .prefault({});

const tcp = z
  .strictObject({
    ...family,
    query_response: z
      .array(
        z.strictObject({
          expect: pattern.optional(),
          send: z.string().optional(),
          starttls: z.boolean().default(false),
        }),
      )
      .default([]),
    tls: z.boolean().default(false),
    tls_config: tlsConfig,
  })
  .prefault({});

const records = z
  .strictObject({
    fail_if_matches_regexp: patterns,
    fail_if_all_match_regexp: patterns,
    fail_if_not_matches_regexp: patterns,
    fail_if_none_matches_regexp: patterns,
  })
  .prefault({});

const recordTypes = Object.keys(RECORD_TYPES).filter((name): name is RecordType =>
  Object.hasOwn(RECORD_TYPES, name),
);

const dns = z.strictObject({
  ...family,
  transport_protocol: z.enum(['udp', 'tcp']).default('udp'),
  query_name: z.string().min(1),
  query_type: z.enum(recordTypes).default('ANY'),
  query_class: z.literal('IN').default('IN'),
  recursion_desired: z.boolean().default(true),
  valid_rcodes: z.array(z.string()).default(['NOERROR']),
  validate_answer_rrs: records,
  validate_authority_rrs: records,
  validate_additional_rrs: records,
});

const icmp = z
  .strictObject({ ...family, payload_size: z.number().int().min(8).max(1400).default(56) })
  .prefault({});

const timeout = duration.optional();

/** One entry of `modules`, in blackbox_exporter's syntax. A key that cannot be honoured is an error that names it. */
export const moduleSchema = z.discriminatedUnion('prober', [
  z.strictObject({ prober: z.literal('http'), timeout, http }),
  z.strictObject({ prober: z.literal('tcp'), timeout, tcp }),
  z.strictObject({ prober: z.literal('dns'), timeout, dns }),
  z.strictObject({ prober: z.literal('icmp'), timeout, icmp }),
]);

export type ProbeModule = z.output<typeof moduleSchema>;

/** Modules that are there without being configured, as in blackbox_exporter's own file. */
export const READY_MODULES: Readonly<Record<string, ProbeModule>> = {
  http_2xx: moduleSchema.parse({ prober: 'http' }),
  http_post_2xx: moduleSchema.parse({ prober: 'http', http: { method: 'POST' } }),
  tcp_connect: moduleSchema.parse({ prober: 'tcp' }),
  tls_connect: moduleSchema.parse({ prober: 'tcp', tcp: { tls: true } }),
  ssh_banner: moduleSchema.parse({ prober: 'tcp', tcp: { query_response: [{ expect: '^SSH-2.0-' }] } }),
  icmp: moduleSchema.parse({ prober: 'icmp' }),
};
