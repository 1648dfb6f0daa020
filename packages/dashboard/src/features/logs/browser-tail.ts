import { apiUrl } from '../../api/base.ts';
import type { TailParts } from './tail-client.ts';

const PATH = 'loki/api/v1/tail';

/** The tail client's parts in a real browser. */
export const browserTail: TailParts = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  open: (params, handlers) => {
    const url = new URL(apiUrl(PATH, params), window.location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url);
    socket.addEventListener('open', handlers.opened);
    socket.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (typeof data === 'string') handlers.message(data);
    });
    const onClose = ({ reason }: CloseEvent): void => handlers.closed(reason);
    socket.addEventListener('close', onClose);
    return () => {
      socket.removeEventListener('close', onClose);
      socket.close();
    };
  },
};
