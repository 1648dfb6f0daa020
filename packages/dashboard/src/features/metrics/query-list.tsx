import { useState } from 'react';
import { z } from 'zod';
import { apiUrl } from '../../api/base.ts';
import { request } from '../../api/client.ts';
import { boundsOf, type TimeRange } from '../../time/range.ts';
import { plain } from '../../ui/promql-editor/index.ts';
import { toastFailed } from '../../ui/toast.ts';
import { copyText } from './copy.ts';
import { curlOf } from './curl.ts';
import styles from './explorer.module.css';
import { type Inspected, Inspector } from './inspector.tsx';
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

/** The request of a query as the page sends it. */
function requestOf(text: string, range: TimeRange, table: boolean) {
  const now = Date.now();
  const grid = gridOf(range, now);
  const times: Record<string, string> = table
    ? { time: String(boundsOf(range, now).to / 1000) }
    : { start: String(grid.start), end: String(grid.end), step: String(grid.step) };
  const path = table ? 'api/v1/query' : 'api/v1/query_range';
  return { url: new URL(apiUrl(path), window.location.href).href, params: { query: text, ...times } };
}

function sizeOf(result: RangeResult | InstantResult | undefined): { series: number; points: number } {
  const data = result?.data;
  if (data === undefined) return { series: 0, points: 0 };
  if ('vector' in data) return { series: data.vector.names.length, points: data.vector.names.length };
  const { names, values } = data.matrix;
  return { series: names.length, points: values.reduce((sum, one) => sum + Number(!Number.isNaN(one)), 0) };
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
              onCurl={() => {
                const { url, params } = requestOf(text, range, table);
                copyText(curlOf(url, params), `Query ${letter} as curl`);
              }}
              onInspect={() =>
                setInspected({
                  letter,
                  text,
                  facts: result?.data?.facts ?? null,
                  ...sizeOf(result),
                  ...requestOf(text, range, table),
                })
              }
              onRemove={() => explorer.remove(index)}
            />
          );
        })}
      </ul>
      <Inspector inspected={inspected} close={() => setInspected(null)} />
    </>
  );
}
