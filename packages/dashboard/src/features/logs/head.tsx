import { Button, Tooltip } from '@mantine/core';
import { copyText } from '../../ui/copy.ts';
import { IconCopy, IconList, IconShare, IconTextWrap } from '../../ui/icons.ts';
import type { LogLine } from './lines.ts';
import styles from './logs.module.css';
import { SavedSearches } from './saved-searches.tsx';
import type { LogsView } from './search.ts';
import type { LogQuery } from './use-log-query.ts';

function Actions({ log, lines }: { readonly log: LogQuery; readonly lines: readonly LogLine[] }) {
  const copy = (): void => {
    const texts = lines.map(({ at, level, service, text }) =>
      [new Date(at).toISOString(), level, service, text].join('\t'),
    );
    copyText(texts.join('\n'), `${lines.length.toLocaleString('en')} lines`);
  };
  return (
    <div className={styles['actions']}>
      <Button
        size="xs"
        variant="default"
        leftSection={<IconTextWrap size={14} />}
        aria-pressed={log.wrap}
        data-chosen={log.wrap}
        className={styles['chip'] ?? ''}
        onClick={log.toggleWrap}
      >
        Wrap
      </Button>
      <Tooltip label="Copies the loaded lines, parted by tabs" openDelay={400}>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconCopy size={14} />}
          disabled={lines.length === 0}
          onClick={copy}
        >
          Copy
        </Button>
      </Tooltip>
      <Tooltip label="Copies a link to this query and this time range" openDelay={400}>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconShare size={14} />}
          onClick={() => copyText(window.location.href, 'The link')}
        >
          Share
        </Button>
      </Tooltip>
    </div>
  );
}

const VIEWS: readonly (readonly [view: LogsView | undefined, words: string])[] = [
  [undefined, 'Lines'],
  ['live', 'Live'],
  ['patterns', 'Patterns'],
];

function Views({ log }: { readonly log: LogQuery }) {
  return (
    <div className={styles['views']} role="group" aria-label="View">
      {VIEWS.map(([view, words]) => (
        <Button
          key={words}
          size="xs"
          variant="default"
          className={styles['chip'] ?? ''}
          data-chosen={log.view === view}
          aria-pressed={log.view === view}
          onClick={() => log.show(view)}
        >
          {words}
        </Button>
      ))}
    </div>
  );
}

interface HeadProps {
  readonly log: LogQuery;
  readonly lines: readonly LogLine[];
  readonly fields?: { readonly isOpen: boolean; readonly toggle: () => void };
}

/** The page's name, its views and what can be done with the lines. */
export function Head({ log, lines, fields }: HeadProps) {
  return (
    <div className={styles['head']}>
      <h1>Logs</h1>
      <Views log={log} />
      <SavedSearches log={log} />
      {fields !== undefined && (
        <Button
          size="xs"
          variant="default"
          leftSection={<IconList size={14} />}
          className={styles['chip'] ?? ''}
          data-chosen={fields.isOpen}
          aria-pressed={fields.isOpen}
          onClick={fields.toggle}
        >
          Fields
        </Button>
      )}
      <Actions log={log} lines={lines} />
    </div>
  );
}
