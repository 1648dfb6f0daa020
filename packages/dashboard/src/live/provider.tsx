import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from 'react';
import { apiUrl } from '../api/base.ts';
import { alertCountsSchema, healthEventSchema, summarySchema } from '../api/contracts.ts';
import { keys } from '../api/keys.ts';
import { browserParts } from './browser.ts';
import { createLiveClient, type LiveClient } from './client.ts';
import type { Connection, StreamEvent } from './machine.ts';
import { createStore, type Store } from './store.ts';

export interface Live {
  readonly connection: Connection;
  readonly retryAt: number | null;
  /** When the newest event of the stream came; null before the first. */
  readonly lastEventAt: number | null;
  readonly paused: boolean;
  readonly setPaused: (paused: boolean) => void;
  readonly retryNow: () => void;
}

interface LiveInside {
  readonly client: LiveClient;
  readonly paused: Store<boolean>;
}

const LiveContext = createContext<LiveInside | null>(null);

function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}

/** Puts an event where the pages read. One that does not parse makes them ask by request, where the fault is shown. */
function deliver(queries: QueryClient, event: StreamEvent): void {
  switch (event.name) {
    case 'health': {
      const health = healthEventSchema.safeParse(parsed(event.data));
      if (health.success) queries.setQueryData(keys.health(), health.data);
      else void queries.invalidateQueries({ queryKey: keys.health() });
      return;
    }
    case 'summary': {
      const summary = summarySchema.safeParse(parsed(event.data));
      if (summary.success) queries.setQueryData(keys.summary(), summary.data);
      else void queries.invalidateQueries({ queryKey: keys.summary() });
      return;
    }
    case 'alerts': {
      const counts = alertCountsSchema.safeParse(parsed(event.data));
      if (counts.success) queries.setQueryData(keys.alerts('counts'), counts.data);
      for (const part of ['list', 'one', 'silences'] as const)
        void queries.invalidateQueries({ queryKey: keys.alerts(part) }, { cancelRefetch: false });
      return;
    }
    case 'annotation':
      void queries.invalidateQueries({ queryKey: keys.annotations() });
      return;
    case 'breakers':
      void queries.invalidateQueries({ queryKey: keys.breakers('all') });
      return;
    case 'error_group':
      // Many come at once when a deployment goes wrong: an answer that is on its way is not asked for again.
      void queries.invalidateQueries({ queryKey: keys.errors('all') }, { cancelRefetch: false });
      return;
  }
}

export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const queries = useQueryClient();
  const [inside] = useState<LiveInside>(() => {
    const paused = createStore(false);
    const client = createLiveClient(browserParts(apiUrl('api/v1/stream')), (event) => {
      if (!paused.get()) deliver(queries, event);
    });
    return { client, paused };
  });
  useEffect(() => {
    const { client } = inside;
    client.start();
    const leave = (): void => client.stop();
    const online = (): void => client.retryNow();
    window.addEventListener('pagehide', leave);
    window.addEventListener('online', online);
    return () => {
      window.removeEventListener('pagehide', leave);
      window.removeEventListener('online', online);
      client.stop();
    };
  }, [inside]);
  return <LiveContext value={inside}>{children}</LiveContext>;
}

export function useLive(): Live {
  const inside = useContext(LiveContext);
  if (inside === null) throw new Error('useLive needs a LiveProvider above it');
  const queries = useQueryClient();
  const state = useSyncExternalStore(inside.client.state.subscribe, inside.client.state.get);
  const paused = useSyncExternalStore(inside.paused.subscribe, inside.paused.get);
  return useMemo(
    () => ({
      connection: state.connection,
      retryAt: state.phase.role === 'leading' ? state.phase.retryAt : null,
      lastEventAt: state.lastEventAt,
      paused,
      setPaused: (next: boolean) => {
        inside.paused.set(next);
        if (!next) void queries.invalidateQueries();
      },
      retryNow: () => {
        inside.client.retryNow();
        void queries.invalidateQueries();
      },
    }),
    [state, paused, inside, queries],
  );
}
