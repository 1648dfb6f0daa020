import { Button } from '@mantine/core';
import { useState } from 'react';
import type { EventDetail, Frame } from './contracts.ts';
import styles from './errors.module.css';

function FrameRow({ frame }: { readonly frame: Frame }) {
  const { context } = frame;
  const before = context === null ? 0 : frame.line - context.pre.length;
  return (
    <li className={styles['frame']} data-own={frame.in_app}>
      <code>
        <b>{frame.function === '' ? 'anonymous' : frame.function}</b> {frame.file}
        {frame.line > 0 && `:${frame.line}`}
        {frame.column > 0 && `:${frame.column}`}
      </code>
      {context !== null && (
        <pre className={styles['source']}>
          {[...context.pre, context.line, ...context.post].map((line, index) => (
            <span key={before + index} data-here={index === context.pre.length}>
              {`${String(before + index).padStart(5)}  ${line}\n`}
            </span>
          ))}
        </pre>
      )}
    </li>
  );
}

function Thrown({
  thrown,
  cause,
}: {
  readonly thrown: EventDetail['exceptions'][number];
  readonly cause: boolean;
}) {
  const own = thrown.frames.filter(({ in_app }) => in_app);
  const [all, setAll] = useState(own.length === 0);
  const shown = all ? thrown.frames : own;
  const hidden = thrown.frames.length - own.length;
  return (
    <div className={styles['thrown']}>
      <h3>
        {cause && <span className={styles['quiet']}>caused by </span>}
        {thrown.name}
        {thrown.code !== '' && <code> {thrown.code}</code>}
      </h3>
      <p className={styles['message']}>{thrown.message}</p>
      <ol className={styles['frames']}>
        {shown.map((frame, index) => (
          // The same call may stand in a stack many times.
          <FrameRow key={`${frame.file}:${frame.line}:${frame.column} ${index}`} frame={frame} />
        ))}
      </ol>
      {own.length > 0 && hidden > 0 && (
        <Button size="compact-xs" variant="subtle" onClick={() => setAll(!all)}>
          {all ? 'Only own frames' : `${hidden} ${hidden === 1 ? 'frame' : 'frames'} of others`}
        </Button>
      )}
    </div>
  );
}

/** The error and what caused it, each with the service's own frames first. */
export function Stack({ event }: { readonly event: EventDetail }) {
  return (
    <>
      {event.exceptions.map((thrown, index) => (
        <Thrown key={`${event.id} ${thrown.name} ${index}`} thrown={thrown} cause={index > 0} />
      ))}
      {event.exceptions.length === 0 && <p className={styles['message']}>{event.message}</p>}
    </>
  );
}
