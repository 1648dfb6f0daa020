import { Button } from '@mantine/core';
import { useState } from 'react';
import type { Zone } from '../../ui/format.ts';
import { Bone, ErrorLine } from '../../ui/states.tsx';
import { clockOf } from './clock.ts';
import { Level } from './level.tsx';
import type { LogLine } from './lines.ts';
import styles from './logs.module.css';
import { type Scope, useContext } from './use-context.ts';

/** A row shows the beginning of what may be a very long line. */
const SHOWN = 2000;

/** Lines come in the order of the list that the line stands in. */
export type Order = 'newest first' | 'oldest first';

const SCOPES: readonly (readonly [scope: Scope, words: string])[] = [
  ['stream', 'Same stream'],
  ['service', 'Whole service'],
];

function Row({ line, zone, own }: { readonly line: LogLine; readonly zone: Zone; readonly own: boolean }) {
  return (
    <li className={styles['contextRow']} aria-current={own ? 'true' : undefined} data-level={line.level}>
      <span className={`${styles['time']} num`}>{clockOf(line.at, zone, false)}</span>
      <Level level={line.level} />
      <span className={styles['contextText']}>{line.text.slice(0, SHOWN) || '(empty line)'}</span>
    </li>
  );
}

interface MoreProps {
  readonly side: ReturnType<typeof useContext>['older'];
  readonly words: 'older' | 'newer';
}

function More({ side: { answer, lines }, words }: MoreProps) {
  if (answer.isPending) return <Bone height={60} />;
  if (answer.error !== null) return <ErrorLine what={`The ${words} lines`} error={answer.error} />;
  if (answer.hasNextPage)
    return (
      <Button
        size="compact-xs"
        variant="subtle"
        loading={answer.isFetchingNextPage}
        onClick={() => void answer.fetchNextPage()}
      >
        Show {words} lines
      </Button>
    );
  return (
    <p className={styles['quiet']}>
      {lines.length === 0 ? `No ${words} line within a day.` : `No ${words} line before a day has passed.`}
    </p>
  );
}

interface LineContextProps {
  readonly line: LogLine;
  readonly zone: Zone;
  readonly order: Order;
}

/** What was written before and after a line, in its place, whatever the query leaves out. */
export function LineContext({ line, zone, order }: LineContextProps) {
  const [scope, setScope] = useState<Scope>('stream');
  const { older, newer } = useContext(line, scope);
  const [above, below] = order === 'newest first' ? [newer, older] : [older, newer];
  const names = order === 'newest first' ? (['newer', 'older'] as const) : (['older', 'newer'] as const);
  return (
    <section className={styles['context']} aria-label="Lines around it">
      <div className={styles['detailHead']} role="group" aria-label="Whose lines">
        {SCOPES.map(([own, words]) => (
          <Button
            key={own}
            size="compact-xs"
            variant="default"
            className={styles['chip'] ?? ''}
            data-chosen={own === scope}
            aria-pressed={own === scope}
            onClick={() => setScope(own)}
          >
            {words}
          </Button>
        ))}
        <span>{order}</span>
      </div>
      <More side={above} words={names[0]} />
      <ol className={styles['contextRows']}>
        {above.lines.toReversed().map((other) => (
          <Row key={other.key} line={other} zone={zone} own={false} />
        ))}
        <Row line={line} zone={zone} own />
        {below.lines.map((other) => (
          <Row key={other.key} line={other} zone={zone} own={false} />
        ))}
      </ol>
      <More side={below} words={names[1]} />
    </section>
  );
}
