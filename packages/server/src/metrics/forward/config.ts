import { z } from 'zod';
import { maskedText } from '../../kernel/config/mask.ts';
import { defineSection } from '../../kernel/config/section.ts';
import { duration } from '../../kernel/config/values.ts';
import { checkHttpClient, httpClientShape } from '../http-client/config.ts';
import { relabelConfigSchema } from '../relabel/config.ts';

const count = z.number().int().positive();

/** Prometheus' `queue_config`. Samples wait in the journal, so `capacity` bounds what one reading takes out of it. */
const queueConfig = z
  .strictObject({
    capacity: count.default(10_000),
    /** Requests under way at once; a series always goes the same way, so its samples stay in order. */
    max_shards: count.max(200).default(8),
    min_shards: count.default(1),
    max_samples_per_send: count.default(2000),
    batch_send_deadline: duration.prefault('5s'),
    min_backoff: duration.prefault('30ms'),
    max_backoff: duration.prefault('5s'),
    retry_on_http_429: z.boolean().default(false),
    /** Older samples are dropped instead of sent; 0 sends all. */
    sample_age_limit: duration.prefault('0s'),
  })
  .prefault({});

const metadataConfig = z
  .strictObject({
    send: z.boolean().default(true),
    send_interval: duration.prefault('1m'),
    max_samples_per_send: count.default(2000),
  })
  .prefault({});

const remoteWriteSchema = z
  .strictObject({
    url: z.url({ protocol: /^https?$/, error: 'expected an http or https address' }),
    name: z.string().min(1).optional(),
    remote_timeout: duration.prefault('30s'),
    headers: z.record(z.string().min(1), z.string()).default({}),
    write_relabel_configs: z.array(relabelConfigSchema).default([]),
    send_exemplars: z.boolean().default(false),
    send_native_histograms: z.boolean().default(false),
    /** Remote write 1.0 or 2.0. */
    protobuf_message: z
      .enum(['prometheus.WriteRequest', 'io.prometheus.write.v2.Request'])
      .default('prometheus.WriteRequest'),
    queue_config: queueConfig,
    metadata_config: metadataConfig,
    ...httpClientShape,
  })
  .superRefine(checkHttpClient);

export type RemoteWriteConfig = z.output<typeof remoteWriteSchema>;

/** Whether a remote is sent remote write 2.0. */
export function isSecondVersion({ protobuf_message: message }: RemoteWriteConfig): boolean {
  return message === 'io.prometheus.write.v2.Request';
}

/** The name under which a remote's place in the journal is kept. */
export function remoteName(remote: RemoteWriteConfig): string {
  return remote.name ?? remote.url;
}

/** The name it goes by in metrics and the log: an address may hold a password. */
export function remoteLabel(remote: RemoteWriteConfig): string {
  return remote.name ?? maskedText(remote.url);
}

/** Prometheus' `remote_write`: where accepted samples are sent on to. Names are unique; what cannot be honoured is refused. */
export const forwardSection = defineSection(
  'remote_write',
  z
    .array(remoteWriteSchema)
    .default([])
    .superRefine((remotes, context) => {
      const seen = new Set<string>();
      for (const [index, remote] of remotes.entries()) {
        const name = remoteName(remote);
        if (seen.has(name))
          context.addIssue({
            code: 'custom',
            path: [index, remote.name === undefined ? 'url' : 'name'],
            message: `"${name}" is used twice; give each its own name`,
          });
        seen.add(name);
      }
    }),
);
