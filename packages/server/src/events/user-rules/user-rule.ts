import { z } from 'zod';
import { DECISIONS, type JsonValue, type JudgedEvent, shownValue } from '../event.ts';
import type { Expression } from '../expression/ast.ts';
import { evaluate } from '../expression/evaluate.ts';
import { parseExpression, parsePath } from '../expression/parse.ts';
import { MOST_CHARACTERS } from '../expression/tokens.ts';
import { BUILT_IN_NAMES } from '../rules/built-in.ts';
import type { Rule } from '../rules/types.ts';
import { WEIGHTS } from '../verdict.ts';

/** A rule as its author writes it, in the configuration file or through the API. */
export const userRule = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,63}$/, 'expected 1 to 64 lower-case letters, digits, - and _, a letter first')
    .refine((name) => !BUILT_IN_NAMES.has(name), { message: 'is the name of a built-in rule' }),
  when: z
    .string()
    .trim()
    .min(1)
    .max(MOST_CHARACTERS)
    .describe(
      'The event is at fault when this is true, such as data.latency > 500 and source == "checkout".',
    ),
  weight: z
    .enum(WEIGHTS)
    .default('violation')
    .describe('caution warns, violation breaks a rule, critical is critical by itself.'),
  decision: z.enum(DECISIONS).default('ESCALATE'),
  field: z
    .string()
    .max(500)
    .default('data')
    .describe('Path that the issue names and whose value it carries, such as data.latency.'),
  message: z
    .string()
    .max(500)
    .default('')
    .describe('What the issue says; {data.latency} stands for the value there.'),
  suggestion: z.string().max(500).default(''),
  sources: z.array(z.string().max(200)).max(100).default([]).describe('Only these sources; all when empty.'),
  event_types: z
    .array(z.string().max(200))
    .max(100)
    .default([])
    .describe('Only these types; all when empty.'),
  enabled: z.boolean().default(true),
});
export type UserRule = z.output<typeof userRule>;

type MessagePart = string | Expression;

/**
 * Makes a rule of it. Throws `events.badExpression` when its expression, its field or a place in its message cannot be read.
 * @param failed told when an evaluation took too many steps; the rule then finds nothing.
 */
export function compileRule(rule: UserRule, failed: (name: string) => void = () => {}): Rule {
  const when = parseExpression(rule.when);
  const field = parsePath(rule.field);
  const message = messageParts(rule.message);
  const sources = new Set(rule.sources);
  const types = new Set(rule.event_types);
  return {
    name: rule.name,
    about: rule.when,
    check(event, baseline, findings) {
      if (sources.size > 0 && !sources.has(event.source)) return;
      if (types.size > 0 && !types.has(event.eventType)) return;
      try {
        if (evaluate(when, event, baseline) !== true) return;
        findings.push({
          rule: rule.name,
          weight: rule.weight,
          decision: rule.decision,
          field: rule.field,
          value: shownValue(evaluate(field, event)),
          limit: rule.when.slice(0, 200),
          message: messageOf(rule, message, event),
          suggestion: rule.suggestion,
        });
      } catch {
        // Nothing but its steps can be used up.
        failed(rule.name);
      }
    },
  };
}

/** Texts, and in every odd place the path that stood in braces. */
function messageParts(message: string): readonly MessagePart[] {
  return message.split(/\{([^{}]{1,200})\}/).map((part, i) => (i % 2 === 0 ? part : parsePath(part)));
}

function messageOf({ name, when }: UserRule, parts: readonly MessagePart[], event: JudgedEvent): string {
  const text = parts
    .map((part) => (typeof part === 'string' ? part : wordOf(evaluate(part, event))))
    .join('')
    .slice(0, 1000);
  return text.trim() === '' ? `${name}: ${when.slice(0, 200)}` : text;
}

function wordOf(value: JsonValue): string {
  return String(shownValue(value) ?? 'null');
}
