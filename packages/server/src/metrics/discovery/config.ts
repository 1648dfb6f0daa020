import { z } from 'zod';
import { duration } from '../../kernel/config/values.ts';
import { checkHttpClient, httpClientShape } from '../http-client/config.ts';

/** Targets that share labels, as written in `static_configs` and in files of `file_sd_configs`. */
const targetGroupSchema = z.strictObject({
  targets: z.array(z.string().min(1)),
  labels: z.record(z.string().min(1), z.string()).default({}),
});

export const targetGroupsSchema = z.array(targetGroupSchema);

const fileSdSchema = z.strictObject({
  files: z
    .array(
      z.string().regex(/^[^*]*(?:\*[^*/]*)?\.(?:json|yml|yaml)$/i, {
        error: 'must end in .json, .yml or .yaml, with at most one * in its last part',
      }),
    )
    .min(1),
  refresh_interval: duration.prefault('5m'),
});

export type FileSdConfig = z.output<typeof fileSdSchema>;

const httpUrl = z.string().refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), {
  error: 'must be an http or https URL',
});

const httpSdSchema = z
  .strictObject({
    url: httpUrl,
    refresh_interval: duration.prefault('1m'),
    ...httpClientShape,
  })
  .superRefine(checkHttpClient);

export type HttpSdConfig = z.output<typeof httpSdSchema>;

const port = z.number().int().min(1).max(65_535);

const dnsSdSchema = z
  .strictObject({
    names: z.array(z.string().min(1)).min(1),
    type: z
      .string()
      .transform((text) => text.toUpperCase())
      .pipe(z.enum(['SRV', 'A', 'AAAA', 'MX', 'NS']))
      .default('SRV'),
    port: port.optional(),
    refresh_interval: duration.prefault('30s'),
  })
  .refine(({ type, port }) => type === 'SRV' || port !== undefined, {
    path: ['port'],
    error: 'a port is required for every type but SRV',
  });

export type DnsSdConfig = z.output<typeof dnsSdSchema>;

const dockerSdSchema = z
  .strictObject({
    host: z.string().regex(/^(?:unix:\/\/\/|tcp:\/\/|https?:\/\/)./, {
      error: 'must begin with unix:///, tcp://, http:// or https://',
    }),
    port: port.default(80),
    host_networking_host: z.string().min(1).default('localhost'),
    match_first_network: z.boolean().default(true),
    filters: z
      .array(z.strictObject({ name: z.string().min(1), values: z.array(z.string()).min(1) }))
      .default([]),
    refresh_interval: duration.prefault('1m'),
    ...httpClientShape,
  })
  .superRefine(checkHttpClient);

export type DockerSdConfig = z.output<typeof dockerSdSchema>;

/** Which selectors a role's watches can take. */
const SELECTORS = {
  pod: ['pod', 'node'],
  node: ['node'],
  service: ['service'],
  endpoints: ['endpoints', 'service', 'pod', 'node'],
  endpointslice: ['endpointslice', 'service', 'pod', 'node'],
  ingress: ['ingress'],
} as const;

const kubernetesRole = z.enum(['pod', 'node', 'service', 'endpoints', 'endpointslice', 'ingress']);

const kubernetesSdSchema = z
  .strictObject({
    role: kubernetesRole,
    api_server: httpUrl.optional(),
    kubeconfig_file: z.string().min(1).optional(),
    namespaces: z
      .strictObject({
        own_namespace: z.boolean().default(false),
        names: z.array(z.string().min(1)).default([]),
      })
      .prefault({}),
    selectors: z
      .array(
        z.strictObject({ role: kubernetesRole, label: z.string().optional(), field: z.string().optional() }),
      )
      .default([]),
    attach_metadata: z
      .strictObject({ node: z.boolean().default(false), namespace: z.boolean().default(false) })
      .prefault({}),
    ...httpClientShape,
  })
  .superRefine((config, context) => {
    checkHttpClient(config, context);
    const issue = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (config.api_server !== undefined && config.kubeconfig_file !== undefined)
      issue('kubeconfig_file', 'use api_server or kubeconfig_file, not both');
    const able: readonly string[] = SELECTORS[config.role];
    const roles = config.selectors.map(({ role }) => role);
    for (const role of roles)
      if (!able.includes(role))
        issue('selectors', `role ${config.role} takes selectors of ${able.join(', ')}, not of ${role}`);
    if (new Set(roles).size < roles.length) issue('selectors', 'a role may have one selector only');
  });

export type KubernetesSdConfig = z.output<typeof kubernetesSdSchema>;

/** Prometheus' discoveries that Pharos does not have: named, so that the message says more than "unknown key". */
const UNSUPPORTED = [
  'azure',
  'consul',
  'digitalocean',
  'dockerswarm',
  'ec2',
  'eureka',
  'gce',
  'hetzner',
  'ionos',
  'kuma',
  'lightsail',
  'linode',
  'marathon',
  'nerve',
  'nomad',
  'openstack',
  'ovhcloud',
  'puppetdb',
  'scaleway',
  'serverset',
  'stackit',
  'triton',
  'uyuni',
  'vultr',
] as const;

const unsupported = Object.fromEntries(
  UNSUPPORTED.map((name) => [
    `${name}_sd_configs`,
    z
      .undefined({
        error: `${name}_sd_configs is not supported; use static_configs, file_sd_configs, http_sd_configs, dns_sd_configs, docker_sd_configs or kubernetes_sd_configs`,
      })
      .optional(),
  ]),
);

/** The discovery keys of a scrape job. */
export const discoveryShape = {
  static_configs: targetGroupsSchema.default([]),
  file_sd_configs: z.array(fileSdSchema).default([]),
  http_sd_configs: z.array(httpSdSchema).default([]),
  dns_sd_configs: z.array(dnsSdSchema).default([]),
  docker_sd_configs: z.array(dockerSdSchema).default([]),
  kubernetes_sd_configs: z.array(kubernetesSdSchema).default([]),
  ...unsupported,
};
