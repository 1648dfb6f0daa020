import { z } from 'zod';
import type { Transformation } from '../panel-model.ts';
import type { ImportContext } from './context.ts';
import { type Json, record, records, text } from './json.ts';

const KNOWN: Readonly<Record<string, Transformation['id']>> = {
  organize: 'organize',
  merge: 'merge',
  labelsToFields: 'labelsToFields',
  reduce: 'reduce',
  filterFieldsByName: 'filterFieldsByName',
  filterByRefId: 'filterByRefId',
  sortBy: 'sortBy',
  renameByRegex: 'renameByRegex',
  joinByField: 'joinByField',
  seriesToColumns: 'joinByField',
  limit: 'limit',
  groupBy: 'groupBy',
  calculateField: 'calculateField',
  seriesToRows: 'seriesToRows',
};
const options = z.record(z.string().max(100), z.json());

/** Those that Pharos has too keep their options as they are; the others are named. */
export function transformationsOf(value: unknown, { report }: ImportContext): Transformation[] {
  return records(value)
    .slice(0, 50)
    .flatMap((entry: Json) => {
      const name = text(entry['id']);
      const id = Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined;
      const parsed = options.safeParse(record(entry['options']));
      if (id === undefined || !parsed.success) {
        report.lost(`the transformation "${name}"`);
        return [];
      }
      return { id, disabled: entry['disabled'] === true, options: parsed.data };
    });
}
