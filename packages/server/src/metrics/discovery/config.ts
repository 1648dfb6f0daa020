import { z } from 'zod';
import { duration } from '../../kernel/config/values.ts';

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

/** Prometheus' discoveries that Pharos does not have: named, so that the message says more than "unknown key". */
const UNSUPPORTED = [
  'azure',
  'consul',
  'digitalocean',
  'dns',
  'docker',
  'dockerswarm',
  'ec2',
  'eureka',
  'gce',
  'hetzner',
  'http',
  'ionos',
  'kubernetes',
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
        error: `${name}_sd_configs is not supported; use static_configs or file_sd_configs`,
      })
      .optional(),
  ]),
);

/** The discovery keys of a scrape job. */
export const discoveryShape = {
  static_configs: targetGroupsSchema.default([]),
  file_sd_configs: z.array(fileSdSchema).default([]),
  ...unsupported,
};
