import { ActionIcon, Button, Select } from '@mantine/core';
import type { ReactNode } from 'react';
import { IconArrowDown, IconArrowUp, IconTrash } from '../../../ui/icons.ts';
import type { Panel } from '../model.ts';
import styles from './edit.module.css';

export interface PartProps {
  readonly panel: Panel;
  readonly set: (change: Partial<Panel>) => void;
}

export const toNumber = (value: string | number): number | undefined =>
  value === '' || Number.isNaN(Number(value)) ? undefined : Number(value);

/** Colours a form offers; any other that a dashboard brought stays in the list. */
const COLOR_NAMES = ['green', 'yellow', 'orange', 'red', 'blue', 'purple', 'gray', 'text', 'transparent'];

export function ColorSelect({
  label,
  value,
  onChange,
  bare = false,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (color: string) => void;
  /** The label is for readers of the screen only. */
  readonly bare?: boolean;
}) {
  return (
    <Select
      size="xs"
      w={120}
      {...(bare ? { 'aria-label': label } : { label })}
      allowDeselect={false}
      data={[...new Set([...COLOR_NAMES, value])]}
      value={value}
      onChange={(color) => color !== null && onChange(color)}
    />
  );
}

export interface EntriesProps<T> {
  /** What one entry is called, for its heading and its buttons. */
  readonly what: string;
  readonly entries: readonly T[];
  readonly onChange: (entries: T[]) => void;
  readonly make: () => T;
  readonly titleOf?: (entry: T, index: number) => string;
  /** Whether their order means something. */
  readonly ordered?: boolean;
  readonly children: (entry: T, change: (to: T) => void, index: number) => ReactNode;
}

/** A list that grows, shrinks and is put in order. */
export function Entries<T>({
  what,
  entries,
  onChange,
  make,
  titleOf,
  ordered = false,
  children,
}: EntriesProps<T>) {
  const put = (index: number, to: T): void =>
    onChange(entries.map((entry, place) => (place === index ? to : entry)));
  const move = (index: number, by: 1 | -1): void => {
    const next = [...entries];
    const [moved] = next.splice(index, 1);
    if (moved !== undefined) next.splice(index + by, 0, moved);
    onChange(next);
  };
  return (
    <div className={styles['stack']}>
      {entries.map((entry, index) => (
        <fieldset key={index} className={styles['query']}>
          <legend>
            {titleOf?.(entry, index) ?? `${what.charAt(0).toUpperCase()}${what.slice(1)} ${index + 1}`}
          </legend>
          <div className={styles['entry']}>
            <div className={styles['entryBody']}>{children(entry, (to) => put(index, to), index)}</div>
            <div className={styles['entryTools']}>
              {ordered && (
                <>
                  <Tool
                    label={`Earlier: ${what} ${index + 1}`}
                    disabled={index === 0}
                    run={() => move(index, -1)}
                  >
                    <IconArrowUp size={16} />
                  </Tool>
                  <Tool
                    label={`Later: ${what} ${index + 1}`}
                    disabled={index === entries.length - 1}
                    run={() => move(index, 1)}
                  >
                    <IconArrowDown size={16} />
                  </Tool>
                </>
              )}
              <Tool
                label={`Remove ${what} ${index + 1}`}
                run={() => onChange(entries.filter((_, place) => place !== index))}
              >
                <IconTrash size={16} />
              </Tool>
            </div>
          </div>
        </fieldset>
      ))}
      <div>
        <Button size="compact-xs" variant="default" onClick={() => onChange([...entries, make()])}>
          Add {/^[aeiou]/.test(what) ? 'an' : 'a'} {what}
        </Button>
      </div>
    </div>
  );
}

function Tool({
  label,
  run,
  disabled = false,
  children,
}: {
  readonly label: string;
  readonly run: () => void;
  readonly disabled?: boolean;
  readonly children: ReactNode;
}) {
  return (
    <ActionIcon variant="subtle" color="gray" aria-label={label} disabled={disabled} onClick={run}>
      {children}
    </ActionIcon>
  );
}
