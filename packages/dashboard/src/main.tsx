import './app/language.ts';
import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import '@mantine/core/styles.css';
import './app/theme.css';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiError } from './api/client.ts';
import { loadAhead, loadPageAtHand, router } from './app/router.tsx';
import { theme } from './app/theme.ts';
import { LiveProvider } from './live/provider.tsx';

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // Pharos is often on this very machine: "offline" to the browser says nothing about reaching it.
      networkMode: 'always',
      staleTime: 2000,
      retry: (failures, error) => failures < 1 && !(error instanceof ApiError && error.kind === 'refused'),
      retryDelay: 1000,
      refetchOnWindowFocus: true,
    },
  },
});

loadPageAtHand(queries);
const root = document.getElementById('root');
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <MantineProvider
        theme={theme}
        defaultColorScheme="auto"
        colorSchemeManager={localStorageColorSchemeManager({ key: 'pharos-theme' })}
      >
        <QueryClientProvider client={queries}>
          <LiveProvider>
            <RouterProvider router={router} />
          </LiveProvider>
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
  loadAhead(() => queries.isFetching() > 0);
}
