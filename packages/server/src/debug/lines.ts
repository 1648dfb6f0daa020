import type { z } from 'zod';
import { iso } from '../http/times.ts';
import { maskedConfig, maskedText } from '../kernel/config/mask.ts';
import type { KeptLine } from '../kernel/log-ring.ts';
import type { logsAnswer } from './shapes.ts';

type Shown = z.output<typeof logsAnswer>['lines'][number];

/** A line of our own log, its secrets masked. One that is cut or none of ours is shown as it is. */
export function lineShown({ at, level, text }: KeptLine): Shown {
  const fields = fieldsOf(text);
  if (fields === null) return { at: timeOf(at), level, message: maskedText(text.trimEnd()), facts: {} };
  const { level: _level, time: _time, msg, ...facts } = fields;
  const message = typeof msg === 'string' ? maskedText(msg) : '';
  return { at: timeOf(at), level, message, facts: maskedConfig(facts) };
}

function timeOf(at: number): string | null {
  return Number.isNaN(at) ? null : iso(at);
}

function fieldsOf(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}
