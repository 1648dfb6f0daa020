import { z } from 'zod';

const basicAuth = z.strictObject({
  username: z.string().optional(),
  username_file: z.string().optional(),
  password: z.string().optional(),
  password_file: z.string().optional(),
});

const authorization = z.strictObject({
  type: z.string().default('Bearer'),
  credentials: z.string().optional(),
  credentials_file: z.string().optional(),
});

const TLS_VERSIONS = ['TLS10', 'TLS11', 'TLS12', 'TLS13'] as const;

const tlsConfig = z.strictObject({
  ca: z.string().optional(),
  ca_file: z.string().optional(),
  cert: z.string().optional(),
  cert_file: z.string().optional(),
  key: z.string().optional(),
  key_file: z.string().optional(),
  server_name: z.string().optional(),
  insecure_skip_verify: z.boolean().default(false),
  min_version: z.enum(TLS_VERSIONS).optional(),
  max_version: z.enum(TLS_VERSIONS).optional(),
});

export type TlsConfig = z.output<typeof tlsConfig>;

const httpHeader = z.strictObject({
  values: z.array(z.string()).default([]),
  secrets: z.array(z.string()).default([]),
  files: z.array(z.string()).default([]),
});

/** How a client authenticates and connects, as Prometheus writes it in every section that goes out over HTTP. */
export const httpClientShape = {
  basic_auth: basicAuth.optional(),
  authorization: authorization.optional(),
  bearer_token: z.string().optional(),
  bearer_token_file: z.string().optional(),
  tls_config: tlsConfig.optional(),
  follow_redirects: z.boolean().default(true),
  /** Accepted for existing files; targets are asked over HTTP/1.1. */
  enable_http2: z.boolean().default(true),
  http_headers: z.record(z.string().min(1), httpHeader).default({}),
};

export type HttpClientConfig = z.output<z.ZodObject<typeof httpClientShape>>;

/** Refuses two ways of authentication at once, as Prometheus does. */
export function checkHttpClient(job: HttpClientConfig, context: z.RefinementCtx): void {
  const issue = (path: string, message: string): void =>
    context.addIssue({ code: 'custom', path: [path], message });
  const ways = [job.basic_auth, job.authorization, job.bearer_token ?? job.bearer_token_file];
  if (ways.filter((way) => way !== undefined).length > 1) {
    issue('authorization', 'use only one of basic_auth, authorization, bearer_token and bearer_token_file');
  }
  if (job.bearer_token !== undefined && job.bearer_token_file !== undefined) {
    issue('bearer_token', 'use bearer_token or bearer_token_file, not both');
  }
  const basic = job.basic_auth;
  if (basic?.password !== undefined && basic.password_file !== undefined) {
    issue('basic_auth', 'use password or password_file, not both');
  }
  if (basic?.username !== undefined && basic.username_file !== undefined) {
    issue('basic_auth', 'use username or username_file, not both');
  }
  const { authorization: auth } = job;
  if (auth?.credentials !== undefined && auth.credentials_file !== undefined) {
    issue('authorization', 'use credentials or credentials_file, not both');
  }
  if (auth?.type.trim().toLowerCase() === 'basic') issue('authorization', 'for type "Basic" use basic_auth');
}
