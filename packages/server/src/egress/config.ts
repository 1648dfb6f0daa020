import { z } from 'zod';
import { defineSection } from '../kernel/config/section.ts';
import { parseRange } from './address.ts';

const ipRange = z.string().transform((text, context) => {
  const range = parseRange(text);
  if (range !== null) return range;
  context.addIssue({
    code: 'custom',
    message: `"${text}" is not a range of addresses; write it like 10.0.0.0/8, fd00::/8 or 192.168.1.7`,
  });
  return z.NEVER;
});

/** Where connections may go whose target came through the API. What the configuration file names is trusted. */
export const egressSection = defineSection(
  'egress',
  z
    .strictObject({
      /** Networks of one's own: RFC 1918, RFC 6598, fc00::/7. */
      allow_private: z.boolean().default(true),
      /** This machine: 127.0.0.0/8, ::1 and the addresses of its interfaces. Never Pharos' own listeners. */
      allow_loopback: z.boolean().default(false),
      /** Ranges that may be asked for whatever they are; `deny` wins. */
      allow: z.array(ipRange).default([]),
      deny: z.array(ipRange).default([]),
      /** Connections under way at once, for each of probes, webhooks and so on; more wait. */
      max_connections: z.number().int().min(1).max(50_000).default(2000),
    })
    .prefault({}),
);
