import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { HttpClientConfig } from '../../http-client/config.ts';
import { httpClientErrors } from '../../http-client/errors.ts';
import type { ReadText } from '../../http-client/headers.ts';
import type { KubernetesSdConfig } from '../config.ts';

/** Where a cluster's API is, and how to get in. */
export interface Connection {
  /** Without a final slash. */
  readonly base: string;
  readonly http: HttpClientConfig;
  /** The namespace that `own_namespace` means. */
  readonly namespace: string;
}

/** Kubernetes mounts these into every pod with a service account. */
const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

export interface ConnectionDeps {
  readonly readText: ReadText;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The cluster that the configuration means: a kubeconfig file's, the named server's, or the one that this process runs in. */
export async function connectionOf(config: KubernetesSdConfig, deps: ConnectionDeps): Promise<Connection> {
  if (config.kubeconfig_file !== undefined)
    return connectionOfKubeconfig(
      config.kubeconfig_file,
      await readOrFail(config.kubeconfig_file, deps.readText),
      config,
    );
  if (config.api_server !== undefined)
    return { base: config.api_server.replace(/\/+$/, ''), http: config, namespace: 'default' };
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = deps.env;
  if (host === undefined || port === undefined)
    throw httpClientErrors.make(
      'connect',
      'this process does not run in a Kubernetes pod: set api_server or kubeconfig_file in kubernetes_sd_configs',
    );
  return {
    base: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    http: {
      ...config,
      bearer_token_file: `${ACCOUNT}/token`,
      tls_config: { insecure_skip_verify: false, ca_file: `${ACCOUNT}/ca.crt` },
    },
    namespace: (await readOrFail(`${ACCOUNT}/namespace`, deps.readText)).trim(),
  };
}

async function readOrFail(path: string, readText: ReadText): Promise<string> {
  try {
    return await readText(path);
  } catch (cause) {
    throw httpClientErrors.make('credentials', `cannot read ${path}`, { cause });
  }
}

const contextSchema = z.object({
  cluster: z.string(),
  user: z.string().optional(),
  namespace: z.string().optional(),
});

const clusterSchema = z.object({
  server: z.string(),
  'certificate-authority': z.string().optional(),
  'certificate-authority-data': z.string().optional(),
  'insecure-skip-tls-verify': z.boolean().default(false),
  'tls-server-name': z.string().optional(),
});

const userSchema = z.object({
  token: z.string().optional(),
  tokenFile: z.string().optional(),
  'client-certificate': z.string().optional(),
  'client-certificate-data': z.string().optional(),
  'client-key': z.string().optional(),
  'client-key-data': z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  exec: z.unknown().optional(),
  'auth-provider': z.unknown().optional(),
});

const kubeconfigSchema = z.object({
  'current-context': z.string(),
  contexts: z.array(z.object({ name: z.string(), context: contextSchema })).default([]),
  clusters: z.array(z.object({ name: z.string(), cluster: clusterSchema })).default([]),
  users: z.array(z.object({ name: z.string(), user: userSchema })).default([]),
});

/** The current context of a kubeconfig file. Paths in it count from its folder. */
export function connectionOfKubeconfig(path: string, text: string, config: KubernetesSdConfig): Connection {
  const fail = (message: string, cause?: unknown) =>
    httpClientErrors.make('credentials', `kubeconfig_file ${path}: ${message}`, { cause });
  let file: z.output<typeof kubeconfigSchema>;
  try {
    file = kubeconfigSchema.parse(parse(text, { maxAliasCount: 100 }));
  } catch (cause) {
    throw fail('it is not a kubeconfig', cause);
  }
  const current = file['current-context'];
  const context = file.contexts.find(({ name }) => name === current)?.context;
  if (context === undefined) throw fail(`there is no context "${current}"`);
  const cluster = file.clusters.find(({ name }) => name === context.cluster)?.cluster;
  if (cluster === undefined) throw fail(`there is no cluster "${context.cluster}"`);
  const user =
    context.user === undefined
      ? userSchema.parse({})
      : file.users.find(({ name }) => name === context.user)?.user;
  if (user === undefined) throw fail(`there is no user "${context.user}"`);
  if (user.exec !== undefined || user['auth-provider'] !== undefined)
    throw fail(
      'users with exec or auth-provider are not supported: use a token, a certificate or a password',
    );
  const here = (name: string | undefined): string | undefined =>
    name === undefined ? undefined : resolve(dirname(path), name);
  return {
    base: cluster.server.replace(/\/+$/, ''),
    namespace: context.namespace ?? 'default',
    http: {
      ...config,
      bearer_token: user.token,
      bearer_token_file: user.token === undefined ? here(user.tokenFile) : undefined,
      basic_auth:
        user.username === undefined ? undefined : { username: user.username, password: user.password },
      tls_config: {
        insecure_skip_verify: cluster['insecure-skip-tls-verify'],
        server_name: cluster['tls-server-name'],
        ca: decoded(cluster['certificate-authority-data']),
        ca_file: here(cluster['certificate-authority']),
        cert: decoded(user['client-certificate-data']),
        cert_file: here(user['client-certificate']),
        key: decoded(user['client-key-data']),
        key_file: here(user['client-key']),
      },
    },
  };
}

function decoded(base64: string | undefined): string | undefined {
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64').toString('utf8');
}
