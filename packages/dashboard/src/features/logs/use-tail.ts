import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { z } from 'zod';
import { request } from '../../api/client.ts';
import { useNow } from '../../time/use-now.ts';
import { browserTail } from './browser-tail.ts';
import { arrived, cleared, EMPTY_TAIL, hold } from './tail-buffer.ts';
import { TailClient, type TailState } from './tail-client.ts';

const RATE_SECONDS = 5;
const formatSchema = z.object({ data: z.string() });

/** Whether a query can be followed: why it cannot be read, or that it counts. A WebSocket that is refused does not say why. */
export function useFollowable(query: string) {
  const { data, error } = useQuery({
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    queryKey: ['log-format', query],
    queryFn: ({ signal }) => request('loki/api/v1/format_query', formatSchema, { signal, params: { query } }),
  });
  return { error, counts: data !== undefined && !data.data.startsWith('{') };
}

/** Lines a second over the last seconds. */
function useRate(received: number): number {
  const samples = useRef<{ readonly at: number; readonly received: number }[]>([]);
  const at = useNow();
  const known = samples.current;
  if (known.at(-1)?.at !== at) known.push({ at, received });
  if (known.length > RATE_SECONDS + 1) known.shift();
  const [first, last] = [known[0], known.at(-1)];
  if (first === undefined || last === undefined || last.at <= first.at) return 0;
  return Math.max(0, ((last.received - first.received) * 1000) / (last.at - first.at));
}

/** The lines of a query as they come; while `held`, what is shown stands still. */
export function useTail(query: string, held: boolean) {
  const [buffer, setBuffer] = useState(EMPTY_TAIL);
  const [state, setState] = useState<TailState>({ at: 'connecting' });
  const client = useRef<TailClient | null>(null);
  useEffect(() => {
    setBuffer(({ isHeld }) => ({ ...EMPTY_TAIL, isHeld }));
    const own = new TailClient(query, browserTail, {
      state: setState,
      arrived: (arrivals) => setBuffer((current) => arrived(current, arrivals)),
    });
    client.current = own;
    own.start();
    return () => own.stop();
  }, [query]);
  useEffect(() => setBuffer((current) => hold(current, held)), [held]);
  return {
    buffer,
    state,
    rate: useRate(buffer.received),
    clear: () => setBuffer(cleared),
    retry: () => client.current?.start(),
  };
}

export type Tail = ReturnType<typeof useTail>;
