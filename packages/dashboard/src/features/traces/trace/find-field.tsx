import { ActionIcon, TextInput } from '@mantine/core';
import { type RefObject, useEffect, useState } from 'react';
import { IconArrowDown, IconArrowUp, IconSearch } from '../../../ui/icons.ts';
import type { Found } from '../model/rows.ts';
import type { TraceSearch } from './search.ts';
import styles from './trace.module.css';

interface FindFieldProps {
  readonly input: RefObject<HTMLInputElement | null>;
  readonly text: string;
  readonly found: Found | null;
  /** The row whose detail is open, -1 for none. */
  readonly row: number;
  readonly step: (by: 1 | -1) => void;
  readonly set: (next: TraceSearch) => void;
}

/** Finds spans of the trace while one writes; Enter goes to the next. */
export function FindField({ input, text, found, row, step, set }: FindFieldProps) {
  const [draft, setDraft] = useState(text);
  useEffect(() => setDraft(text), [text]);
  const count = found?.rows.length ?? 0;
  const place = found === null ? -1 : found.rows.indexOf(row);
  return (
    <div className={styles['find']}>
      <TextInput
        ref={input}
        size="xs"
        className={styles['findInput'] ?? ''}
        aria-label="Find in the trace"
        placeholder="Find a name, an attribute, an id ( / )"
        leftSection={<IconSearch size={14} />}
        value={draft}
        onChange={(event) => {
          setDraft(event.currentTarget.value);
          set({ find: event.currentTarget.value || undefined });
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') step(event.shiftKey ? -1 : 1);
          if (event.key !== 'Escape') return;
          // Escape clears first, then leaves, so that the keys of the page work again.
          if (draft === '') event.currentTarget.blur();
          else set({ find: undefined, show: undefined });
        }}
      />
      {found !== null && (
        <>
          <span className={`${styles['quiet']} num`} role="status">
            {place >= 0 ? `${(place + 1).toLocaleString('en')} of ` : ''}
            {count.toLocaleString('en')} found
          </span>
          <ActionIcon
            size="sm"
            variant="default"
            aria-label="Previous span found"
            disabled={count === 0}
            onClick={() => step(-1)}
          >
            <IconArrowUp size={14} />
          </ActionIcon>
          <ActionIcon
            size="sm"
            variant="default"
            aria-label="Next span found"
            disabled={count === 0}
            onClick={() => step(1)}
          >
            <IconArrowDown size={14} />
          </ActionIcon>
        </>
      )}
    </div>
  );
}
