import { useState } from 'react';
import { z } from 'zod';
import { request } from '../../api/client.ts';
import { boundsOf, type TimeRange } from '../../time/range.ts';
import { copyText } from '../../ui/copy.ts';
import { commandOf, type Inspected, QueryInspector } from '../../ui/inspector/query-inspector.tsx';
import { plain } from '../../ui/promql-editor/index.ts';
import { toastFailed } from '../../ui/toast.ts';
import styles from './explorer.module.css';
import { QueryRow } from './query-row.tsx';
import { letterOf } from './search.ts';
import type { Explorer } from './use-explorer.ts';
import { gridOf, type InstantResult, notesOf, type RangeResult } from './use-results.ts';

const formatted = z.object({ data: z.string() });

export interface QueryListProps {
  readonly explorer: Explorer;
  readonly results: readonly (RangeResult | InstantResult)[];
  readonly range: TimeRange;
  readonly table: boolean;
}

/** A query as the page asks it now. */
function inspectedOf(letter: string, query: string, range: TimeRange, table: boolean): Inspected {
  const now = Date.now();
  const end = boundsOf(range, now).to / 1000;
  const title = `Query ${letter}`;
  return table ? { title, query, start: end, end, step: 0 } : { title, query, ...gridOf(range, now) };
}

/** Every query with its editor and tools. */
export function QueryList({ explorer, results, range, table }: QueryListProps) {
  const { drafts, active } = explorer;
  const [inspected, setInspected] = useState<Inspected | null>(null);
  const format = (index: number, query: string): void => {
    request('api/v1/format_query', formatted, { params: { query } }).then(
      ({ data }) => explorer.edit(index, data),
      (error: unknown) => toastFailed('The query cannot be formatted', new Error(plain(String(error)))),
    );
  };
  return (
    <>
      <ul className={styles['queries']} aria-label="Queries">
        {drafts.map((draft, index) => {
          const letter = letterOf(index);
          const { text } = draft;
          const result = results[active.findIndex((one) => one.index === index)];
          return (
            <QueryRow
              key={letter}
              letter={letter}
              text={text}
              on={draft.on}
              current={text === draft.ran}
              notes={notesOf(result, draft.ran)}
              only={drafts.length === 1}
              onChange={(next) => explorer.edit(index, next)}
              onRun={explorer.run}
              onToggle={() => explorer.toggle(index)}
              onFormat={() => format(index, text)}
              onCurl={() =>
                copyText(commandOf(inspectedOf(letter, text, range, table)), `Query ${letter} as curl`)
              }
              onInspect={() => setInspected(inspectedOf(letter, text, range, table))}
              onRemove={() => explorer.remove(index)}
            />
          );
        })}
      </ul>
      <QueryInspector inspected={inspected} close={() => setInspected(null)} />
    </>
  );
}
