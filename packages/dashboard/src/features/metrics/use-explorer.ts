import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import { remember } from './history.ts';
import { type ExplorerSearch, letterOf, MAX_QUERIES } from './search.ts';
import type { Active } from './use-results.ts';

/** One row of the page: what stands in its editor, and what of it was last run. */
export interface Draft {
  readonly text: string;
  readonly ran: string;
  readonly on: boolean;
}

function draftsOf({ q = [''], off = '' }: ExplorerSearch): Draft[] {
  return q.map((text, index) => ({ text, ran: text, on: !off.includes(letterOf(index)) }));
}

/**
 * The explorer's state. What was run is the URL, so that back, forward and sharing work; what is being typed is only here until
 * it is run.
 */
export function useExplorer() {
  const search = useSearch({ from: '/explore' });
  const navigate = useNavigate({ from: '/explore' });
  const [drafts, setDrafts] = useState(() => draftsOf(search));
  const shared = JSON.stringify([search.q ?? [''], search.off ?? '']);
  useEffect(() => {
    // The URL changed by itself (back, forward, a link): it wins over what stands in the editors.
    setDrafts((current) => (urlOf(current) === shared ? current : draftsOf(search)));
    // `shared` stands for the parts of `search` that are read.
  }, [shared]);

  const publish = (next: readonly Draft[]): void => {
    const run = next.map((draft) => ({ ...draft, ran: draft.text }));
    setDrafts(run);
    remember(
      localStorage,
      run.filter(({ on }) => on).map(({ text }) => text),
      Date.now(),
    );
    const off = run.map(({ on }, index) => (on ? '' : letterOf(index))).join('');
    void navigate({
      search: (previous) => ({
        ...previous,
        q: run.every(({ text }) => text === '') ? undefined : run.map(({ text }) => text),
        off: off === '' ? undefined : off,
      }),
    });
  };
  const active = useMemo<readonly Active[]>(
    () => drafts.flatMap(({ ran, on }, index) => (on && ran.trim() !== '' ? [{ index, text: ran }] : [])),
    [drafts],
  );
  return {
    search,
    drafts,
    active,
    edit: (index: number, text: string) =>
      setDrafts((current) => current.map((draft, at) => (at === index ? { ...draft, text } : draft))),
    run: () => publish(drafts),
    toggle: (index: number) =>
      publish(drafts.map((draft, at) => (at === index ? { ...draft, on: !draft.on } : draft))),
    remove: (index: number) => publish(drafts.filter((_, at) => at !== index)),
    replace: (queries: readonly string[]) =>
      publish(queries.slice(0, MAX_QUERIES).map((text) => ({ text, ran: '', on: true }))),
    /** Puts the text into the first empty row, or a new one, and runs it. */
    add: (text: string) => {
      const free = drafts.findIndex((draft) => draft.text.trim() === '');
      if (free >= 0) publish(drafts.map((draft, at) => (at === free ? { ...draft, text } : draft)));
      else if (drafts.length < MAX_QUERIES) publish([...drafts, { text, ran: '', on: true }]);
    },
    addEmpty: () =>
      setDrafts((current) =>
        current.length < MAX_QUERIES ? [...current, { text: '', ran: '', on: true }] : current,
      ),
    full: drafts.length >= MAX_QUERIES,
    show: (next: Partial<ExplorerSearch>) =>
      void navigate({ search: (previous) => ({ ...previous, ...next }), replace: true }),
  };
}

function urlOf(drafts: readonly Draft[]): string {
  const off = drafts.map(({ on }, index) => (on ? '' : letterOf(index))).join('');
  return JSON.stringify([drafts.map(({ ran }) => ran), off]);
}

export type Explorer = ReturnType<typeof useExplorer>;
