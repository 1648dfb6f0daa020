import { ActionIcon, Tooltip } from '@mantine/core';
import type { FunctionComponent } from 'react';
import {
  IconAlertOctagon,
  IconAlertTriangle,
  IconInfoCircle,
  IconTerminal,
  IconTrash,
  IconWand,
  IconZoomQuestion,
} from '../../ui/icons.ts';
import { PromqlEditor, type QueryNote } from '../../ui/promql-editor/index.ts';
import styles from './explorer.module.css';

export interface QueryRowProps {
  readonly letter: string;
  readonly text: string;
  readonly on: boolean;
  readonly notes: readonly QueryNote[];
  /** Whether the text is what was last run, so that its notes still have their places. */
  readonly current: boolean;
  readonly only: boolean;
  readonly onChange: (text: string) => void;
  readonly onRun: () => void;
  readonly onToggle: () => void;
  readonly onFormat: () => void;
  readonly onCurl: () => void;
  readonly onInspect: () => void;
  readonly onRemove: () => void;
}

const NOTE_ICON = { error: IconAlertOctagon, warning: IconAlertTriangle, info: IconInfoCircle } as const;
const NOTE_WORD = { error: 'Error', warning: 'Warning', info: 'Info' } as const;
const NONE: readonly QueryNote[] = [];

function Tool(props: {
  readonly label: string;
  readonly icon: FunctionComponent<{ size?: number }>;
  readonly onClick: () => void;
}) {
  return (
    <Tooltip label={props.label} openDelay={400}>
      <ActionIcon variant="subtle" color="gray" size={30} aria-label={props.label} onClick={props.onClick}>
        <props.icon size={16} />
      </ActionIcon>
    </Tooltip>
  );
}

function Note({ note, text }: { readonly note: QueryNote; readonly text: string }) {
  const Icon = NOTE_ICON[note.severity];
  const part = note.to - note.from < text.length ? text.slice(note.from, note.to) : '';
  return (
    <li className={styles[note.severity]}>
      <Icon size={14} aria-hidden />
      <b>{NOTE_WORD[note.severity]}</b>
      <span>
        {note.message} {part !== '' && <code>at “{part}”</code>}
      </span>
    </li>
  );
}

/** One expression with its editor, what can be done with it, and what the server said about it. */
export function QueryRow(props: QueryRowProps) {
  const { letter, text, on, notes, current } = props;
  return (
    <li className={styles['query']} aria-label={`Query ${letter}`}>
      <Tooltip label={on ? `Switch ${letter} off` : `Switch ${letter} on`} openDelay={400}>
        <button
          type="button"
          className={styles['letter']}
          aria-pressed={on}
          aria-label={`Query ${letter} is ${on ? 'on' : 'off'}`}
          onClick={props.onToggle}
        >
          {letter}
        </button>
      </Tooltip>
      <PromqlEditor
        label={`Query ${letter}`}
        value={text}
        onChange={props.onChange}
        onSubmit={props.onRun}
        notes={current ? notes : NONE}
        placeholder="PromQL, e.g. sum by (job) (rate(http_requests_total[5m])). Enter runs it."
      />
      <div className={styles['tools']}>
        <Tool label={`Format query ${letter}`} icon={IconWand} onClick={props.onFormat} />
        <Tool label={`Inspect query ${letter}`} icon={IconZoomQuestion} onClick={props.onInspect} />
        <Tool label={`Copy query ${letter} as curl`} icon={IconTerminal} onClick={props.onCurl} />
        {!props.only && <Tool label={`Remove query ${letter}`} icon={IconTrash} onClick={props.onRemove} />}
      </div>
      {on && notes.length > 0 && (
        <ul className={styles['notes']} aria-live="polite">
          {notes.map((note) => (
            <Note key={`${note.severity} ${note.from} ${note.message}`} note={note} text={text} />
          ))}
        </ul>
      )}
    </li>
  );
}
