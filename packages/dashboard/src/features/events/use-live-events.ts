import { useCallback, useEffect, useRef, useState } from 'react';
import { apiUrl } from '../../api/base.ts';
import { streamSchema } from './contracts.ts';
import { arrived, type LiveRows, MOST_LIVE, NO_LIVE, released } from './live-rows.ts';
import { type EventsFilter, keeps } from './search.ts';

interface LiveOptions {
  readonly filter: EventsFilter;
  /** Whether the stream is to be read at all. */
  readonly enabled: boolean;
  /** The reader looks at something that must not move away. */
  readonly isHeld: boolean;
  /** Names the list that the rows stand above; another one begins without them. */
  readonly above: string;
  /** Ids of the events that are listed already. */
  readonly known: ReadonlySet<string>;
  /** Reads the list from the store again. */
  readonly refresh: () => void;
}

function parsed(data: unknown): unknown {
  try {
    return typeof data === 'string' ? JSON.parse(data) : null;
  } catch {
    return null;
  }
}

/** Events as they are judged, from the server's stream; a lost connection is taken up again by the browser. */
export function useLiveEvents({ filter, enabled, isHeld, above, known, refresh }: LiveOptions) {
  const [state, setState] = useState<{ readonly above: string; readonly rows: LiveRows }>({
    above,
    rows: NO_LIVE,
  });
  const [connected, setConnected] = useState(false);
  if (state.above !== above) setState({ above, rows: NO_LIVE });
  const latest = useRef({ filter, isHeld, known });
  latest.current = { filter, isHeld, known };
  useEffect(() => {
    if (!enabled) return undefined;
    const source = new EventSource(apiUrl('api/v1/monitoring/stream'));
    source.addEventListener('open', () => setConnected(true));
    source.addEventListener('error', () => setConnected(false));
    source.addEventListener('events', (message: MessageEvent<unknown>) => {
      const read = streamSchema.safeParse(parsed(message.data));
      if (!read.success) return;
      const { count, events } = read.data;
      const now = latest.current;
      // What the list was read after is in it, those among them too that the stream only counts.
      const fresh = events.filter(({ id }) => !now.known.has(id));
      if (fresh.length === 0) return;
      const kept = fresh.filter((event) => keeps(now.filter, event));
      const more = { leftOut: count - events.length, isHeld: now.isHeld };
      setState((before) => ({ ...before, rows: arrived(before.rows, kept, more) }));
    });
    return () => {
      setConnected(false);
      source.close();
    };
  }, [enabled]);
  const full = state.rows.shown.length > MOST_LIVE;
  useEffect(() => {
    if (full) refresh();
  }, [full, refresh]);
  const release = useCallback(() => setState((before) => ({ ...before, rows: released(before.rows) })), []);
  return { rows: state.rows, connected, release };
}
