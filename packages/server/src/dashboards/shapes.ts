import { z } from 'zod';
import { noteSchema } from './grafana/report.ts';
import { dashboard } from './model.ts';
import type { Saved } from './records.ts';
import type { Stored } from './store.ts';

export const summary = z.object({
  uid: z.string(),
  title: z.string(),
  description: z.string(),
  folder: z.string(),
  tags: z.array(z.string()),
  version: z.number(),
  savedAt: z.number().describe('Epoch ms; 0 for those that come with Pharos.'),
  savedBy: z.string(),
  builtIn: z.boolean(),
  starred: z.boolean(),
  panels: z.number(),
});

export function summarize(stored: Stored, starred: boolean): z.output<typeof summary> {
  const { uid, title, description, folder, tags, panels } = stored.dashboard;
  const { version, savedAt, savedBy, builtIn } = stored;
  const count = panels.filter(({ type }) => type !== 'row').length;
  return {
    uid,
    title,
    description,
    folder,
    tags,
    version,
    savedAt,
    savedBy,
    builtIn,
    starred,
    panels: count,
  };
}

export const versionFacts = z.object({
  version: z.number(),
  savedAt: z.number(),
  savedBy: z.string(),
  message: z.string(),
});

export function factsOf({ version, savedAt, savedBy, message }: Saved): z.output<typeof versionFacts> {
  return { version, savedAt, savedBy, message };
}

export const whole = versionFacts.extend({
  builtIn: z.boolean(),
  starred: z.boolean(),
  createdAt: z.number(),
  createdBy: z.string(),
  dashboard,
});

export function wholeOf(stored: Stored, starred: boolean): z.output<typeof whole> {
  return { ...stored, starred };
}

export const imported = z.object({
  dashboard,
  saved: versionFacts.nullable().describe('Null when it was only looked at.'),
  notes: z.array(noteSchema).describe('What was changed or could not be taken over, each with its place.'),
});

const counted = z.array(z.object({ name: z.string(), count: z.number() }));
export const listing = z.object({ dashboards: z.array(summary), folders: counted, tags: counted });

/** How often each name stands in the lists, by name. */
export function countNames(lists: readonly (readonly string[])[]): { name: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const name of lists.flat()) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts]
    .map(([name, count]) => ({ name, count }))
    .sort((a, b) => a.name.localeCompare(b.name, 'en'));
}
