import { RE2JS } from 're2js';
import { z } from 'zod';
import { duration, size } from '../../../kernel/config/values.ts';
import { globBase } from './glob.ts';

export const FILE_FORMATS = ['plain', 'json', 'cri', 'docker'] as const;
export type FileFormat = (typeof FILE_FORMATS)[number];

const absolute = z.string().refine((path) => path.startsWith('/') && !path.split('/').includes('..'), {
  message: 'expected an absolute path without ".."',
});

const re2 = z.string().transform((text, context) => {
  try {
    return RE2JS.compile(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    context.addIssue({ code: 'custom', message: `"${text.slice(0, 100)}" is no RE2 expression: ${why}` });
    return z.NEVER;
  }
});

const rule = z.strictObject({
  /** Shell wildcards; each below one of the roots. */
  paths: z.array(absolute).min(1),
  exclude: z.array(absolute).default([]),
  format: z.enum(FILE_FORMATS).default('plain'),
  /** Of all their lines; from the file's name when absent. */
  service: z.string().min(1).max(200).optional(),
  labels: z.record(z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/), z.string()).default({}),
  /** What a record of several lines begins with; lines that do not belong to the record before them. */
  multiline: z.strictObject({ start: re2 }).optional(),
  /** Where a file that is found for the first time is begun. */
  from: z.enum(['beginning', 'end']).default('beginning'),
});

/** Files that are followed; none unless configured, and none outside the roots. */
export const filesSchema = z
  .strictObject({
    roots: z.array(absolute).default([]),
    follow: z.array(rule).default([]),
    poll_interval: duration
      .refine((ms) => ms >= 20 && ms <= 60_000, { message: 'must be from 20ms to 1m' })
      .prefault('1s'),
    max_files: z.number().int().positive().default(10_000),
    /** Bytes of one commit. */
    batch: size
      .refine((bytes) => bytes >= 1024 && bytes <= 2 ** 26, { message: 'expected 1KB to 64MB' })
      .prefault('4MB'),
    time_zone: z.enum(['local', 'UTC']).default('local'),
  })
  .superRefine(({ roots, follow }, context) => {
    for (const [i, { paths }] of follow.entries())
      for (const [j, path] of paths.entries())
        if (!roots.some((root) => globBase(path).startsWith(root.endsWith('/') ? root : `${root}/`)))
          context.addIssue({
            code: 'custom',
            path: ['follow', i, 'paths', j],
            message: `"${path}" is not below one of logs.files.roots (${roots.join(', ') || 'none are set'})`,
          });
  })
  .prefault({});

export type FilesConfig = z.output<typeof filesSchema>;
export type FileRule = FilesConfig['follow'][number];
