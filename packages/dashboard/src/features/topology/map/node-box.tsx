import type { CSSProperties, KeyboardEvent } from 'react';
import { formatValue } from '../../../ui/format.ts';
import { StatusIcon } from '../../../ui/status.tsx';
import type { Box } from '../layout/layout.ts';
import type { MapNode } from '../model.ts';
import styles from '../topology.module.css';
import { NodeIcon, nodeWords, shortName, typeWord } from '../words.tsx';

export interface NodeBoxProps {
  readonly node: MapNode;
  readonly box: Box;
  readonly compact: boolean;
  readonly chosen: boolean;
  /** What is not next to what is pointed at steps back. */
  readonly faint: boolean;
  readonly choose: () => void;
  readonly point: (on: boolean) => void;
  readonly onKeyDown: (event: KeyboardEvent<HTMLButtonElement>) => void;
}

/** One service, store or other: how it is, what comes in, how much of it fails and how long it takes. */
export function NodeBox({ node, box, compact, chosen, faint, choose, point, onKeyDown }: NodeBoxProps) {
  const { figures, status, presence, type, name } = node;
  const place: CSSProperties = {
    transform: `translate(${box.x}px, ${box.y}px)`,
    width: box.width,
    height: box.height,
  };
  return (
    <button
      type="button"
      className={styles['node']}
      style={place}
      data-node={node.id}
      data-status={status}
      data-type={type}
      data-chosen={chosen}
      data-faint={faint}
      data-gone={presence === 'gone'}
      aria-pressed={chosen}
      title={nodeWords(node)}
      onClick={choose}
      onKeyDown={onKeyDown}
      onPointerEnter={() => point(true)}
      onPointerLeave={() => point(false)}
      onFocus={() => point(true)}
      onBlur={() => point(false)}
    >
      <span className={styles['nodeTop']}>
        <NodeIcon type={type} size={14} />
        <span className={styles['nodeName']}>{compact ? shortName(name, type) : name}</span>
        <span className="sr-only">
          , {typeWord(type)}, {status}
        </span>
        {presence !== 'both' && <span className={styles['tag']}>{presence}</span>}
        <StatusIcon status={status} size={14} />
      </span>
      <span className={compact ? 'sr-only' : `${styles['nodeFigures']} num`}>
        {figures.calls === 0 ? (
          <span>{presence === 'gone' ? 'no calls now' : 'not called by anyone'}</span>
        ) : (
          <>
            <span>{formatValue(figures.rate, 'rate')}</span>
            <span data-failing={figures.errors > 0}>
              {formatValue(figures.error_ratio, 'ratio')}
              <span className="sr-only"> failed</span>
            </span>
            <span>
              <span className="sr-only">p95 </span>
              {formatValue(figures.p95, 'seconds')}
            </span>
          </>
        )}
      </span>
    </button>
  );
}
