import { z } from 'zod';
import { errorsErrors } from '../errors.ts';
import type { ErrorStore } from '../store/store.ts';
import { eventSummary, renderEvent } from './shapes.ts';

export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(100).optional().describe('`next` of the answer before.'),
});
export const eventsAnswer = z.object({
  next: z.string().nullable(),
  warnings: z.array(z.string()),
  events: z.array(eventSummary),
});

/** One page of events, newest first. */
export async function eventsPage(
  store: Pick<ErrorStore, 'reader'>,
  asked: Parameters<ErrorStore['reader']['page']>[0],
  { limit, cursor }: z.output<typeof pageQuery>,
  signal: AbortSignal,
): Promise<z.input<typeof eventsAnswer>> {
  const after = cursor === undefined ? undefined : parsePlace(cursor);
  const { errors, more, warnings } = await store.reader.page(asked, limit, after, signal);
  const last = errors.at(-1)?.event;
  return {
    next: more && last !== undefined ? `${last.time}-${last.id}` : null,
    warnings: [...warnings],
    events: errors.map(renderEvent),
  };
}

/** Where a page ended, out of its `next`. Throws badParameter. */
export function parsePlace(text: string): { readonly time: number; readonly id: string } {
  const match = /^(\d{1,16})-([0-9a-f]{32})$/.exec(text);
  const time = Number(match?.[1] ?? Number.NaN);
  if (match === null || time > 8.64e15)
    throw errorsErrors.make(
      'badParameter',
      `cursor ${JSON.stringify(text)}, expected the \`next\` of an earlier answer`,
    );
  return { time, id: match[2] ?? '' };
}
