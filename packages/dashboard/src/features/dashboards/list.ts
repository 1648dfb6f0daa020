import type { RangeSearch } from '../../time/range.ts';
import type { Summary } from './model.ts';

/** Filters of the list, as they stand in the address. */
export interface ListSearch extends RangeSearch {
  readonly q?: string | undefined;
  readonly tag?: string | undefined;
  readonly folder?: string | undefined;
  readonly starred?: boolean | undefined;
}

export function validateListSearch(search: Readonly<Record<string, unknown>>): ListSearch {
  const text = (name: string): string | undefined => {
    const value = search[name];
    return typeof value === 'string' && value !== '' ? value.slice(0, 200) : undefined;
  };
  const [q, tag, folder] = [text('q'), text('tag'), text('folder')];
  return {
    ...(q === undefined ? {} : { q }),
    ...(tag === undefined ? {} : { tag }),
    ...(folder === undefined ? {} : { folder }),
    ...(search['starred'] === true ? { starred: true } : {}),
  };
}

/** Favourites first, then by folder and title. */
export function matching(
  dashboards: readonly Summary[],
  { q, tag, folder, starred }: ListSearch,
): readonly Summary[] {
  const words = (q ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  return dashboards
    .filter((entry) => {
      const text = [entry.title, entry.folder, ...entry.tags].join(' ').toLowerCase();
      return (
        words.every((word) => text.includes(word)) &&
        (tag === undefined || entry.tags.includes(tag)) &&
        (folder === undefined || entry.folder === folder) &&
        (starred !== true || entry.starred)
      );
    })
    .toSorted(
      (a, b) =>
        Number(b.starred) - Number(a.starred) ||
        a.folder.localeCompare(b.folder, 'en') ||
        a.title.localeCompare(b.title, 'en'),
    );
}
