import { z } from 'zod';
import { defineSection } from '../kernel/config/section.ts';
import { size } from '../kernel/config/values.ts';

/** A certificate with its key, named as in Prometheus' web configuration. */
export const tlsSchema = z
  .strictObject({
    cert_file: z.string(),
    key_file: z.string(),
    /** Prometheus' web configuration names: ask for, or demand, a client certificate signed by `client_ca_file`. */
    client_ca_file: z.string().optional(),
    client_auth_type: z
      .enum(['NoClientCert', 'RequestClientCert', 'RequireAndVerifyClientCert'])
      .default('NoClientCert'),
    min_version: z.enum(['TLS12', 'TLS13']).default('TLS12'),
  })
  .refine((value) => value.client_auth_type === 'NoClientCert' || value.client_ca_file !== undefined, {
    path: ['client_ca_file'],
    error: 'is needed to check client certificates; without it every public authority would be trusted',
  });

const auth = z
  .strictObject({
    admin_password: z.string().min(8, 'a password has at least 8 characters').optional(),
    admin_password_file: z.string().optional(),
    token: z.string().min(16, 'a token has at least 16 characters').optional(),
    token_file: z.string().optional(),
    /** Make a password once, keep its hash in the data directory, and print it once. */
    generate: z.boolean().default(false),
  })
  .prefault({});

export const webSection = defineSection(
  'web',
  z
    .strictObject({
      listen_address: z.string().min(1).default('127.0.0.1'),
      port: z.number().int().min(0).max(65_535).default(8000),
      external_url: z
        .url({
          protocol: /^https?$/,
          error: 'expected an http or https address, such as https://pharos.example',
        })
        .optional(),
      /** Names besides the loopback ones and external_url's that Pharos answers to. */
      allowed_hosts: z.array(z.string()).default([]),
      allowed_origins: z.array(z.string()).default([]),
      tls_server_config: tlsSchema.optional(),
      auth,
      /** Lets `/-/reload` and `/-/quit` act (Prometheus' `--web.enable-lifecycle`). */
      enable_lifecycle: z.boolean().default(false),
      /** Lets the API delete series and take snapshots (Prometheus' `--web.enable-admin-api`). */
      enable_admin_api: z.boolean().default(false),
      /** Listeners besides `port`, on the standards' own ports; 0 is none. A taken one is a warning. */
      extra_ports: z
        .strictObject({
          otlp_grpc: z.number().int().min(0).max(65_535).default(4317),
          otlp_http: z.number().int().min(0).max(65_535).default(4318),
          jaeger: z.number().int().min(0).max(65_535).default(14_268),
          zipkin: z.number().int().min(0).max(65_535).default(9411),
        })
        .prefault({}),
      max_body: size.prefault('16MB'),
      max_bodies_in_flight: size.prefault('128MB'),
    })
    .prefault({}),
  [
    {
      variable: 'HOST',
      path: ['listen_address'],
      as: 'string',
      about: 'The same as PHAROS_HOST, which wins.',
    },
    {
      variable: 'PORT',
      path: ['port'],
      as: 'number',
      about: 'The same as PHAROS_PORT, which wins.',
    },
    {
      variable: 'PHAROS_HOST',
      path: ['listen_address'],
      as: 'string',
      about: 'Address to listen on. Anything but loopback demands a login.',
    },
    {
      variable: 'PHAROS_PORT',
      path: ['port'],
      as: 'number',
      about: 'Port of the dashboard and every HTTP API.',
    },
    {
      variable: 'PHAROS_EXTERNAL_URL',
      path: ['external_url'],
      as: 'string',
      about: 'The address people reach Pharos by, for links and the host check.',
    },
    {
      variable: 'PHAROS_ADMIN_PASSWORD',
      path: ['auth', 'admin_password'],
      as: 'string',
      about: 'Password of the user admin.',
      secret: true,
    },
    {
      variable: 'PHAROS_ADMIN_PASSWORD_FILE',
      path: ['auth', 'admin_password_file'],
      as: 'string',
      about: 'File that holds the password of the user admin.',
    },
    {
      variable: 'PHAROS_TOKEN',
      path: ['auth', 'token'],
      as: 'string',
      about: 'API token (Bearer).',
      secret: true,
    },
    {
      variable: 'PHAROS_TOKEN_FILE',
      path: ['auth', 'token_file'],
      as: 'string',
      about: 'File that holds the API token.',
    },
    {
      variable: 'PHAROS_GENERATE_PASSWORD',
      path: ['auth', 'generate'],
      as: 'boolean',
      about: 'Make an admin password once and print it once.',
    },
  ],
);

export type WebConfig = z.output<typeof webSection.schema>;
