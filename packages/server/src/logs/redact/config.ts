import { RE2JS } from 're2js';
import { z } from 'zod';
import { REDACTED, type RedactionRule } from './rule.ts';
import { ownRule, READY } from './specs.ts';

const READY_NAMES = ['secrets', 'cards', 'emails'] as const satisfies readonly (keyof typeof READY)[];

const own = z
  .strictObject({
    name: z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, 'expected lower-case letters, digits and "_"'),
    pattern: z.string().min(1).max(2000),
    replacement: z.string().max(200).default(REDACTED),
    /** Texts of which a line must have one for the pattern to be tried. */
    contains: z.array(z.string().min(1)).max(20).default([]),
  })
  .transform((own, context): RedactionRule => {
    try {
      const compiled = RE2JS.compile(own.pattern);
      if (compiled.matcher('').find())
        context.addIssue({ code: 'custom', path: ['pattern'], message: 'matches the empty text' });
      return ownRule(own, compiled);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      context.addIssue({ code: 'custom', path: ['pattern'], message: `is no RE2 expression: ${why}` });
      return z.NEVER;
    }
  });

/** What is redacted before it is stored; nothing unless configured. */
export const redactSchema = z
  .strictObject({
    ready: z.array(z.enum(READY_NAMES)).default([]),
    rules: z.array(own).max(50).default([]),
  })
  .transform(({ ready, rules }): readonly RedactionRule[] => [
    ...[...new Set(ready)].flatMap((name) => READY[name]),
    ...rules,
  ])
  .refine((rules) => new Set(rules.map(({ name }) => name)).size === rules.length, {
    message: 'two rules have the same name',
  })
  .prefault({});
